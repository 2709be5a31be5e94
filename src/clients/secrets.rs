//! The secrets of a client: rotated with an overlap, listed by how they begin, ended one by one.

use super::manage::nothing;
use super::{Clients, Registrant};
use crate::base::{Actor, ClientId, Code, Result, Seconds, Secret, Stop};
use crate::store::Tx;
use crate::store::audit::{self, Event};
use crate::store::client_secrets::{self as store, ClientSecret};
use crate::store::clients::Client;
use crate::store::tenants::Tenant;

/// Fewest and most characters of a secret that was made elsewhere.
const SHORTEST: usize = 32;
const LONGEST: usize = 255;
/// Longest time that a secret works beside the one after it.
pub const LONGEST_OVERLAP: Seconds = Seconds(30 * 86_400);

impl Clients {
    /// Gives a new secret, shown this once; the ones before work for `overlap` longer.
    ///
    /// # Errors
    /// There is no such client, or it proves itself otherwise.
    pub async fn rotate_secret(
        &self,
        tenant: &Tenant,
        id: &ClientId,
        overlap: Seconds,
        by: &Actor,
    ) -> Result<(Client, Secret)> {
        self.rotate(tenant, id, overlap, &Registrant::operator(by.clone())).await
    }

    /// As [`Clients::rotate_secret`], for those who hold what the client has.
    ///
    /// # Errors
    /// As there; `Forbidden`: whoever knew the secret would have more than they hold.
    pub async fn rotate(
        &self,
        tenant: &Tenant,
        id: &ClientId,
        overlap: Seconds,
        by: &Registrant,
    ) -> Result<(Client, Secret)> {
        let client = self.look_up(tenant, id).await?;
        if !client.has_secret() {
            return Err(Stop::refuse(Code::Unprocessable, "this client has no secret"));
        }
        if !(0..=LONGEST_OVERLAP.0).contains(&overlap.0) {
            return Err(Stop::refuse(Code::Unprocessable, "the overlap is 30 days at most"));
        }
        by.check(&client)?;
        let secret = Secret::generate();
        let mut tx = self.db.begin().await?;
        self.rotate_in(&mut tx, &client, (&secret, overlap), &by.actor).await?;
        tx.commit().await?;
        self.forget(&tenant.id, id).await;
        Ok((client, secret))
    }

    /// Gives a client this secret, within the caller's transaction; the ones before work for `overlap` longer.
    /// [`Clients::forget`] is asked after.
    ///
    /// # Errors
    /// The client has had it before.
    pub async fn rotate_in(
        &self,
        tx: &mut Tx,
        client: &Client,
        (secret, overlap): (&Secret, Seconds),
        by: &Actor,
    ) -> Result<()> {
        let (tenant, id, now) = (&client.tenant_id, &client.id, self.clock.now());
        let digest = secret.digest();
        if store::all(&mut *tx, tenant, id).await?.iter().any(|known| known.digest == digest) {
            return Err(Stop::refuse(Code::Conflict, "the client has had this secret before: give it a new one"));
        }
        store::expire(&mut *tx, tenant, id, now.plus(overlap)).await?;
        store::add(&mut *tx, tenant, id, secret, now).await?;
        let event = Event::new(tenant, now, "client.secret_rotated").by(&by.id).on(id.as_str());
        Ok(audit::record(tx, event.from(&by.origin)).await?)
    }

    /// A secret that was made elsewhere, if nobody guesses it: it is kept as a plain digest.
    ///
    /// # Errors
    /// It is too short, or has signs that do not travel in a header.
    pub fn brought(secret: Secret) -> Result<Secret> {
        let text = secret.expose();
        if (SHORTEST..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(secret);
        }
        Err(Stop::refuse(
            Code::Unprocessable,
            "a client secret has 32 to 255 letters, digits and signs, without blanks",
        ))
    }

    /// All secrets of a client, ended ones included, oldest first.
    ///
    /// # Errors
    /// There is no such client.
    pub async fn secrets(&self, tenant: &Tenant, id: &ClientId) -> Result<Vec<ClientSecret>> {
        self.look_up(tenant, id).await?;
        Ok(store::all(&self.db, &tenant.id, id).await?)
    }

    /// Ends one secret at once.
    ///
    /// # Errors
    /// `NotFound`: the client has no live secret of this name.
    pub async fn end_secret(&self, tenant: &Tenant, id: &ClientId, secret: &str, by: &Actor) -> Result<()> {
        let now = self.clock.now();
        let found = self.secrets(tenant, id).await?.into_iter().find(|found| found.id() == secret);
        let found = found.ok_or_else(nothing)?;
        let mut tx = self.db.begin().await?;
        if !store::end(&mut tx, &tenant.id, id, &found.digest, now).await? {
            return Err(Stop::refuse(Code::NotFound, "this secret has ended already"));
        }
        let event = Event::new(&tenant.id, now, "client.secret_revoked").by(&by.id).on(id.as_str()).from(&by.origin);
        audit::record(&mut tx, event.detail(serde_json::json!({ "prefix": found.prefix }))).await?;
        tx.commit().await?;
        self.forget(&tenant.id, id).await;
        Ok(())
    }
}
