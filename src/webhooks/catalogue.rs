//! What a tenant can be told of: the catalogue of events, and how rows of the audit trail are called in it.

use crate::audit::names::current;
use crate::store::audit::Event;

/// Every type of event, and when it happens.
pub const EVENTS: &[(&str, &str)] = &[
    ("tenant.created", "The tenant was made."),
    ("tenant.updated", "Its name or a setting was changed."),
    ("tenant.suspended", "An operator suspended it."),
    ("tenant.activated", "The suspension is over."),
    ("tenant.deleted", "It was deleted."),
    ("tenant.restored", "A deleted tenant is back."),
    ("tenant.plan_changed", "It has another plan."),
    ("tenant.domain_verified", "A domain of its own is proven."),
    ("tenant.domain_removed", "A domain of its own was removed."),
    ("user.created", "Somebody has an account now; not necessarily with a proven address."),
    ("user.updated", "Profile or metadata were changed."),
    ("user.verified", "The address is proven."),
    ("user.login", "Somebody signed in."),
    ("user.login_failed", "Somebody could not sign in; `result` says why."),
    ("user.logout", "Somebody signed out."),
    ("user.password_changed", "The password was changed by who knew the old one, or by an administrator."),
    ("user.password_reset", "The password was set through a mailed link."),
    ("user.email_changed", "The address was changed, or changed back."),
    ("user.role_changed", "The role in the tenant is another."),
    ("user.suspended", "An administrator suspended the account."),
    ("user.unsuspended", "An administrator activated it."),
    ("user.deleted", "The account is deleted and can still be restored."),
    ("user.restored", "A deleted account is back."),
    ("user.purged", "A deleted account is gone for good."),
    ("user.mfa_enrolled", "A second factor or passkey was added."),
    ("user.mfa_removed", "One was removed."),
    ("identity.linked", "An account elsewhere was linked."),
    ("identity.unlinked", "The link was removed."),
    ("session.created", "A sign-in began in a browser."),
    ("session.revoked", "One was ended in the list of sessions, by the person or an administrator."),
    ("consent.granted", "A person let an application do something."),
    ("consent.revoked", "A person took that back."),
    ("token.reuse_detected", "A code or refresh token came a second time; what it belonged to is ended."),
    ("client.created", "An OAuth client was registered."),
    ("client.updated", "One was changed."),
    ("client.disabled", "One may do nothing for now."),
    ("client.enabled", "It may again."),
    ("client.secret_rotated", "One has a new secret."),
    ("client.deleted", "One was removed."),
    ("key.created", "An API key was made."),
    ("key.revoked", "An API key was revoked."),
    ("key.rotated", "There is a new signing key."),
    ("organization.created", "An organization was founded."),
    ("organization.updated", "One was changed."),
    ("organization.suspended", "One was suspended."),
    ("organization.activated", "The suspension is over."),
    ("organization.deleted", "One was dissolved."),
    ("organization.member_added", "Somebody is a member now."),
    ("organization.member_removed", "Somebody is none any more."),
    ("organization.member_role_changed", "A member has another role."),
    ("organization.ownership_transferred", "An organization has another owner."),
    ("invitation.created", "Somebody was invited."),
    ("invitation.resent", "The invitation was sent again."),
    ("invitation.accepted", "It was accepted."),
    ("invitation.declined", "It was declined."),
    ("invitation.cancelled", "It was taken back."),
    ("invitation.expired", "It was not accepted in time."),
    ("document.created", "A document was stored. Only endpoints that name `document.*` are told of documents."),
    ("document.updated", "A document was changed."),
    ("document.deleted", "A document was removed."),
    ("file.uploaded", "A file is in the archive, or has new bytes."),
    ("file.updated", "What is known of a file was changed."),
    ("file.shared", "A link to a file was made."),
    ("file.downloaded", "Somebody read a file. Only endpoints that name it are told."),
    ("file.deleted", "A file was deleted and can still be restored."),
    ("file.restored", "A deleted file is back."),
    ("file.quarantined", "Something bad was found in a file."),
    ("checkout.completed", "Somebody has gone through a checkout."),
    ("subscription.created", "A subscription began."),
    ("subscription.updated", "Its state, plan or end is another."),
    ("subscription.cancelled", "It has ended."),
    ("invoice.paid", "A bill of a subscription was paid."),
    ("invoice.payment_failed", "It could not be paid."),
    ("payment.succeeded", "Something was paid once."),
    ("payment.refunded", "Money was given back."),
    (
        "webhook.disabled",
        "An endpoint was disabled because it is gone or has failed for days. It is told to the others.",
    ),
    ("webhook.exhausted", "A delivery was given up. It is told to the other endpoints."),
];

/// A message that somebody asked for to see whether it arrives.
pub const TEST: &str = "webhook.test";

/// What only endpoints are told that name it: there can be very many of them.
const BY_NAME_ONLY: [&str; 1] = ["file.downloaded"];
/// What only those are told that name it or its noun.
const BY_NOUN_ONLY: [&str; 1] = ["document"];
/// What is told although it did not go well.
const OF_FAILURES: [&str; 2] = ["user.login_failed", "token.reuse_detected"];

/// What an event of the audit trail is called to others; `None`: they are not told of it.
#[must_use]
pub fn type_of(event: &Event) -> Option<&'static str> {
    let name = current(&event.action);
    // Changes of documents are read off their own log.
    let told = EVENTS.iter().map(|(known, _)| *known).find(|known| *known == name && noun_of(known) != "document")?;
    (event.result == "success" || OF_FAILURES.contains(&told)).then_some(told)
}

/// Whether a text says what an endpoint wants to be told of: a type, `noun.*` or `*`.
#[must_use]
pub fn is_pattern(text: &str) -> bool {
    let mut known = EVENTS.iter().map(|(known, _)| *known);
    match text.strip_suffix(".*") {
        Some(noun) => known.any(|known| noun_of(known) == noun),
        None => text == "*" || known.any(|known| known == text),
    }
}

/// Whether an endpoint with these patterns is told of this type.
#[must_use]
pub fn wants(patterns: &[String], kind: &str) -> bool {
    let (by_name_only, by_noun_only) = (BY_NAME_ONLY.contains(&kind), BY_NOUN_ONLY.contains(&noun_of(kind)));
    patterns.iter().any(|pattern| {
        let of_noun = pattern.strip_suffix(".*").is_some_and(|noun| noun_of(kind) == noun);
        pattern == kind || (of_noun && !by_name_only) || (pattern == "*" && !by_name_only && !by_noun_only)
    })
}

fn noun_of(kind: &str) -> &str {
    kind.split_once('.').map_or(kind, |(noun, _)| noun)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{TenantId, Timestamp};

    fn event(action: &str) -> Event {
        Event::new(&TenantId::from("demo"), Timestamp(1), action)
    }

    #[test]
    fn a_row_of_the_audit_trail_has_its_name_in_the_catalogue_or_none() {
        for (action, told) in [
            ("user.created", Some("user.created")),
            ("user.registered", Some("user.created")),
            ("user.registered_again", None),
            ("user.activated", Some("user.unsuspended")),
            ("session.all_ended", Some("user.logout")),
            ("signing_key.rotated", Some("key.rotated")),
            ("file.replaced", Some("file.uploaded")),
            ("mfa.totp_added", Some("user.mfa_enrolled")),
            ("subscription.cancel_requested", None),
            ("subscription.changed", Some("subscription.updated")),
            ("checkout.expired", None),
            ("mail.tested", None),
            ("webhook.created", None),
            ("document.created", None),
            ("", None),
        ] {
            assert_eq!(type_of(&event(action)), told, "{action}");
        }
    }

    #[test]
    fn what_was_refused_did_not_happen() {
        assert_eq!(type_of(&event("user.created").result("forbidden")), None);
        let failed = event("user.login_failed").result("invalid_grant");
        assert_eq!(type_of(&failed), Some("user.login_failed"));
    }

    #[test]
    fn an_endpoint_is_told_of_what_it_names() {
        let wants = |patterns: &[&str], kind: &str| {
            super::wants(&patterns.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>(), kind)
        };
        assert!(wants(&["*"], "user.created") && wants(&["user.*"], "user.created"));
        assert!(wants(&["key.created", "user.created"], "user.created"));
        assert!(!wants(&[], "user.created") && !wants(&["user.deleted", "users.*", "use.*"], "user.created"));
        assert!(!wants(&["*", "file.*"], "file.downloaded") && wants(&["file.downloaded"], "file.downloaded"));
        assert!(!wants(&["*"], "document.created") && wants(&["document.*"], "document.created"));
        for good in ["*", "user.*", "user.created", "file.downloaded"] {
            assert!(is_pattern(good), "{good}");
        }
        for bad in ["", "user", "user.", "*.created", "user.**", "USER.*", "user.cre*", "nobody.*", TEST, ".*"] {
            assert!(!is_pattern(bad), "{bad}");
        }
    }

    #[test]
    fn the_guide_tells_of_every_event() {
        let guide = include_str!("../../docs/guides/webhooks.md");
        for (kind, _) in EVENTS {
            assert!(guide.contains(&format!("`{kind}`")), "{kind} is not in the guide");
        }
    }
}
