//! `chancery user invite`: a place in the tenant, offered by mail. Nobody but the reader of that mail sees the link.

use serde::Serialize;

use super::output::Out;
use crate::accounts::Giver;
use crate::app::App;
use crate::base::{Actor, Email, Result};
use crate::store::users::Role;

/// Whom to invite.
#[derive(Debug, clap::Args)]
pub(super) struct Invite {
    /// The tenant's slug
    #[arg(long)]
    tenant: String,
    /// The e-mail address
    email: Email,
    /// user, support, admin or owner
    #[arg(long, default_value = "user")]
    role: Role,
}

/// An invitation as it is shown.
#[derive(Serialize)]
struct Invited {
    id: String,
    email: Email,
    role: Role,
    expires_at: String,
}

impl Invite {
    pub(super) async fn run(self, app: &App, out: Out) -> Result<()> {
        let tenant = app.tenants.context(app.tenants.look_up(&self.tenant).await?);
        let by = Giver { actor: Actor::operator(), highest: Role::Owner, name: None };
        let made = app.accounts.invite(&tenant, (self.email, self.role), &by).await?;
        let expires_at = made.expires_at.rfc3339();
        out.record(&Invited { id: made.id, email: made.email, role: made.role, expires_at })
    }
}
