//! How tokens end before their time: revoked by their client (RFC 7009), or with their grant, session or person.

use super::inspect::REFRESH_PREFIX;
use super::{LiveToken, Tokens};
use crate::base::{ClientId, Digest, GrantId, Origin, Result, Seconds, SessionId, TenantId, UserId};
use crate::store::audit::{self, Event};
use crate::store::grants::{self, Revocation, RevocationKind};
use crate::store::{Tx, sessions};

/// What ends, with everything that was issued from it.
#[derive(Clone, Copy, Debug)]
pub enum Ending<'a> {
    /// An authorization given to a client.
    Grant(&'a GrantId),
    /// A sign-in; grants with `offline_access` go on (OIDC Back-Channel Logout §2.7).
    Session(&'a SessionId),
    /// Everything a person has begun until now.
    User(&'a UserId),
}

impl Ending<'_> {
    /// How long an ending is remembered. Access tokens that live longer ask the database about their grant.
    pub(super) const REMEMBERED: Seconds = Seconds(86_400);

    fn named(&self) -> (RevocationKind, String) {
        match self {
            Self::Grant(id) => (RevocationKind::Grant, id.to_string()),
            Self::Session(id) => (RevocationKind::Session, id.to_string()),
            Self::User(id) => (RevocationKind::User, id.to_string()),
        }
    }
}

/// An ending that was written in a transaction and has still to be told to this process.
#[derive(Debug)]
#[must_use = "once it is committed, this process has to know of it"]
pub struct Ended(Revocation);

impl Tokens {
    /// Writes an ending in the caller's transaction; after the commit, [`Tokens::note`] makes it true here at once.
    ///
    /// # Errors
    /// The database failed.
    pub async fn end_in(&self, tx: &mut Tx, tenant: &TenantId, what: Ending<'_>) -> Result<Ended> {
        let now = self.clock.now();
        match what {
            Ending::Grant(_) => {}
            Ending::Session(id) => drop(sessions::end(&mut *tx, tenant, id, now).await?),
            Ending::User(id) => drop(sessions::end_of_user(&mut *tx, tenant, id, now).await?),
        }
        let (kind, id) = what.named();
        let expires_at = now.plus(Ending::REMEMBERED);
        let revocation = Revocation { tenant_id: tenant.clone(), kind, id, revoked_at: now, expires_at };
        grants::revoke(tx, &revocation).await?;
        Ok(Ended(revocation))
    }

    /// Makes a committed ending true in this process.
    pub fn note(&self, ended: Ended) {
        self.revoked.add(ended.0);
    }

    /// Learns at once of endings that other services have just committed, as with a password that was reset.
    ///
    /// # Errors
    /// The database failed.
    pub async fn catch_up(&self) -> Result<()> {
        let since = self.revoked.next(self.clock.now());
        Ok(self.revoked.read(&self.db, &self.clock, since).await?)
    }

    /// Ends something in a transaction of its own, with its audit row.
    ///
    /// # Errors
    /// The database failed.
    pub async fn end(&self, tenant: &TenantId, what: Ending<'_>, event: Event) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let ended = self.end_in(&mut tx, tenant, what).await?;
        audit::record(&mut tx, event).await?;
        tx.commit().await?;
        self.note(ended);
        Ok(())
    }

    /// Revokes a token at its client's wish: an access token alone, a refresh token with its grant and all that was
    /// issued from it (RFC 7009 §2.1). Another client's token, or none of ours, is left alone without a word.
    ///
    /// # Errors
    /// The database failed.
    pub async fn revoke(
        &self,
        (tenant, issuer): (&TenantId, &str),
        token: &str,
        client: &ClientId,
        origin: &Origin,
    ) -> Result<()> {
        let event = Event::new(tenant, self.clock.now(), "token.revoked").by(client.to_string()).from(origin);
        if token.starts_with(REFRESH_PREFIX) {
            // One that was rotated out names the same grant: its holder wants the end of it.
            let row = grants::refresh_token(&self.db, tenant, &Digest::of(token.as_bytes())).await?;
            let grant =
                row.map(|row| row.grant).filter(|grant| grant.client_id == *client && grant.revoked_at.is_none());
            return match grant {
                Some(grant) => self.end(tenant, Ending::Grant(&grant.id), event.on(grant.id.to_string())).await,
                None => Ok(()),
            };
        }
        let found = self.access_token(tenant, issuer, token).await?;
        match found.filter(|token| token.client_id() == client) {
            Some(token) => self.revoke_one(tenant, &token, event).await,
            None => Ok(()),
        }
    }

    async fn revoke_one(&self, tenant: &TenantId, token: &LiveToken, event: Event) -> Result<()> {
        let Some(id) = token.id().map(str::to_owned) else { return Ok(()) };
        let event = event.on(id.clone());
        let (revoked_at, expires_at) = (self.clock.now(), token.expires_at());
        let kind = RevocationKind::Token;
        let revocation = Revocation { tenant_id: tenant.clone(), kind, id, revoked_at, expires_at };
        let mut tx = self.db.begin().await?;
        grants::revoke(&mut tx, &revocation).await?;
        audit::record(&mut tx, event).await?;
        tx.commit().await?;
        self.revoked.add(revocation);
        Ok(())
    }
}
