//! Sign-up. Whoever asks learns nothing about whether an account exists: the same answer after the same statements,
//! and the owner of the address is told by mail what happened (W-007, W-009, W-012).

use serde_json::{Map, Value, json};

use super::engine::FirstFactor;
use super::letters::To;
use super::links::Purpose;
use super::{Accounts, NewUser, check_profile, check_username, policy};
use crate::base::{Code, Email, Method, Origin, Result, Secret, Stop, UserId};
use crate::mail::Letter;
use crate::store::one_time::Kind;
use crate::store::users::{self as store, Profile, Role, User};
use crate::store::{Tx, addresses, people};
use crate::tenants::{TenantContext, make_room_for_stranger, place};

/// What somebody tells who signs up.
#[derive(Clone, Debug)]
pub struct SignUp {
    /// Where the mail goes.
    pub email: Email,
    /// Besides the address.
    pub username: Option<String>,
    /// Absent: it is chosen when the mail's link is opened.
    pub password: Option<Secret>,
    /// What else is known.
    pub profile: Profile,
    /// What the application wants to keep with the account.
    pub metadata: Map<String, Value>,
    /// Where to go after the address is verified.
    pub redirect: Option<String>,
}

/// Whom a sign-up turned out to be about.
enum About {
    /// Somebody new, or one who did not answer the mail so far.
    Waiting(User),
    /// The owner of a living account.
    Owner(User),
}

impl Accounts {
    /// Takes a sign-up. What comes of it is in the mail. Where nobody has to prove an address before signing in, somebody
    /// new who chose a password is answered, and may come in.
    ///
    /// # Errors
    /// `Forbidden`, `Unprocessable`: this tenant takes no such sign-ups, whoever asks. `PlanLimitReached`: it takes none
    /// at the moment, whether the address has an account or not.
    pub async fn register(&self, tenant: &TenantContext, new: SignUp, origin: &Origin) -> Result<Option<FirstFactor>> {
        check_sign_up(tenant, &new)?;
        let hash = match &new.password {
            Some(password) => Some(self.passwords.hash(&tenant.id, password).await?),
            None => None,
        };
        let mut tx = self.db.begin().await?;
        make_room_for_stranger(&mut tx, tenant, self.clock.now()).await?;
        let (about, taken, made) = self.admit_sign_up(&mut tx, tenant, &new, hash).await?;
        let (user, action) = match &about {
            About::Waiting(user) => (user, "user.created"),
            About::Owner(user) => (user, "user.registered_again"),
        };
        self.record_on(&mut tx, tenant, (action, &user.id), origin).await?;
        let to = To { email: user.email.as_ref().unwrap_or(&new.email), user: Some(user), origin };
        if self.has_room(&mut tx, tenant, &to).await? {
            let letter = self.sign_up_letter(&mut tx, tenant, &about, link_data(tenant, &new, taken)).await?;
            self.mail(&mut tx, tenant, &to, &letter).await?;
        }
        tx.commit().await?;
        let at_once = made && new.password.is_some() && tenant.settings.unverified_sign_in;
        Ok(match about {
            About::Waiting(user) if at_once => Some(FirstFactor::proven(user, Method::Password)),
            _ => None,
        })
    }

    /// What the address hears. For an owner the link is made for an account that nobody has.
    async fn sign_up_letter(&self, tx: &mut Tx, tenant: &TenantContext, about: &About, data: Value) -> Result<Letter> {
        let subject = match about {
            About::Waiting(user) => user.id.clone(),
            About::Owner(_) => UserId::generate(),
        };
        let lifetime = tenant.settings.lifetimes.verify_email;
        let purpose = Purpose { kind: Kind::VerifyEmail, subject: subject.as_str(), data, lives: lifetime };
        let link = self.link(tx, tenant, purpose).await?;
        let [sign_in, recover] = ["/login", "/forgot-password"].map(|page| format!("{}{page}", tenant.issuer));
        Ok(match about {
            About::Waiting(_) => Letter::VerifyEmail { link, lifetime },
            About::Owner(_) => Letter::AlreadyRegistered { sign_in, recover },
        })
    }

    /// Makes the account, or finds the one there is; whether the user name was somebody else's, and whether it is new. One that
    /// two people signed up for and nobody verified loses its password: whoever gets the mail chooses one, so that
    /// nobody can prepare an account for the owner of an address (U6).
    async fn admit_sign_up(
        &self,
        tx: &mut Tx,
        tenant: &TenantContext,
        new: &SignUp,
        hash: Option<String>,
    ) -> Result<(About, bool, bool)> {
        let now = self.clock.now();
        let made = store::insert(&mut *tx, &self.user_of(tenant, NewUser::signing_up(new))).await?;
        let known = addresses::held_by_email(tx, &tenant.id, &new.email).await?;
        let known = known.ok_or_else(|| Stop::refuse(Code::Conflict, "the address was just given up; try again"))?;
        let nobody = UserId::generate();
        people::tell(&mut *tx, &tenant.id, if made { &known.id } else { &nobody }, new.metadata.clone()).await?;
        let taken = match &new.username {
            Some(name) => {
                let id = if made { &known.id } else { &nobody };
                !addresses::name(&mut *tx, &tenant.id, id, name, now).await? && made
            }
            None => false,
        };
        if let (true, Some(hash)) = (made, hash) {
            store::set_password(tx, &tenant.id, &known.id, &hash, now).await?;
            return Ok((About::Waiting(known), taken, made));
        }
        let waiting = made || (!known.email_verified.0 && known.last_login_at.is_none());
        let loser = if waiting && !made { &known.id } else { &nobody };
        addresses::forget_password(tx, &tenant.id, loser).await?;
        Ok((if waiting { About::Waiting(known) } else { About::Owner(known) }, taken, made))
    }
}

impl NewUser {
    /// What a stranger gets: no privilege can be asked for (W-063).
    fn signing_up(new: &SignUp) -> Self {
        Self {
            email: Some(new.email.clone()),
            email_verified: false,
            username: None,
            password: None,
            role: Role::User,
            profile: new.profile.clone(),
        }
    }
}

/// What can be said without looking anything up.
fn check_sign_up(tenant: &TenantContext, new: &SignUp) -> Result<()> {
    let settings = &tenant.settings;
    if !settings.self_registration {
        return Err(Stop::refuse(Code::Forbidden, "people cannot sign themselves up here"));
    }
    let key = new.email.key();
    let domain = key.split('@').nth(1).unwrap_or_default();
    if !settings.allowed_domains.is_empty() && !settings.allowed_domains.iter().any(|allowed| allowed == domain) {
        return Err(Stop::refuse(Code::Unprocessable, "addresses of this domain cannot be signed up here"));
    }
    check_profile(&new.profile)?;
    if let Some(username) = &new.username {
        check_username(username)?;
    }
    if let Some(password) = &new.password {
        let personal: Vec<&str> = [new.email.as_str()].into_iter().chain(new.username.as_deref()).collect();
        policy::check(&settings.passwords, password, &personal)?;
    }
    if new.redirect.as_ref().is_some_and(|url| place(settings, url).is_none()) {
        return Err(Stop::refuse(Code::Unprocessable, "the redirect is not at an address that this tenant has listed"));
    }
    Ok(())
}

fn link_data(tenant: &TenantContext, new: &SignUp, taken: bool) -> Value {
    let redirect = new.redirect.as_deref().and_then(|url| place(&tenant.settings, url));
    json!({ "email": new.email, "redirect": redirect, "username_taken": taken })
}
