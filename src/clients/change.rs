//! Changes of a client as a merge patch (RFC 7396) over what was registered; what comes of it keeps every rule of
//! registration.

use serde_json::{Map, Value};

use super::{Clients, Registrant, Registration};
use crate::base::{ClientId, Code, Refusal, Result, Stop};
use crate::query::update::patch::merge;
use crate::store::clients::{Client, ClientPolicy};
use crate::store::tenants::Tenant;

impl Clients {
    /// Changes what a patch names, of the version that is given; absent: of whichever there is.
    ///
    /// # Errors
    /// `PreconditionFailed`: there is another version. `InvalidClientMetadata`, `InvalidRedirectUri`: a rule of
    /// registration is broken. `Forbidden`: the client has, or would have, more than the registrant. `NotFound`.
    pub async fn edit(
        &self,
        tenant: &Tenant,
        id: &ClientId,
        (patch, version): (Map<String, Value>, Option<i64>),
        by: &Registrant,
    ) -> Result<Client> {
        let before = self.look_up(tenant, id).await?;
        if version.is_some_and(|version| version != before.version) {
            return Err(Stop::refuse(Code::PreconditionFailed, "the client was changed since it was read"));
        }
        by.check(&before)?;
        let wish = wished(&before, patch)?;
        let now = self.clock.now();
        let made = wish.into_client_of(tenant, (self.loopback_http, by.reaches_platform(tenant)), now)?;
        let after = Client { name: made.name, metadata: made.metadata, policy: made.policy, updated_at: now, ..before };
        by.check(&after)?;
        self.store(&after, "client.updated", &by.actor).await?;
        Ok(Client { version: after.version + 1, ..after })
    }
}

/// Policy as somebody writes it: what is not named keeps its default.
///
/// # Errors
/// A member is none, or cannot be that.
pub fn policy_of(value: Value) -> Result<ClientPolicy> {
    let invalid = |error: serde_json::Error| {
        Refusal::new(Code::InvalidClientMetadata, "the policy cannot be that").hint(error.to_string())
    };
    Ok(serde_json::from_value(value).map_err(invalid)?)
}

fn wished(before: &Client, patch: Map<String, Value>) -> Result<Registration> {
    let mut members = serde_json::to_value(&before.metadata.0)?;
    members["client_name"] = before.name.clone().into();
    members["policy"] = serde_json::to_value(&before.policy.0)?;
    merge(&mut members, &Value::Object(patch));
    let Value::Object(mut members) = members else { return Err(Stop::refuse(Code::InvalidRequest, "no object")) };
    let policy = members.remove("policy").unwrap_or_else(|| Value::Object(Map::new()));
    members.retain(|_, value| !value.is_null());
    let mut wish = Registration::strict(members)?;
    wish.policy = policy_of(without_nulls(policy))?;
    (wish.id, wish.kind) = (Some(before.id.clone()), before.kind);
    Ok(wish)
}

/// What was unset has its default again.
fn without_nulls(policy: Value) -> Value {
    match policy {
        Value::Object(members) => Value::Object(members.into_iter().filter(|(_, value)| !value.is_null()).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::Timestamp;
    use crate::clients::registration::tests::tenant;
    use crate::store::clients::ClientKind;

    fn changed(patch: Value) -> Result<Client> {
        let mut wish = Registration::preset(ClientKind::Public, "App");
        wish.metadata.redirect_uris = vec!["https://app.test/back".to_owned()];
        wish.metadata.tos_uri = Some("https://app.test/tos".to_owned());
        wish.policy.access_token_lifetime = Some(crate::base::Seconds(60));
        let before = wish.into_client(&tenant(), false, Timestamp(1))?;
        let Value::Object(patch) = patch else { panic!("no object") };
        wished(&before, patch)?.into_client(&tenant(), false, Timestamp(2))
    }

    #[test]
    fn a_patch_changes_what_it_names_and_takes_away_what_it_nulls() {
        let after = changed(json!({
            "client_name": "Other", "tos_uri": null, "client_name#de": "Andere",
            "policy": { "second_factor": true, "access_token_lifetime": null },
        }))
        .unwrap();
        assert_eq!((after.name.as_str(), &after.metadata.tos_uri), ("Other", &None));
        assert_eq!(after.metadata.redirect_uris, ["https://app.test/back"]);
        assert!(after.policy.second_factor && after.policy.access_token_lifetime.is_none());
        assert_eq!(after.metadata.other["client_name#de"], "Andere");
    }

    #[test]
    fn c4_a_patch_keeps_every_rule_of_registration_and_names_nothing_else() {
        for bad in [
            json!({ "client_id": "x" }),
            json!({ "type": "service" }),
            json!({ "status": "active" }),
            json!({ "tenant_id": "x" }),
            json!({ "client_secret": "x" }),
            json!({ "redirect_url": "https://app.test/" }),
            json!({ "redirect_uris": ["javascript:alert(1)"] }),
            json!({ "redirect_uris": null }),
            json!({ "grant_types": ["client_credentials"] }),
            json!({ "policy": { "require_pkce": false } }),
            json!({ "policy": { "trusted": true } }),
            json!({ "policy": 1 }),
        ] {
            assert!(changed(bad.clone()).is_err(), "{bad}");
        }
    }
}
