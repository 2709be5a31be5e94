//! Sign-up by a user name alone, where a tenant wants that. There is no mailbox that could hear what happened, so a
//! taken name is told: whoever signs in with it afterwards would see it anyway.

use serde_json::{Map, Value};

use super::engine::FirstFactor;
use super::{Accounts, NewUser, check_profile, check_username, policy};
use crate::base::{Code, Method, Origin, Result, Secret, Stop};
use crate::store::people;
use crate::store::users::{Profile, Role};
use crate::tenants::{TenantContext, make_room_for_stranger};

/// What somebody tells who signs up without an address.
#[derive(Clone, Debug)]
pub struct NameSignUp {
    /// The name.
    pub username: String,
    /// The only way in.
    pub password: Secret,
    /// What else is known.
    pub profile: Profile,
    /// What the application wants to keep with the account.
    pub metadata: Map<String, Value>,
}

impl Accounts {
    /// Makes the account; its person may come in.
    ///
    /// # Errors
    /// `Forbidden`, `Unprocessable`: this tenant takes no such sign-ups. `Conflict`: somebody has the name.
    pub async fn register_by_name(
        &self,
        tenant: &TenantContext,
        new: NameSignUp,
        origin: &Origin,
    ) -> Result<FirstFactor> {
        let settings = &tenant.settings;
        if !settings.self_registration {
            return Err(Stop::refuse(Code::Forbidden, "people cannot sign themselves up here"));
        }
        if !settings.username_sign_up {
            return Err(Stop::refuse(Code::Unprocessable, "an e-mail address is needed"));
        }
        check_profile(&new.profile)?;
        check_username(&new.username)?;
        policy::check(&settings.passwords, &new.password, &[new.username.as_str()])?;
        let hash = self.passwords.hash(&tenant.id, &new.password).await?;
        let wanted = NewUser {
            email: None,
            email_verified: false,
            username: Some(new.username),
            password: None,
            role: Role::User,
            profile: new.profile,
        };
        let mut tx = self.db.begin().await?;
        make_room_for_stranger(&mut tx, tenant, self.clock.now()).await?;
        let user = self.insert_expected(&mut tx, tenant, wanted, Some(hash)).await?;
        people::tell(&mut tx, &tenant.id, &user.id, new.metadata).await?;
        self.record_on(&mut tx, tenant, ("user.created", &user.id), origin).await?;
        tx.commit().await?;
        Ok(FirstFactor::proven(user, Method::Password))
    }
}
