//! The one way in. Whoever proved a first factor, by password, mail, passkey or another provider, comes here; what the
//! account's state and the policies of tenant and client say is decided here and nowhere else. No surface opens a
//! session for somebody who did not get a [`Proof`] from here.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::factors::Factors;
use super::sign_in::admit;
use crate::base::{Code, Level, Method, Origin, Proof, Refusal, Result, Seconds, Secret, Stop, level_of};
use crate::store::audit::{self, Event};
use crate::store::clients::ClientPolicy;
use crate::store::factors::{self, Held};
use crate::store::one_time::{self, Kind, OneTime};
use crate::store::tenants::Tenant;
use crate::store::users::{self, User};
use crate::store::{Json, Tx};
use crate::tenants::TenantContext;

/// How long somebody may take for the second factor.
pub const SECOND_FACTOR_WITHIN: Seconds = Seconds(600);
/// The methods that are second factors, in the order in which they are offered.
const SECOND: [Method; 3] = [Method::Passkey, Method::Totp, Method::RecoveryCode];

/// Somebody who has proven a first factor just now.
#[derive(Clone, Debug)]
pub struct FirstFactor {
    /// Who.
    pub user: User,
    /// By what.
    pub method: Method,
}

impl FirstFactor {
    /// For those who have verified the proof, and nobody else.
    #[must_use]
    pub const fn proven(user: User, method: Method) -> Self {
        Self { user, method }
    }
}

/// Where, for what and from where somebody signs in.
#[derive(Clone, Debug)]
pub struct Entrance<'a> {
    /// The tenant.
    pub tenant: &'a TenantContext,
    /// The policy of the application, if it is for one.
    pub client: Option<&'a ClientPolicy>,
    /// What names the browser that alone may go on; absent at the API, where the holder of the token may.
    pub browser: Option<&'a str>,
    /// What this browser was remembered by when its person asked for it.
    pub device: Option<&'a Secret>,
    /// How well the application wants it, where it says.
    pub wanted: Level,
    /// What the caller wants back with the second factor.
    pub context: Value,
    /// The request.
    pub origin: &'a Origin,
}

impl<'a> Entrance<'a> {
    /// Without application, browser and wishes.
    #[must_use]
    pub const fn new(tenant: &'a TenantContext, origin: &'a Origin) -> Self {
        let (client, browser, wanted, context) = (None, None, Level::One, Value::Null);
        let device = origin.device.as_ref();
        Self { tenant, client, browser, device, wanted, context, origin }
    }

    /// Whether tenant and application let people in by this.
    #[must_use]
    pub fn allows(&self, method: Method) -> bool {
        let by_client = self.client.map_or(&[][..], |client| &client.sign_in_methods);
        self.tenant.settings.sign_in.allows(method) && (by_client.is_empty() || by_client.contains(&method))
    }

    /// Whether a policy says that this person needs a second factor.
    #[must_use]
    pub fn needs_second(&self, user: &User) -> bool {
        let policy = &self.tenant.settings.second_factor;
        policy.required
            || policy.required_for.contains(&user.role)
            || self.client.is_some_and(|client| client.second_factor)
    }
}

/// What comes after the first factor.
#[derive(Debug)]
pub enum Outcome {
    /// Nothing: a session may begin.
    SignedIn(Proof),
    /// A second factor.
    SecondFactorDue(Due),
    /// The person needs a second factor, has none, and has to get one now.
    EnrolmentDue(Due),
}

/// What somebody who is not in yet has to show.
#[derive(Debug)]
pub struct Due {
    /// Stands for the first factor.
    pub mfa_token: Secret,
    /// One of these is wanted.
    pub methods: Vec<Method>,
    /// Until then.
    pub expires_in: Seconds,
}

impl Due {
    /// As machines are told.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        Refusal::new(Code::MfaRequired, "a second factor is needed")
            .member("mfa_token", self.mfa_token.expose())
            .member("methods", self.methods.iter().map(|method| method.as_str()).collect::<Vec<_>>())
            .member("expires_in", self.expires_in.0)
    }
}

/// What is remembered between the two factors.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Halfway {
    /// What was proven.
    pub first: Method,
    /// What may follow.
    pub methods: Vec<Method>,
    /// Whether it has to be set up first.
    pub enrol: bool,
    /// What the caller wants back.
    pub context: Value,
}

impl Factors {
    /// The person of this name and password; see [`super::Accounts::authenticate`].
    pub async fn by_password(
        &self,
        tenant: &Tenant,
        (identifier, password): (&str, &Secret),
        origin: &Origin,
    ) -> Result<FirstFactor> {
        self.accounts.authenticate(tenant, identifier, password, origin).await
    }

    /// Decides what comes after a first factor that was proven just now.
    ///
    /// # Errors
    /// `Forbidden`: the account is suspended or unverified, or this is no way in here.
    pub async fn after_first_factor(&self, at: &Entrance<'_>, first: FirstFactor) -> Result<Outcome> {
        let FirstFactor { user, method } = first;
        if !at.allows(method) {
            return Err(Stop::refuse(Code::Forbidden, "this way to sign in is switched off"));
        }
        let user = users::by_id(&self.db, &at.tenant.id, &user.id).await?;
        let user = user.ok_or_else(|| Stop::refuse(Code::Forbidden, "this account is suspended"))?;
        let user = admit(at.tenant, user)?;
        let held = factors::held(&self.db, &at.tenant.id, &user.id).await?;
        let seconds = seconds_of(held, method);
        let needed = at.needs_second(&user);
        let due = needed || held.totp > 0 || (at.wanted > Level::One && !seconds.is_empty());
        let enough = level_of(&[method]) >= at.wanted.max(if due { Level::Two } else { Level::One });
        if enough || !due || self.is_remembered(at, &user).await? {
            return self.complete(at, &user, &[method]).await.map(Outcome::SignedIn);
        }
        if !seconds.is_empty() {
            return self.halfway(at, &user, (method, seconds, false)).await.map(Outcome::SecondFactorDue);
        }
        if self.is_in_grace(at, &user).await? {
            return self.complete(at, &user, &[method]).await.map(Outcome::SignedIn);
        }
        let offered = vec![Method::Totp, Method::Passkey];
        self.halfway(at, &user, (method, offered, true)).await.map(Outcome::EnrolmentDue)
    }

    /// As [`Factors::after_first_factor`], for somebody whose session holds a first factor already and who needs more.
    /// `None`: there is no second factor to ask for.
    pub async fn step_up(&self, at: &Entrance<'_>, first: FirstFactor) -> Result<Option<Due>> {
        let held = factors::held(&self.db, &at.tenant.id, &first.user.id).await?;
        let seconds = seconds_of(held, first.method);
        if seconds.is_empty() {
            return Ok(None);
        }
        self.halfway(at, &first.user, (first.method, seconds, false)).await.map(Some)
    }

    /// Whether this person could show a second factor.
    pub async fn can_step_up(&self, tenant: &Tenant, user: &User) -> Result<bool> {
        let held = factors::held(&self.db, &tenant.id, &user.id).await?;
        Ok(held.totp + held.passkeys > 0)
    }

    /// Whether a browser need not ask: its person wanted so after a second factor, and nobody demands more.
    async fn is_remembered(&self, at: &Entrance<'_>, user: &User) -> Result<bool> {
        let demanded = at.wanted > Level::One || at.client.is_some_and(|client| client.second_factor);
        match at.device.filter(|_| !demanded) {
            Some(device) => self.remembers(at.tenant, user, device).await,
            None => Ok(false),
        }
    }

    /// Whether somebody who needs a second factor may still do without.
    async fn is_in_grace(&self, at: &Entrance<'_>, user: &User) -> Result<bool> {
        let (grace, now) = (at.tenant.settings.second_factor.grace, self.clock.now());
        if grace.0 <= 0 {
            return Ok(false);
        }
        factors::begin_grace(&self.db, &at.tenant.id, &user.id, now).await?;
        let since = factors::grace(&self.db, &at.tenant.id, &user.id).await?;
        Ok(since.is_some_and(|since| since.plus(grace) > now))
    }

    async fn halfway(
        &self,
        at: &Entrance<'_>,
        user: &User,
        (first, methods, enrol): (Method, Vec<Method>, bool),
    ) -> Result<Due> {
        let (mfa_token, now) = (Secret::generate_with_prefix("mfa_"), self.clock.now());
        let halfway = Halfway { first, methods: methods.clone(), enrol, context: at.context.clone() };
        let row = OneTime {
            tenant_id: at.tenant.id.clone(),
            kind: Kind::Mfa,
            digest: mfa_token.digest(),
            subject: user.id.to_string(),
            browser: at.browser.map(str::to_owned),
            data: Json(serde_json::to_value(halfway)?),
            attempts: 0,
            created_at: now,
            expires_at: now.plus(SECOND_FACTOR_WITHIN),
            used_at: None,
        };
        one_time::insert(&self.db, &row).await?;
        Ok(Due { mfa_token, methods, expires_in: SECOND_FACTOR_WITHIN })
    }

    /// Everything is proven: remembers it, with its audit row.
    async fn complete(&self, at: &Entrance<'_>, user: &User, methods: &[Method]) -> Result<Proof> {
        let mut tx = self.db.begin().await?;
        let proof = self.complete_in(&mut tx, at, user, methods).await?;
        tx.commit().await?;
        Ok(proof)
    }

    /// As [`Factors::complete`], within the transaction that spends the second factor.
    pub(super) async fn complete_in(
        &self,
        tx: &mut Tx,
        at: &Entrance<'_>,
        user: &User,
        methods: &[Method],
    ) -> Result<Proof> {
        let now = self.clock.now();
        if !users::signed_in(&mut *tx, &at.tenant.id, &user.id, now).await? {
            return Err(Stop::refuse(Code::Forbidden, "this account is suspended"));
        }
        let proof = Proof::by(&user.id, methods);
        let event = Event::new(&at.tenant.id, now, "user.login").by(user.id.as_str()).on(user.id.as_str());
        let event = event.detail(json!({ "methods": methods, "acr": proof.acr })).from(at.origin);
        audit::record(tx, event).await?;
        Ok(proof)
    }
}

/// What somebody who proved `first` could show as a second factor.
fn seconds_of(held: Held, first: Method) -> Vec<Method> {
    let has = |method: &Method| match method {
        Method::Passkey => held.passkeys > 0,
        Method::Totp => held.totp > 0,
        Method::RecoveryCode => held.recovery_codes > 0 && held.totp + held.passkeys > 0,
        _ => false,
    };
    SECOND.into_iter().filter(|method| has(method) && *method != first).collect()
}
