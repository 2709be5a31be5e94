//! A new password for somebody else: an administrator has the link mailed, or hands it over to whoever has no mailbox.
//! The password itself is chosen by the person alone.

use serde_json::json;

use super::letters::To;
use super::links::Purpose;
use super::{Accounts, Giver, nobody};
use crate::base::{Code, Result, Stop, Timestamp, UserId};
use crate::store::audit::{self, Event};
use crate::store::one_time::Kind;
use crate::store::people;
use crate::store::users::{self, UserStatus};
use crate::tenants::TenantContext;

/// How the link reaches its person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// By mail, which also proves the address.
    Mail,
    /// The caller sees to it.
    Answer,
}

/// A link that is answered, this once.
#[derive(Debug)]
pub struct MadeLink {
    /// Its address.
    pub link: String,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

impl Accounts {
    /// Makes a link to a new password. With `force` the one before works no more, and every session and token ends:
    /// the person has to choose another.
    ///
    /// # Errors
    /// `NotFound`: there is no such person who may sign in. `Forbidden`: their role is above the giver's.
    /// `Unprocessable`: there is no address to mail to.
    pub async fn reset_for(
        &self,
        tenant: &TenantContext,
        user: &UserId,
        (delivery, force): (Delivery, bool),
        by: &Giver,
    ) -> Result<Option<MadeLink>> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let person = people::lock(&mut tx, &tenant.id, user).await?.map(|person| person.user);
        let person = person.filter(|person| person.status == UserStatus::Active).ok_or_else(nobody)?;
        by.check(person.role)?;
        if force {
            users::forget_password(&mut tx, &tenant.id, user).await?;
            self.end_everything(&mut tx, tenant, user).await?;
        }
        let lives = tenant.settings.lifetimes.reset_password;
        let made = match (delivery, &person.email) {
            (Delivery::Mail, None) => {
                return Err(Stop::refuse(Code::Unprocessable, "this account has no e-mail address to mail to"));
            }
            (Delivery::Mail, Some(email)) => {
                let letter = self.reset_letter(&mut tx, tenant, user, email).await?;
                let to = To { email, user: Some(&person), origin: &by.actor.origin };
                self.mail(&mut tx, tenant, &to, &letter).await?;
                None
            }
            (Delivery::Answer, _) => {
                let purpose = Purpose {
                    kind: Kind::ResetPassword,
                    subject: user.as_str(),
                    data: json!({ "by": by.actor.id }),
                    lives,
                };
                let link = self.link(&mut tx, tenant, purpose).await?;
                Some(MadeLink { link, expires_at: now.plus(lives) })
            }
        };
        let event = Event::new(&tenant.id, now, "user.password_reset_requested").by(&by.actor.id).on(user.as_str());
        let detail = json!({ "mailed": delivery == Delivery::Mail, "forced": force });
        audit::record(&mut tx, event.from(&by.actor.origin).detail(detail)).await?;
        tx.commit().await?;
        Ok(made)
    }
}
