//! How a row of the audit trail hangs on the one before it. `docs/guides/audit.md` tells the same to whoever wants to
//! check an export without us.

use rand::Rng as _;
use serde_json::json;

use crate::base::Digest;
use crate::store::audit::Event;

/// What the personal part of a row is mixed with: 128 random bits.
pub(super) fn salt() -> String {
    let mut bytes = [0_u8; 16];
    rand::rng().fill_bytes(&mut bytes);
    format!("{:032x}", u128::from_be_bytes(bytes))
}

/// Digest of what is personal in a row: where from, with what, and the circumstances. Without the salt it tells nothing,
/// so it may stay when these are erased.
pub(super) fn personal(salt: &str, event: &Event) -> String {
    let text = json!([salt, event.ip, event.user_agent, event.detail.0]).to_string();
    Digest::of(text.as_bytes()).as_str().to_owned()
}

/// Digest of the hash before, and of the row with its place.
pub(super) fn hash(before: &str, seq: i64, event: &Event, personal: &str) -> String {
    let Event { tenant_id, id, at, action, actor, target, result, request_id, .. } = event;
    let row = json!([tenant_id, seq, id, at, action, actor, target, result, request_id, personal]);
    Digest::of(format!("{before}\n{row}").as_bytes()).as_str().to_owned()
}

/// Whether nothing personal is left in a row.
pub(super) fn is_erased(event: &Event) -> bool {
    event.ip.is_none() && event.user_agent.is_none() && event.detail.is_null()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::{AuditId, TenantId, Timestamp};

    fn event() -> Event {
        let mut event = Event::new(&TenantId::from("t"), Timestamp(7), "user.login").by("u").on("u");
        event.id = AuditId::from("e");
        event.detail(json!({ "b": 1, "a": "é" }))
    }

    #[test]
    fn the_chain_is_made_as_the_guide_says() {
        let mut event = event();
        event.ip = Some("192.0.2.7".to_owned());
        let personal = personal("00ff", &event);
        assert_eq!(personal, Digest::of(r#"["00ff","192.0.2.7",null,{"b":1,"a":"é"}]"#.as_bytes()).as_str());
        let row = format!(r#"["t",3,"e",7,"user.login","u","u","success",null,"{personal}"]"#);
        assert_eq!(hash("before", 3, &event, &personal), Digest::of(format!("before\n{row}").as_bytes()).as_str());
    }

    #[test]
    fn whatever_is_changed_in_a_row_changes_its_hash() {
        let one = event();
        let of = |event: &Event, seq| hash("x", seq, event, &personal("s", event));
        let mut all =
            vec![of(&one, 1), of(&one, 2), hash("y", 1, &one, &personal("s", &one)), of(&one.clone().by("v"), 1)];
        all.push(of(&one.clone().on("v"), 1));
        all.push(of(&one.clone().result("failed"), 1));
        all.push(of(&one.clone().detail(json!({ "b": 2, "a": "é" })), 1));
        for change in [
            |event: &mut Event| event.ip = Some("1.1.1.1".to_owned()),
            |event: &mut Event| event.user_agent = Some("curl".to_owned()),
            |event: &mut Event| event.request_id = Some("r".to_owned()),
            |event: &mut Event| event.at = Timestamp(8),
            |event: &mut Event| event.action = "user.logout".to_owned(),
            |event: &mut Event| event.id = AuditId::from("f"),
            |event: &mut Event| event.tenant_id = TenantId::from("o"),
        ] {
            let mut other = one.clone();
            change(&mut other);
            all.push(of(&other, 1));
        }
        let different: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len());
        assert_ne!(salt(), salt());
    }
}
