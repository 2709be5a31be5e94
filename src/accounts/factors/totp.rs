//! Authenticator apps: time-based one-time passwords (RFC 6238), six digits every thirty seconds by this server's
//! clock (W-032), the steps before and after included, each step once (W-033).

use serde_json::json;
use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use super::Factors;
use crate::base::{Code, Digest, Fault, Refusal, Result, Seconds, Secret, Stop};
use crate::keys::Purpose;
use crate::store::factors::{self, TotpFactor};
use crate::store::one_time::{self, Kind, OneTime};
use crate::store::tenants::Tenant;
use crate::store::users::User;
use crate::store::{Json, Tx};

/// How long an app may take from its seed to its first code.
const SET_UP_WITHIN: Seconds = Seconds(1_800);
/// First codes that may be tried per seed.
const MOST_FIRST_CODES: i64 = 10;
/// Bytes of a seed (RFC 4226 §4 recommends 160 bits).
const SEED: usize = 20;

/// What an app is set up with. It is shown until the first code came back, and never again.
pub struct TotpSetup {
    /// The seed, base32, for typing.
    pub secret: String,
    /// The seed as `otpauth:` URI.
    pub uri: String,
    /// The URI as QR code, a `data:` URI of a PNG.
    pub qr: String,
}

impl std::fmt::Debug for TotpSetup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpSetup(***)")
    }
}

/// An app that has shown its first code.
#[derive(Debug)]
pub(in crate::accounts) struct FirstCode {
    digest: Digest,
    sealed: String,
    step: i64,
}

impl Factors {
    /// A new seed; one that waited before is worth nothing any more.
    pub async fn begin_totp(&self, tenant: &Tenant, user: &User) -> Result<TotpSetup> {
        let seed = Zeroizing::new(random_seed());
        let sealed = self.keys.seal(Purpose::TotpSecret, &tenant.id, seed.as_ref())?;
        let now = self.clock.now();
        let waiting = OneTime {
            tenant_id: tenant.id.clone(),
            kind: Kind::TotpEnrolment,
            digest: Secret::generate().digest(),
            subject: user.id.to_string(),
            browser: None,
            data: Json(json!({ "sealed": sealed })),
            attempts: 0,
            created_at: now,
            expires_at: now.plus(SET_UP_WITHIN),
            used_at: None,
        };
        let mut tx = self.db.begin().await?;
        one_time::withdraw(&mut tx, &tenant.id, Kind::TotpEnrolment, user.id.as_str(), now).await?;
        one_time::insert(&mut tx, &waiting).await?;
        tx.commit().await?;
        setup(tenant, user, seed.as_ref())
    }

    /// The seed that waits for its first code, for showing it again.
    pub async fn waiting_totp(&self, tenant: &Tenant, user: &User) -> Result<Option<TotpSetup>> {
        match self.waiting(tenant, user).await? {
            Some((_, sealed)) => setup(tenant, user, &self.seed(tenant, &sealed)?).map(Some),
            None => Ok(None),
        }
    }

    async fn waiting(&self, tenant: &Tenant, user: &User) -> Result<Option<(Digest, String)>> {
        let (kind, subject, now) = (Kind::TotpEnrolment, user.id.as_str(), self.clock.now());
        let newest = one_time::of_subject(&self.db, &tenant.id, kind, subject, now).await?.into_iter().next();
        Ok(newest.and_then(|row| Some((row.digest, row.data.get("sealed")?.as_str()?.to_owned()))))
    }

    /// Holds a first code against the seed that waits.
    pub(in crate::accounts) async fn first_code(&self, tenant: &Tenant, user: &User, code: &str) -> Result<FirstCode> {
        let over = || Stop::refuse(Code::Conflict, "the set-up of the authenticator app has to begin again");
        let (digest, sealed) = self.waiting(tenant, user).await?.ok_or_else(over)?;
        let (now, at) = (self.clock.now(), (Kind::TotpEnrolment, &digest));
        one_time::attempt(&self.db, &tenant.id, at, MOST_FIRST_CODES, now).await?.ok_or_else(over)?;
        let step = self.step_of(tenant, &sealed, code)?.ok_or_else(wrong_code)?;
        Ok(FirstCode { digest, sealed, step })
    }

    /// Makes it the person's app, and answers the recovery codes that go with it.
    pub(in crate::accounts) async fn add_totp_in(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        user: &User,
        first: FirstCode,
    ) -> Result<Vec<Secret>> {
        let now = self.clock.now();
        let taken = one_time::take(&mut *tx, &tenant.id, Kind::TotpEnrolment, &first.digest, now).await?;
        taken.ok_or_else(|| Refusal::new(Code::Conflict, "the set-up of the authenticator app has to begin again"))?;
        let factor = TotpFactor { sealed: first.sealed, last_step: first.step, created_at: now };
        factors::set_totp(&mut *tx, &tenant.id, &user.id, &factor).await?;
        factors::end_grace(&mut *tx, &tenant.id, &user.id).await?;
        self.new_codes_in(tx, tenant, user).await
    }

    /// The time step of a code of the person's app, to be spent in the transaction of what it allows.
    pub(in crate::accounts) async fn totp_step(&self, tenant: &Tenant, user: &User, code: &str) -> Result<Option<i64>> {
        match factors::totp(&self.db, &tenant.id, &user.id).await? {
            Some(factor) => self.step_of(tenant, &factor.sealed, code),
            None => Ok(None),
        }
    }

    fn step_of(&self, tenant: &Tenant, sealed: &str, code: &str) -> Result<Option<i64>> {
        let totp = app(tenant, "", &self.seed(tenant, sealed)?);
        let step = totp.check(code.trim(), self.clock.now().0.unsigned_abs());
        Ok(step.filter(|_| code.len() <= 16).and_then(|step| i64::try_from(step).ok()))
    }

    fn seed(&self, tenant: &Tenant, sealed: &str) -> Result<Zeroizing<Vec<u8>>> {
        Ok(self.keys.open(Purpose::TotpSecret, &tenant.id, sealed)?)
    }
}

fn random_seed() -> [u8; SEED] {
    let mut seed = [0; SEED];
    rand::Rng::fill_bytes(&mut rand::rng(), &mut seed);
    seed
}

fn app(tenant: &Tenant, account: &str, seed: &[u8]) -> Totp {
    let plain = |text: &str| text.replace(':', " ");
    let builder = Builder::new().with_secret(seed.to_vec()).with_account_name(plain(account));
    builder.with_issuer(Some(plain(&tenant.name))).build_noncompliant()
}

fn setup(tenant: &Tenant, user: &User, seed: &[u8]) -> Result<TotpSetup> {
    let totp = app(tenant, user.name_to_show(), seed);
    let unusable = |_| Fault::new("a seed cannot be drawn");
    let qr = format!("data:image/png;base64,{}", totp.to_qr_base64().map_err(unusable)?);
    Ok(TotpSetup { secret: totp.secret().to_base32(), uri: totp.to_url().map_err(unusable)?, qr })
}

pub(in crate::accounts) fn wrong_code() -> Refusal {
    Refusal::new(Code::InvalidGrant, "the code is wrong or was used before")
}
