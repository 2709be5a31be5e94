//! People whom nobody can delete, neither themselves nor an administrator, until operators say otherwise.

use serde_json::json;

use super::{Accounts, nobody};
use crate::base::{Actor, Code, Result, Stop, UserId};
use crate::store::Tx;
use crate::store::audit::{self, Event};
use crate::store::protections;
use crate::store::tenants::Tenant;

impl Accounts {
    /// Protects somebody from deletion, or no longer.
    ///
    /// # Errors
    /// There is no such person.
    pub async fn protect(&self, tenant: &Tenant, user: &UserId, protected: bool, by: &Actor) -> Result<()> {
        let mut tx = self.db.begin().await?;
        if !protections::protect(&mut tx, &tenant.id, user, protected).await? {
            return Err(nobody());
        }
        let event = Event::new(&tenant.id, self.clock.now(), "user.updated").by(&by.id).on(user.as_str());
        let event = event.from(&by.origin).detail(json!({ "deletion_protected": protected }));
        audit::record(&mut tx, event).await?;
        Ok(tx.commit().await?)
    }

    /// Whether somebody is protected from deletion.
    ///
    /// # Errors
    /// There is no such person.
    pub async fn is_protected(&self, tenant: &Tenant, user: &UserId) -> Result<bool> {
        protections::is_protected(&self.db, &tenant.id, user).await?.ok_or_else(nobody)
    }
}

/// Refuses to delete whom operators protect.
pub(super) async fn must_be_free(tx: &mut Tx, tenant: &Tenant, user: &UserId) -> Result<()> {
    match protections::is_protected(tx, &tenant.id, user).await? {
        Some(true) => Err(Stop::refuse(Code::DeletionProtected, "this account is protected from deletion")),
        _ => Ok(()),
    }
}
