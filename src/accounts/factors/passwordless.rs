//! Sign-in by mail: a code to type or a link to click, for an address that is the person's. Whoever asks holds a flow
//! token, and only with it is code or link worth anything, so that neither can be used elsewhere or guessed from a copy
//! of the database; five guesses, one use (W-027). Whether the address has an account shows nowhere (W-009).

use serde::{Deserialize, Serialize};

use super::Factors;
use crate::accounts::engine::FirstFactor;
use crate::base::{Code, Digest, Email, Method, Origin, Refusal, Result, Seconds, Secret};
use crate::mail::{Letter, Recipient};
use crate::store::audit::{self, Event};
use crate::store::one_time::{self, Kind, OneTime};
use crate::store::users::{self, User, UserStatus};
use crate::store::{Json, Tx};
use crate::tenants::TenantContext;

/// How long code and link work.
pub const LIFETIME: Seconds = Seconds(600);
/// Guesses per code.
const MOST_GUESSES: i64 = 5;
/// Whose a flow is that belongs to nobody.
const NOBODY: &str = "nobody";

/// What somebody wants to be sent.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// Where to.
    pub email: &'a str,
    /// A code to type.
    pub code: bool,
    /// A link, to this page; what stands for the mail follows as `token`.
    pub link: Option<String>,
}

/// What is remembered of a flow: digests.
#[derive(Serialize, Deserialize)]
struct Flow {
    code: Option<String>,
    link: Option<String>,
}

impl Factors {
    /// Sends code or link, if the address has an account that may come in. The flow token is for the asker alone.
    ///
    /// # Errors
    /// The tenant has switched it off, or this is no address.
    pub async fn begin_by_mail(&self, tenant: &TenantContext, wanted: &Wanted<'_>, origin: &Origin) -> Result<Secret> {
        let allowed = &tenant.settings.sign_in;
        let (code, link) = (wanted.code && allowed.email_code, wanted.link.as_ref().filter(|_| allowed.magic_link));
        if !code && link.is_none() {
            return Err(Refusal::new(Code::Forbidden, "this way to sign in is switched off").into());
        }
        let email = wanted.email.trim().parse::<Email>();
        let email = email.map_err(|_| Refusal::new(Code::Unprocessable, "this is not an e-mail address"))?;
        let (flow, number, ticket) = (Secret::generate_with_prefix("flow_"), six_digits(), Secret::generate());
        let remembered =
            Flow { code: code.then(|| bound(&flow, &number)), link: link.map(|_| bound(&flow, ticket.expose())) };
        let letter = Letter::SignInCode {
            code: code.then_some(number),
            link: link.map(|page| format!("{page}?token={}", ticket.expose())),
            lifetime: LIFETIME,
        };
        let user = users::by_email(&self.db, &tenant.id, email.as_str()).await?;
        let user = user.filter(|user| user.status == UserStatus::Active);
        self.send_flow(tenant, (user.as_ref(), &email), (&flow, remembered), (&letter, origin)).await?;
        Ok(flow)
    }

    /// The same work for everybody: an address without account has its letter written too, and it is thrown away.
    async fn send_flow(
        &self,
        tenant: &TenantContext,
        (user, email): (Option<&User>, &Email),
        (flow, remembered): (&Secret, Flow),
        (letter, origin): (&Letter, &Origin),
    ) -> Result<()> {
        let recipient = user.and_then(Recipient::of).unwrap_or_else(|| Recipient::new(email.clone()));
        let recipient = recipient.asked_from(origin);
        let mut tx = self.db.begin().await?;
        if user.is_none() {
            self.mail.send(&mut tx, tenant, &recipient, letter).await?;
            drop(tx);
            tx = self.db.begin().await?;
        }
        self.insert_flow(&mut tx, tenant, user, (flow, remembered)).await?;
        if user.is_some() {
            self.mail.send(&mut tx, tenant, &recipient, letter).await?;
        }
        let mut event = Event::new(&tenant.id, self.clock.now(), "user.sign_in_mailed").from(origin);
        event.target = user.map(|user| user.id.to_string());
        audit::record(&mut tx, event).await?;
        Ok(tx.commit().await?)
    }

    async fn insert_flow(
        &self,
        tx: &mut Tx,
        tenant: &TenantContext,
        user: Option<&User>,
        (flow, remembered): (&Secret, Flow),
    ) -> Result<()> {
        let now = self.clock.now();
        let subject = user.map_or(NOBODY, |user| user.id.as_str());
        if user.is_some() {
            one_time::withdraw(&mut *tx, &tenant.id, Kind::EmailCode, subject, now).await?;
        }
        let row = OneTime {
            tenant_id: tenant.id.clone(),
            kind: Kind::EmailCode,
            digest: flow.digest(),
            subject: subject.to_owned(),
            browser: None,
            data: Json(serde_json::to_value(remembered)?),
            attempts: 0,
            created_at: now,
            expires_at: now.plus(LIFETIME),
            used_at: None,
        };
        Ok(one_time::insert(&mut *tx, &row).await?)
    }

    /// Who typed the code that was mailed for this flow, or clicked the link.
    ///
    /// # Errors
    /// `InvalidGrant`: it is another one, too old, used, or was guessed at too often.
    pub async fn by_mail(
        &self,
        tenant: &TenantContext,
        flow: &Secret,
        (method, shown): (Method, &str),
    ) -> Result<FirstFactor> {
        let (digest, now) = (flow.digest(), self.clock.now());
        let at = (Kind::EmailCode, &digest);
        let row = one_time::attempt(&self.db, &tenant.id, at, MOST_GUESSES, now).await?.ok_or_else(wrong)?;
        let remembered: Flow = serde_json::from_value(row.data.0)?;
        let expected = if method == Method::MagicLink { remembered.link } else { remembered.code };
        let given = Digest::stored(bound(flow, shown.trim()));
        if expected.is_none_or(|expected| Digest::stored(expected) != given) {
            return Err(wrong().into());
        }
        let taken = one_time::take(&self.db, &tenant.id, Kind::EmailCode, &digest, now).await?.ok_or_else(wrong)?;
        let user = users::by_id(&self.db, &tenant.id, &taken.subject.into()).await?.ok_or_else(wrong)?;
        Ok(FirstFactor::proven(user, method))
    }
}

/// What is stored of a code: worth nothing without the flow token, which is not stored.
fn bound(flow: &Secret, shown: &str) -> String {
    Digest::of(format!("{} {shown}", flow.expose()).as_bytes()).as_str().to_owned()
}

fn six_digits() -> String {
    let number = rand::RngExt::random_range(&mut rand::rng(), 0..1_000_000_u32);
    format!("{number:06}")
}

fn wrong() -> Refusal {
    Refusal::new(Code::InvalidGrant, "the code is wrong, too old, or was used before")
}
