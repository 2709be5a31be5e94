//! What a provider tells about its person, in our words: the claims by the names that the provider's settings give.

use serde_json::{Map, Value};

use super::Upstream;
use crate::base::Email;
use crate::frame::Link;
use crate::store::providers::ClaimNames;
use crate::store::users::Profile;

/// Longest text that is taken over, in characters.
const LONGEST: usize = 200;

/// The person of these verified claims.
pub(super) fn upstream(subject: String, claims: &Map<String, Value>, names: &ClaimNames) -> Upstream {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).and_then(plain);
    let email = text(&names.email).and_then(|email| email.parse::<Email>().ok());
    let profile = Profile {
        name: text(&names.name),
        given_name: text(&names.given_name),
        family_name: text(&names.family_name),
        preferred_username: text(&names.preferred_username),
        picture: text(&names.picture).and_then(|link| Link::parse(&link)).map(|link| link.to_string()),
        locale: text(&names.locale),
        ..Profile::default()
    };
    let address = email.as_ref().map(|email| email.as_str().to_owned());
    Upstream {
        subject,
        name: address.or_else(|| profile.preferred_username.clone()).or_else(|| profile.name.clone()),
        email_verified: email.is_some() && is_true(claims.get(&names.email_verified)),
        email,
        profile,
        sid: text("sid"),
        hint: None,
    }
}

/// `true`, in the spellings that providers have for it; nothing else vouches for an address.
fn is_true(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(verified)) => *verified,
        Some(Value::String(text)) => text == "true" || text == "1",
        Some(Value::Number(number)) => number.as_i64() == Some(1),
        _ => false,
    }
}

/// A text without control characters and of bounded length; none if nothing is left.
fn plain(text: &str) -> Option<String> {
    let kept: String = text.trim().chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    (!kept.is_empty()).then_some(kept)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(claims: &Value) -> Upstream {
        upstream("s".to_owned(), claims.as_object().unwrap(), &ClaimNames::default())
    }

    #[test]
    fn w037_an_address_is_verified_only_when_the_provider_says_so_in_so_many_words() {
        for (claim, verified) in [
            (json!(true), true),
            (json!("true"), true),
            (json!("1"), true),
            (json!(1), true),
            (json!(false), false),
            (json!("false"), false),
            (json!("yes"), false),
            (json!(null), false),
            (json!([true]), false),
            (json!({ "true": true }), false),
        ] {
            let person = read(&json!({ "email": "ada@corp.test", "email_verified": claim }));
            assert_eq!(person.email_verified, verified, "{claim}");
        }
        assert!(!read(&json!({ "email": "ada@corp.test" })).email_verified);
        assert!(!read(&json!({ "email": "no address", "email_verified": true })).email_verified);
    }

    #[test]
    fn claims_are_found_by_the_names_that_the_settings_give() {
        let names = ClaimNames { email: "mail".to_owned(), name: "displayName".to_owned(), ..ClaimNames::default() };
        let claims = json!({ "mail": "ada@corp.test", "displayName": "Ada", "email": "other@corp.test" });
        let person = upstream("s".to_owned(), claims.as_object().unwrap(), &names);
        assert_eq!(person.email.unwrap().as_str(), "ada@corp.test");
        assert_eq!(person.profile.name.as_deref(), Some("Ada"));
    }

    #[test]
    fn z1_what_is_told_is_cut_and_cleaned() {
        let person = read(&json!({ "name": format!("A\r\nB{}", "x".repeat(999)), "picture": "javascript:alert(1)" }));
        let name = person.profile.name.unwrap();
        assert!(name.starts_with("ABx") && name.len() == LONGEST, "{name}");
        assert_eq!(person.profile.picture, None);
        assert_eq!(read(&json!({ "name": ["x"], "locale": " " })).profile, Profile::default());
    }
}
