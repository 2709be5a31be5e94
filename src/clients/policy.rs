//! `--policy key=value`: what the server decides about a client, as an administrator writes it.

use serde_json::Value;

use crate::base::{Code, Result, Stop};
use crate::store::clients::ClientPolicy;

/// Sets one member of a policy. Lists are separated by commas; an empty value unsets an optional member.
///
/// # Errors
/// There is no such member, or the value does not fit it.
pub fn set(policy: &mut ClientPolicy, assignment: &str) -> Result<()> {
    let refuse = |sentence: String| Err(Stop::refuse(Code::InvalidRequest, sentence));
    let Some((key, text)) = assignment.split_once('=') else {
        return refuse("a policy is written key=value".to_owned());
    };
    let mut members = serde_json::to_value(&*policy)?;
    let Some(member) = members.get_mut(key) else {
        return refuse(format!("there is no policy `{key}`; there are {}", names()));
    };
    *member = match (&*member, text) {
        (Value::Array(_), text) => text.split(',').filter(|item| !item.is_empty()).map(Value::from).collect(),
        (_, "") => Value::Null,
        (_, text) => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
    };
    match serde_json::from_value(members) {
        Ok(changed) => *policy = changed,
        Err(error) => return refuse(format!("the policy `{key}` cannot be `{text}`: {error}")),
    }
    Ok(())
}

fn names() -> String {
    let members = serde_json::to_value(ClientPolicy::default()).unwrap_or_default();
    members.as_object().map(|members| members.keys().cloned().collect::<Vec<_>>().join(", ")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Method, Seconds};
    use crate::store::clients::{AccessTokenFormat, OrganizationUse};

    #[test]
    fn every_member_can_be_written() {
        let mut policy = ClientPolicy::default();
        for assignment in [
            "require_pkce=false",
            "first_party=true",
            "access_token_format=opaque",
            "refresh_rotation=false",
            "access_token_lifetime=60",
            "refresh_token_lifetime=120",
            "resources=https://a.test/api,https://b.test/",
            "serves=https://a.test/api",
            "sign_in_methods=password,passkey",
            "second_factor=true",
            "organization=required",
        ] {
            set(&mut policy, assignment).unwrap();
        }
        let expected = ClientPolicy {
            require_pkce: false,
            first_party: true,
            access_token_format: AccessTokenFormat::Opaque,
            refresh_rotation: false,
            access_token_lifetime: Some(Seconds(60)),
            refresh_token_lifetime: Some(Seconds(120)),
            resources: vec!["https://a.test/api".to_owned(), "https://b.test/".to_owned()],
            serves: vec!["https://a.test/api".to_owned()],
            sign_in_methods: vec![Method::Password, Method::Passkey],
            second_factor: true,
            organization: OrganizationUse::Required,
        };
        assert_eq!(policy, expected);
        set(&mut policy, "access_token_lifetime=").unwrap();
        assert_eq!(policy.access_token_lifetime, None);
    }

    #[test]
    fn a_policy_that_is_not_one_changes_nothing() {
        let mut policy = ClientPolicy::default();
        for bad in
            ["", "require_pkce", "pkce=false", "require_pkce=maybe", "access_token_format=paseto", "first_party="]
        {
            assert!(set(&mut policy, bad).is_err(), "{bad}");
            assert_eq!(policy, ClientPolicy::default());
        }
    }
}
