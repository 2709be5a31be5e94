//! The catalogue of names of events: `noun.verb`, what happened in the past tense. What is emitted is listed here, and
//! what was emitted under another name once can still be found: rows are never changed.

/// Every name, by noun.
pub const NAMES: &[(&str, &str)] = &[
    ("archive", "rules_changed"),
    ("audit", "exported retired"),
    ("branding", "discarded drafted published rolled_back"),
    ("checkout", "completed expired opened updated"),
    ("client", "created deleted disabled enabled secret_revoked secret_rotated updated"),
    ("collection", "created deleted updated"),
    ("consent", "granted revoked"),
    ("document", "created deleted updated"),
    ("documents", "forgotten"),
    ("entitlement", "given taken"),
    ("file", "deleted downloaded purged quarantined restored shared updated uploaded"),
    ("grant", "ended revoked"),
    ("identity", "linked unlinked"),
    ("identity_provider", "created deleted updated"),
    ("invitation", "accepted cancelled created declined expired resent"),
    ("invoice", "paid payment_failed"),
    ("key", "created master_changed revoked rotated"),
    ("mail", "retried secret_changed tested"),
    (
        "organization",
        "activated created deleted member_added member_removed member_role_changed ownership_transferred role_created \
         role_deleted role_updated suspended updated",
    ),
    ("payment", "refund_requested refunded succeeded updated"),
    ("payments", "account_changed account_removed portal_opened"),
    ("plan", "deleted updated"),
    ("resource_server", "created deleted updated"),
    ("session", "created revoked"),
    ("signing_key", "created revoked"),
    (
        "subscription",
        "cancel_requested cancelled change_requested created requested resume_requested schedule_requested updated",
    ),
    (
        "tenant",
        "activated cloned created deleted domain_added domain_lost domain_removed domain_verified exported imported issuer_moved \
         plan_changed purged restored suspended updated",
    ),
    ("tenant_plan", "created deleted updated"),
    ("token", "reuse_detected revoked unknown_code"),
    (
        "user",
        "confirmation_failed created deleted email_change_requested email_changed exported login login_failed logout \
         mfa_enrolled mfa_removed password_changed password_reset password_reset_requested purged recovery_code_used \
         recovery_codes_renewed registered_again restored role_changed second_factor_failed sign_in_mailed suspended \
         unsuspended updated verification_resent verified",
    ),
    ("users", "exported"),
    ("webhook", "created deleted disabled exhausted redelivered secret_rotated tested updated"),
];

/// What rows of earlier versions say, and what that is called now.
pub const RENAMED: &[(&str, &str)] = &[
    ("checkout.changed", "checkout.updated"),
    ("consent.given", "consent.granted"),
    ("document.inserted", "document.created"),
    ("file.replaced", "file.uploaded"),
    ("invitation.sent", "invitation.created"),
    ("mfa.passkey_added", "user.mfa_enrolled"),
    ("mfa.passkey_removed", "user.mfa_removed"),
    ("mfa.recovery_code_used", "user.recovery_code_used"),
    ("mfa.recovery_codes_renewed", "user.recovery_codes_renewed"),
    ("mfa.totp_added", "user.mfa_enrolled"),
    ("mfa.totp_removed", "user.mfa_removed"),
    ("payment.changed", "payment.updated"),
    ("plan.changed", "plan.updated"),
    ("session.all_ended", "user.logout"),
    ("session.ended", "user.logout"),
    ("signing_key.rotated", "key.rotated"),
    ("subscription.changed", "subscription.updated"),
    ("subscription.resumed", "subscription.updated"),
    ("subscription.scheduled", "subscription.updated"),
    ("token.revoke", "token.revoked"),
    ("user.activated", "user.unsuspended"),
    ("user.email_change_undone", "user.email_changed"),
    ("user.registered", "user.created"),
];

/// Every name, in the order of the catalogue.
pub fn all() -> impl Iterator<Item = String> {
    NAMES.iter().flat_map(|(noun, verbs)| verbs.split_whitespace().map(move |verb| format!("{noun}.{verb}")))
}

/// What a row's action is called now.
#[must_use]
pub fn current(action: &str) -> &str {
    RENAMED.iter().find(|(old, _)| *old == action).map_or(action, |(_, new)| new)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_name_that_was_given_up_leads_to_one_that_is_used() {
        let names: BTreeSet<String> = all().collect();
        assert_eq!(names.len(), all().count(), "each once");
        for (old, new) in RENAMED {
            assert!(names.contains(*new) && !names.contains(*old), "{old} -> {new}");
            assert_eq!((current(old), current(new)), (*new, *new));
        }
        assert_eq!(current("nothing.known"), "nothing.known");
    }
}
