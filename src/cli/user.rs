//! `chancery user`.

use serde::Serialize;

use super::Page;
use super::output::Out;
use super::place::secret_from_stdin;
use crate::accounts::{Delivery, Giver, Lost, NewUser};
use crate::app::App;
use crate::base::{Actor, Code, Email, Fault, Refusal, Result, UserId};
use crate::store::users::{self as store, Profile, Role, UserStatus};

/// What to do with people.
#[derive(Debug, clap::Subcommand)]
pub(super) enum User {
    /// Add one
    Create(Box<Create>),
    /// Offer somebody a place, by mail
    Invite(super::user_invite::Invite),
    /// Send another link that proves the e-mail address
    ResendVerification(Who),
    /// Show all of a tenant
    List {
        /// The tenant's slug
        #[arg(long)]
        tenant: String,
        #[command(flatten)]
        page: Page,
    },
    /// Show one
    Show(Who),
    /// End all sessions and tokens, and let the person in no more
    Suspend(Who),
    /// Let the person in again
    Activate(Who),
    /// Take the account away; its address is free again, and for some time it can be restored
    Delete(Who),
    /// Bring a deleted account back, as long as it is not purged
    Restore(Who),
    /// Give another role
    SetRole {
        #[command(flatten)]
        who: Who,
        /// user, support, admin or owner
        role: Role,
    },
    /// Make a link to a new password, which is shown this once
    ResetLink {
        #[command(flatten)]
        who: Who,
        /// End the password before, all sessions and tokens
        #[arg(long)]
        force: bool,
    },
    /// Take all second factors away from somebody who has lost them
    RemoveFactors(Who),
    /// Set another password; all sessions and tokens end
    SetPassword {
        #[command(flatten)]
        who: Who,
        /// Read it from standard input
        #[arg(long, required = true)]
        password_stdin: bool,
    },
}

/// A link as it is shown.
#[derive(Serialize)]
struct Link {
    link: String,
    expires_at: String,
}

/// One person.
#[derive(Debug, clap::Args)]
pub(super) struct Who {
    /// The tenant's slug
    #[arg(long)]
    tenant: String,
    /// Id, e-mail address or user name
    user: String,
}

/// A person to be added.
#[derive(Debug, clap::Args)]
pub(super) struct Create {
    /// The tenant's slug
    #[arg(long)]
    tenant: String,
    /// The e-mail address
    #[arg(long, required_unless_present = "username")]
    email: Option<Email>,
    /// The user name
    #[arg(long)]
    username: Option<String>,
    /// Read a password from standard input; without one nobody can sign in by password
    #[arg(long)]
    password_stdin: bool,
    /// The e-mail address is known to be the person's
    #[arg(long)]
    verified: bool,
    /// user, support, admin or owner
    #[arg(long, default_value = "user")]
    role: Role,
    /// The name
    #[arg(long)]
    name: Option<String>,
    /// A further standard claim, as in `given_name=Ada` or `address={"country":"GB"}`
    #[arg(long = "claim", value_name = "NAME=VALUE")]
    claims: Vec<String>,
}

/// A person as shown.
#[derive(Serialize)]
struct Shown {
    id: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<Email>,
    email_verified: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    status: UserStatus,
    role: Role,
    profile: Profile,
    created_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_login_at: Option<String>,
}

impl User {
    pub(super) async fn run(self, app: &App, out: Out) -> Result<()> {
        match self {
            Self::Create(create) => create.run(app, out).await,
            Self::Invite(invite) => invite.run(app, out).await,
            Self::ResendVerification(who) => {
                let tenant = app.tenants.context(app.tenants.look_up(&who.tenant).await?);
                let user = app.accounts.look_up(&tenant, &who.user).await?;
                app.accounts.resend_verification_of(&tenant, &user.id, &Actor::operator()).await?;
                out.done(&format!("{} gets another link.", who.user))
            }
            Self::List { tenant, page } => {
                let tenant = app.tenants.look_up(&tenant).await?;
                let found = app.accounts.page(&tenant, &page.after, page.limit).await?;
                let found: Vec<_> = found.into_iter().map(shown).collect();
                out.list(&found, &["id", "email", "username", "role", "status"])
            }
            Self::Show(who) => {
                let tenant = app.tenants.look_up(&who.tenant).await?;
                out.record(&shown(app.accounts.look_up(&tenant, &who.user).await?))
            }
            Self::Suspend(who) => status(app, out, who, UserStatus::Suspended).await,
            Self::Activate(who) => {
                let tenant = app.tenants.context(app.tenants.look_up(&who.tenant).await?);
                let user = app.accounts.look_up(&tenant, &who.user).await?;
                app.people.activate(&tenant, &user.id, &Actor::operator()).await?;
                out.done(&format!("{} is active.", who.user))
            }
            Self::Restore(who) => {
                let tenant = app.tenants.context(app.tenants.look_up(&who.tenant).await?);
                let user = app.people.find_deleted(&tenant, &who.user).await?;
                app.people.restore(&tenant, &user, (Role::Owner, &Actor::operator())).await?;
                out.done(&format!("{} is back.", who.user))
            }
            Self::Delete(who) => status(app, out, who, UserStatus::Deleted).await,
            Self::SetRole { who, role } => {
                let tenant = app.tenants.look_up(&who.tenant).await?;
                let user = app.accounts.look_up(&tenant, &who.user).await?;
                app.accounts.set_role(&tenant, &user.id, role, &Actor::operator()).await?;
                out.done(&format!("{} has the role {}.", who.user, role.as_str()))
            }
            Self::ResetLink { who, force } => {
                let tenant = app.tenants.context(app.tenants.look_up(&who.tenant).await?);
                let user = app.accounts.look_up(&tenant, &who.user).await?;
                let by = Giver { actor: Actor::operator(), highest: Role::Owner, name: None };
                let made = app.people.reset_password(&tenant, &user.id, (Delivery::Answer, force), &by).await?;
                let made = made.ok_or_else(|| Fault::new("there is no link"))?;
                out.record(&Link { link: made.link, expires_at: made.expires_at.rfc3339() })
            }
            Self::RemoveFactors(who) => {
                let tenant = app.tenants.context(app.tenants.look_up(&who.tenant).await?);
                let user = app.accounts.look_up(&tenant, &who.user).await?;
                let removed = app.factors.take_lost(&tenant, &user, Lost::Everything, &Actor::operator()).await?;
                out.done(&format!("{} has lost {removed} second factors.", who.user))
            }
            Self::SetPassword { who, .. } => {
                let tenant = app.tenants.context(app.tenants.look_up(&who.tenant).await?);
                let user = app.accounts.look_up(&tenant, &who.user).await?;
                let password = secret_from_stdin()?;
                app.accounts.set_password_with_notice(&tenant, &user.id, &password, &Actor::operator()).await?;
                out.done(&format!("{} has a new password.", who.user))
            }
        }
    }
}

impl Create {
    async fn run(self, app: &App, out: Out) -> Result<()> {
        let tenant = app.tenants.look_up(&self.tenant).await?;
        let profile = Profile { name: self.name, ..profile(&self.claims)? };
        let password = if self.password_stdin { Some(secret_from_stdin()?) } else { None };
        let new = NewUser {
            email: self.email,
            email_verified: self.verified,
            username: self.username,
            password,
            role: self.role,
            profile,
        };
        out.record(&shown(app.accounts.create(&tenant, new, &Actor::operator()).await?))
    }
}

fn profile(claims: &[String]) -> Result<Profile> {
    let refuse = |sentence: String| Refusal::new(Code::Unprocessable, sentence);
    let mut members = serde_json::Map::new();
    for claim in claims {
        let (name, text) = claim.split_once('=').ok_or_else(|| refuse(format!("`{claim}` is not NAME=VALUE")))?;
        let typed = ["address", "phone_number_verified"].contains(&name);
        let value = if typed { serde_json::from_str(text)? } else { text.into() };
        members.insert(name.to_owned(), value);
    }
    Ok(serde_json::from_value(members.into()).map_err(|error| refuse(format!("the claims cannot be used: {error}")))?)
}

async fn status(app: &App, out: Out, who: Who, status: UserStatus) -> Result<()> {
    let tenant = app.tenants.look_up(&who.tenant).await?;
    let user = app.accounts.look_up(&tenant, &who.user).await?;
    app.accounts.set_status(&tenant, &user.id, status, &Actor::operator()).await?;
    out.done(&format!("{} is {}.", who.user, status.as_str()))
}

fn shown(user: store::User) -> Shown {
    Shown {
        id: user.id,
        email: user.email,
        email_verified: user.email_verified.0,
        username: user.username,
        status: user.status,
        role: user.role,
        profile: user.profile.0,
        created_at: user.created_at.rfc3339(),
        updated_at: user.updated_at.rfc3339(),
        last_login_at: user.last_login_at.map(crate::base::Timestamp::rfc3339),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_the_standard_ones_and_nothing_else() {
        let claims = ["given_name=Ada", "address={\"country\":\"GB\"}", "phone_number_verified=true"];
        let read = profile(&claims.map(str::to_owned)).unwrap();
        assert_eq!(read.address.unwrap().country.as_deref(), Some("GB"));
        assert_eq!(read.phone_number_verified, Some(true));
        for bad in ["role=owner", "given_name", "address=x", "email_verified=true"] {
            assert!(profile(&[bad.to_owned()]).is_err(), "{bad}");
        }
    }
}
