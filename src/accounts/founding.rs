//! A tenant and its first owner, made together: there is never one without the other.

use serde_json::json;

use super::letters::To;
use super::links::Purpose;
use super::made::Giver;
use super::{Accounts, NewUser};
use crate::base::{Actor, Email, Result, Seconds, Secret};
use crate::mail::Letter;
use crate::store::Tx;
use crate::store::one_time::Kind;
use crate::store::tenant_directory as directory;
use crate::store::tenants::Tenant;
use crate::store::users::{Profile, Role, User};
use crate::tenants::{TenantContext, Tenants, check_whole};

/// How long a tenant waits for an owner whose address nobody answers for to prove it.
const WEEK: Seconds = Seconds(7 * 86_400);

/// Who is to own a tenant.
#[derive(Clone, Debug)]
pub struct Owner {
    /// Where mail for the owner goes.
    pub email: Email,
    /// Absent: chosen behind the link of the mail.
    pub password: Option<Secret>,
    /// The name for people.
    pub name: Option<String>,
    /// Whether somebody answers for the address, so that it need not be proven.
    pub vouched: bool,
}

impl Accounts {
    /// Makes a tenant, and its owner where one is named. An owner without password is invited by mail; one whose address
    /// nobody answers for has to prove it before signing in.
    ///
    /// # Errors
    /// The slug is taken, a setting cannot be, or the password is too weak.
    pub async fn found(
        &self,
        tenants: &Tenants,
        tenant: Tenant,
        owner: Option<Owner>,
        by: &Actor,
    ) -> Result<(TenantContext, Option<User>)> {
        check_whole(&tenant)?;
        let tenant = tenants.context(tenant);
        let Some(owner) = owner else {
            let mut tx = self.db.begin().await?;
            tenants.create_in(&mut tx, &tenant, by).await?;
            tx.commit().await?;
            return Ok((tenant, None));
        };
        let new = NewUser {
            email: Some(owner.email.clone()),
            email_verified: owner.vouched && owner.password.is_some(),
            username: None,
            password: owner.password.clone(),
            role: Role::Owner,
            profile: Profile { name: owner.name.clone(), ..Profile::default() },
        };
        let hash = self.check_new(&tenant, &new).await?;
        let mut tx = self.db.begin().await?;
        tenants.create_in(&mut tx, &tenant, by).await?;
        let user = self.insert_new(&mut tx, &tenant, new, hash).await?;
        self.record(&mut tx, &tenant, "user.created", &user.id, by).await?;
        if !owner.vouched {
            directory::must_prove(&mut tx, &tenant.id, user.created_at.plus(WEEK)).await?;
        }
        if let Some(letter) = self.letter_to(&mut tx, &tenant, (&user, &owner), by).await? {
            let to = To { email: &owner.email, user: Some(&user), origin: &by.origin };
            self.mail(&mut tx, &tenant, &to, &letter).await?;
        }
        tx.commit().await?;
        Ok((tenant, Some(user)))
    }

    /// What a new owner has to be told.
    async fn letter_to(
        &self,
        tx: &mut Tx,
        tenant: &TenantContext,
        (user, owner): (&User, &Owner),
        by: &Actor,
    ) -> Result<Option<Letter>> {
        if user.email_verified.0 {
            return Ok(None);
        }
        if owner.vouched {
            let giver = Giver { actor: by.clone(), highest: Role::Owner, name: None };
            return self.welcome(tx, tenant, (&user.id, &owner.email), &giver).await.map(Some);
        }
        let lifetime = tenant.settings.lifetimes.verify_email;
        let data = json!({ "email": owner.email });
        let purpose = Purpose { kind: Kind::VerifyEmail, subject: user.id.as_str(), data, lives: lifetime };
        Ok(Some(Letter::VerifyEmail { link: self.link(tx, tenant, purpose).await?, lifetime }))
    }
}
