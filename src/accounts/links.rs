//! Links in mails: 256 random bits after a page's address, good for one use, for one purpose, and only while they are
//! the newest of their kind (W-018, W-114, U4). Opening one changes nothing (W-134); a try that fails leaves it good.

use serde_json::Value;

use super::Accounts;
use crate::base::{Code, Email, Refusal, Result, Seconds, Secret, UserId};
use crate::store::one_time::{self, Kind, OneTime};
use crate::store::{Json, Tx};
use crate::tenants::TenantContext;

/// What a link is for, before there is one.
pub(super) struct Purpose<'a> {
    pub(super) kind: Kind,
    /// Whom it is about.
    pub(super) subject: &'a str,
    /// What has to be remembered with it.
    pub(super) data: Value,
    pub(super) lives: Seconds,
}

/// The page of a link of this kind, relative to the tenant's issuer.
pub(super) const fn page_of(kind: Kind) -> &'static str {
    match kind {
        Kind::ResetPassword => "/reset-password",
        Kind::ConfirmEmail => "/confirm-email-change",
        Kind::UndoEmail => "/undo-email-change",
        Kind::Invitation => "/invite",
        _ => "/verify-email",
    }
}

impl Accounts {
    /// Makes a link; older ones of its kind and subject die. The answer is its address, for the mail alone.
    pub(super) async fn link(&self, tx: &mut Tx, tenant: &TenantContext, purpose: Purpose<'_>) -> Result<String> {
        let now = self.clock.now();
        if purpose.kind != Kind::UndoEmail {
            one_time::withdraw(&mut *tx, &tenant.id, purpose.kind, purpose.subject, now).await?;
        }
        let secret = Secret::generate();
        let link = OneTime {
            tenant_id: tenant.id.clone(),
            kind: purpose.kind,
            digest: secret.digest(),
            subject: purpose.subject.to_owned(),
            browser: None,
            data: Json(purpose.data),
            attempts: 0,
            created_at: now,
            expires_at: now.plus(purpose.lives),
            used_at: None,
        };
        one_time::insert(tx, &link).await?;
        Ok(format!("{}{}?token={}", tenant.issuer, page_of(purpose.kind), secret.expose()))
    }

    /// What a link is about. It stays as good as it was.
    pub(super) async fn look_at(&self, tenant: &TenantContext, kind: Kind, token: &Secret) -> Result<OneTime> {
        let found = one_time::find(&self.db, &tenant.id, kind, &token.digest(), self.clock.now()).await?;
        Ok(found.ok_or_else(over)?)
    }

    /// Uses a link up; undone when the transaction is not committed.
    pub(super) async fn take(
        &self,
        tx: &mut Tx,
        tenant: &TenantContext,
        kind: Kind,
        token: &Secret,
    ) -> Result<OneTime> {
        let used = one_time::take(tx, &tenant.id, kind, &token.digest(), self.clock.now()).await?;
        Ok(used.ok_or_else(over)?)
    }
}

/// Whose account a link is about.
pub(super) fn user_of(link: &OneTime) -> UserId {
    UserId::from(link.subject.as_str())
}

/// An address that a link remembers.
pub(super) fn address_in(link: &OneTime, member: &str) -> Result<Email> {
    let text = link.data.get(member).and_then(Value::as_str).unwrap_or_default();
    Ok(text.parse().map_err(|_| over())?)
}

/// What is said of a link that is not, or no longer, one: the same whatever is wrong with it.
pub(super) fn over() -> Refusal {
    Refusal::new(Code::InvalidGrant, "this link was used, replaced by a newer one, or is too old")
}

/// Enough of an address to recognise one's own.
pub(super) fn masked(email: &Email) -> String {
    let (local, domain) = email.as_str().split_once('@').unwrap_or_default();
    format!("{}***@{domain}", local.chars().next().unwrap_or('*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_recognised_by_its_owner_only() {
        assert_eq!(masked(&"ada@demo.test".parse().unwrap()), "a***@demo.test");
        assert_eq!(masked(&"é@demo.test".parse().unwrap()), "é***@demo.test");
    }
}
