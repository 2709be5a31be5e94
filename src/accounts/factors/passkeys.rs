//! Passkeys (WebAuthn Level 2): made by whoever is signed in, shown alone to sign in, or after a first factor. What a
//! ceremony has to remember stays here, is good for one answer, and for five minutes. The relying party is the host of
//! the tenant's issuer; the authenticator always has to verify its holder (W-029, W-030, W-031).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, DiscoverableKey, Passkey as Key, PasskeyAuthentication, PasskeyRegistration,
    PublicKeyCredential, RegisterPublicKeyCredential, Url, Uuid, Webauthn, WebauthnBuilder, WebauthnError,
};

use super::Factors;
use crate::accounts::engine::{Entrance, FirstFactor};
use crate::base::{Code, Fault, Method, Refusal, Result, Seconds, Secret, Stop, Timestamp, UserId};
use crate::keys::Purpose;
use crate::store::one_time::{self, Kind, OneTime};
use crate::store::passkeys::{self, Passkey};
use crate::store::users::{self, User};
use crate::store::{Json, Tx, factors};
use crate::tenants::TenantContext;

/// How long a ceremony may take.
const CEREMONY: Seconds = Seconds(300);
/// Most passkeys of one person.
const MOST: usize = 50;
/// Longest name of a passkey, in characters.
const LONGEST_NAME: usize = 100;

/// A ceremony that has begun.
#[derive(Debug)]
pub struct Ceremony {
    /// What the answer has to come with.
    pub token: Secret,
    /// What the browser's `navigator.credentials` is given.
    pub options: Value,
}

/// What a ceremony remembers.
#[derive(Serialize, Deserialize)]
enum State {
    Register(PasskeyRegistration),
    Authenticate(PasskeyAuthentication),
}

/// A sign-in that has begun for anybody. Its holder carries it, sealed, so that looking at a sign-in page leaves no row.
#[derive(Serialize, Deserialize)]
struct Discovery {
    state: DiscoverableAuthentication,
    ends_at: Timestamp,
}

/// A passkey that held, with its new counter.
#[derive(Debug)]
pub(in crate::accounts) struct UsedPasskey(Passkey);

/// A new passkey that keeps the rules.
#[derive(Debug)]
pub struct AddedPasskey(Passkey);

impl Factors {
    /// Begins to make one for this person.
    pub async fn begin_registration(&self, tenant: &TenantContext, user: &User) -> Result<Ceremony> {
        let known = passkeys::of_user(&self.db, &tenant.id, &user.id).await?;
        if known.len() >= MOST {
            return Err(Stop::refuse(Code::Conflict, "there are as many passkeys as there may be"));
        }
        let known = known.iter().map(key_of).collect::<Result<Vec<_>>>()?;
        let known = known.iter().map(|key| key.cred_id().clone()).collect();
        let id = Uuid::parse_str(user.id.as_str())?;
        let name = user.profile.name.clone().unwrap_or_else(|| user.name_to_show().to_owned());
        let begun = relying_party(tenant)?.start_passkey_registration(id, user.name_to_show(), &name, Some(known));
        let (options, state) = begun.map_err(broken)?;
        let mut options = serde_json::to_value(options)?;
        // So that it can be found without a name being typed first.
        if let Some(selection) = options.pointer_mut("/publicKey/authenticatorSelection").and_then(Value::as_object_mut)
        {
            selection.insert("residentKey".to_owned(), "required".into());
            selection.insert("requireResidentKey".to_owned(), true.into());
        }
        self.begin(tenant, user.id.as_str(), State::Register(state), options).await
    }

    /// Begins a sign-in in which the authenticator says who it is.
    pub fn begin_discovery(&self, tenant: &TenantContext) -> Result<Ceremony> {
        let (options, state) = relying_party(tenant)?.start_discoverable_authentication().map_err(broken)?;
        let begun = Discovery { state, ends_at: self.clock.now().plus(CEREMONY) };
        let token = self.keys.seal(Purpose::PasskeyCeremony, &tenant.id, &serde_json::to_vec(&begun)?)?;
        Ok(Ceremony { token: Secret::new(token), options: serde_json::to_value(options)? })
    }

    /// Ends a sign-in that began for anybody, whatever its answer is worth: a challenge is answered once (W-030).
    async fn end_discovery(&self, tenant: &TenantContext, token: &Secret) -> Result<DiscoverableAuthentication> {
        let sealed = self.keys.open(Purpose::PasskeyCeremony, &tenant.id, token.expose()).map_err(|_| refused())?;
        let begun: Discovery = serde_json::from_slice(&sealed)?;
        let (digest, now) = (token.digest(), self.clock.now());
        let is_first = begun.ends_at > now
            && one_time::spend(&self.db, &tenant.id, (Kind::PasskeyCeremony, &digest), begun.ends_at, now).await?;
        if is_first { Ok(begun.state) } else { Err(refused().into()) }
    }

    /// Begins a second factor for this person.
    pub async fn begin_assertion(&self, tenant: &TenantContext, user: &User) -> Result<Ceremony> {
        let known = passkeys::of_user(&self.db, &tenant.id, &user.id).await?;
        let known = known.iter().map(key_of).collect::<Result<Vec<_>>>()?;
        if known.is_empty() {
            return Err(Stop::refuse(Code::Conflict, "there is no passkey"));
        }
        let (options, state) = relying_party(tenant)?.start_passkey_authentication(&known).map_err(broken)?;
        let options = serde_json::to_value(options)?;
        self.begin(tenant, user.id.as_str(), State::Authenticate(state), options).await
    }

    async fn begin(&self, tenant: &TenantContext, subject: &str, state: State, options: Value) -> Result<Ceremony> {
        let (token, now) = (Secret::generate_with_prefix("pk_"), self.clock.now());
        let row = OneTime {
            tenant_id: tenant.id.clone(),
            kind: Kind::PasskeyCeremony,
            digest: token.digest(),
            subject: subject.to_owned(),
            browser: None,
            data: Json(serde_json::to_value(state)?),
            attempts: 0,
            created_at: now,
            expires_at: now.plus(CEREMONY),
            used_at: None,
        };
        one_time::insert(&self.db, &row).await?;
        Ok(Ceremony { token, options })
    }

    /// Ends a ceremony, whatever its answer is worth: a challenge is answered once (W-030).
    async fn end(&self, tenant: &TenantContext, token: &Secret) -> Result<(OneTime, State)> {
        let (digest, now) = (token.digest(), self.clock.now());
        let row = one_time::take(&self.db, &tenant.id, Kind::PasskeyCeremony, &digest, now).await?;
        let row = row.ok_or_else(refused)?;
        let state = serde_json::from_value(row.data.0.clone())?;
        Ok((row, state))
    }

    /// Who signs in by a passkey alone.
    ///
    /// # Errors
    /// `InvalidGrant`, whatever is wrong with the answer.
    pub async fn by_passkey(&self, at: &Entrance<'_>, (token, answer): (&Secret, &Value)) -> Result<FirstFactor> {
        let tenant = at.tenant;
        let state = self.end_discovery(tenant, token).await?;
        let answer: PublicKeyCredential = read(answer)?;
        let party = relying_party(tenant)?;
        let (user, credential) = party.identify_discoverable_authentication(&answer).map_err(unheld)?;
        let found = passkeys::by_credential(&self.db, &tenant.id, &URL_SAFE_NO_PAD.encode(credential)).await?;
        let passkey = found.filter(|found| found.user_id.as_str() == user.to_string()).ok_or_else(refused)?;
        let key = DiscoverableKey::from(key_of(&passkey)?);
        let result = party.finish_discoverable_authentication_v2(&answer, state, &key).map_err(unheld)?;
        let used = after(passkey, |key| key.update_credential(&result))?;
        let user = users::by_id(&self.db, &tenant.id, &used.0.user_id).await?.ok_or_else(refused)?;
        let mut tx = self.db.begin().await?;
        self.remember_use_in(&mut tx, used).await?;
        tx.commit().await?;
        Ok(FirstFactor::proven(user, Method::Passkey))
    }

    /// A passkey of this person that answered a challenge of ours. `None`: it is not one.
    pub(in crate::accounts) async fn read_assertion(
        &self,
        tenant: &TenantContext,
        user: &User,
        (token, answer): (&Secret, &Value),
    ) -> Result<Option<UsedPasskey>> {
        let (row, state) = self.end(tenant, token).await?;
        let State::Authenticate(state) = state else { return Err(refused().into()) };
        let Ok(answer) = read::<PublicKeyCredential>(answer) else { return Ok(None) };
        let Ok(result) = relying_party(tenant)?.finish_passkey_authentication(&answer, &state) else { return Ok(None) };
        let id = URL_SAFE_NO_PAD.encode(result.cred_id());
        let found = passkeys::by_credential(&self.db, &tenant.id, &id).await?;
        let mine = |found: &Passkey| found.user_id == user.id && row.subject == user.id.as_str();
        match found.filter(mine) {
            Some(passkey) => after(passkey, |key| key.update_credential(&result)).map(Some),
            None => Ok(None),
        }
    }

    /// The new passkey that a registration ended with.
    ///
    /// # Errors
    /// `InvalidGrant`, whatever is wrong with it.
    pub async fn read_registration(
        &self,
        tenant: &TenantContext,
        user: &User,
        (token, answer): (&Secret, &Value),
    ) -> Result<AddedPasskey> {
        let (row, state) = self.end(tenant, token).await?;
        let (State::Register(state), true) = (state, row.subject == user.id.as_str()) else {
            return Err(refused().into());
        };
        let answer: RegisterPublicKeyCredential = read(answer)?;
        let key = relying_party(tenant)?.finish_passkey_registration(&answer, &state).map_err(unheld)?;
        Ok(AddedPasskey(Passkey {
            tenant_id: tenant.id.clone(),
            id: Uuid::now_v7().to_string(),
            user_id: user.id.clone(),
            credential_id: URL_SAFE_NO_PAD.encode(key.cred_id()),
            name: String::new(),
            credential: Json(serde_json::to_value(key)?),
            created_at: self.clock.now(),
            last_used_at: None,
        }))
    }

    pub(in crate::accounts) async fn add_passkey_in(
        &self,
        tx: &mut Tx,
        tenant: &TenantContext,
        added: &AddedPasskey,
    ) -> Result<()> {
        if !passkeys::insert(&mut *tx, &added.0).await? {
            return Err(Stop::refuse(Code::Conflict, "this passkey is registered already"));
        }
        Ok(factors::end_grace(&mut *tx, &tenant.id, &added.0.user_id).await?)
    }

    pub(in crate::accounts) async fn remember_use_in(&self, tx: &mut Tx, used: UsedPasskey) -> Result<()> {
        Ok(passkeys::used(&mut *tx, &used.0, self.clock.now()).await?)
    }
}

impl AddedPasskey {
    /// Under the name that the person gives it.
    ///
    /// # Errors
    /// The name is too long.
    pub fn named(mut self, name: &str) -> Result<Self> {
        self.0.name = checked_name(name)?;
        Ok(self)
    }

    /// The record.
    #[must_use]
    pub const fn record(&self) -> &Passkey {
        &self.0
    }

    pub(in crate::accounts) const fn owner(&self) -> &UserId {
        &self.0.user_id
    }
}

/// A name that fits.
pub(in crate::accounts) fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(Stop::refuse(Code::Unprocessable, "the name of a passkey has up to 100 characters"));
    }
    Ok(name.to_owned())
}

/// Whether there can be passkeys: WebAuthn knows hosts by name only, not by number.
#[must_use]
pub fn are_possible(tenant: &TenantContext) -> bool {
    Url::parse(&tenant.issuer).is_ok_and(|issuer| issuer.domain().is_some())
}

/// The tenant as WebAuthn sees it.
fn relying_party(tenant: &TenantContext) -> Result<Webauthn> {
    let origin = Url::parse(&tenant.issuer)?;
    let none = || Refusal::new(Code::Conflict, "passkeys need an address with a host name");
    let host = origin.domain().ok_or_else(none)?;
    let builder = WebauthnBuilder::new(host, &origin).map_err(broken)?;
    Ok(builder.rp_name(&tenant.name).build().map_err(broken)?)
}

fn key_of(passkey: &Passkey) -> Result<Key> {
    Ok(serde_json::from_value(passkey.credential.0.clone())?)
}

fn after(mut passkey: Passkey, update: impl FnOnce(&mut Key) -> Option<bool>) -> Result<UsedPasskey> {
    let mut key = key_of(&passkey)?;
    update(&mut key).ok_or_else(refused)?;
    passkey.credential = Json(serde_json::to_value(key)?);
    Ok(UsedPasskey(passkey))
}

fn read<T: DeserializeOwned>(answer: &Value) -> Result<T> {
    serde_json::from_value(answer.clone()).map_err(|_| refused().into())
}

fn refused() -> Refusal {
    Refusal::new(Code::InvalidGrant, "the passkey was not accepted")
}

/// What is wrong is for the log alone.
#[expect(clippy::needless_pass_by_value, reason = "stands where `map_err` wants it")]
fn unheld(error: WebauthnError) -> Refusal {
    refused().hint(format!("{error:?}"))
}

#[expect(clippy::needless_pass_by_value, reason = "stands where `map_err` wants it")]
fn broken(error: WebauthnError) -> Fault {
    Fault::new(format!("webauthn: {error:?}"))
}
