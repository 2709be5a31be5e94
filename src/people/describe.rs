//! What is told about a person, and how it changes.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::wish::Wish;
use super::{People, metadata, nobody};
use crate::base::{Actor, Email, Result, Timestamp, UserId};
use crate::store::audit::{self, Event};
use crate::store::people::{self as store, Described};
use crate::store::tenants::Tenant;
use crate::store::users::{Profile, Role, UserStatus};

/// A person as the API shows them.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    id: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<Email>,
    email_verified: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    status: UserStatus,
    role: Role,
    has_password: bool,
    #[serde(flatten)]
    profile: Profile,
    user_metadata: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_metadata: Option<Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deletion_protected: Option<bool>,
    created_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_login_at: Option<String>,
}

impl Shown {
    /// To the person.
    #[must_use]
    pub fn to_person(person: Described) -> Self {
        Self { app_metadata: None, deletion_protected: None, ..Self::to_administrator(person) }
    }

    /// To an administrator.
    #[must_use]
    pub fn to_administrator(person: Described) -> Self {
        let Described { user, user_metadata, app_metadata, has_password, deletion_protected } = person;
        Self {
            id: user.id,
            email: user.email,
            email_verified: user.email_verified.0,
            username: user.username,
            status: user.status,
            role: user.role,
            has_password: has_password.0,
            profile: user.profile.0,
            user_metadata: user_metadata.0,
            app_metadata: Some(app_metadata.0),
            deletion_protected: Some(deletion_protected.0),
            created_at: user.created_at.rfc3339(),
            updated_at: user.updated_at.rfc3339(),
            last_login_at: user.last_login_at.map(Timestamp::rfc3339),
        }
    }
}

impl People {
    /// Somebody, suspended people included.
    ///
    /// # Errors
    /// There is no such person.
    pub async fn describe(&self, tenant: &Tenant, user: &UserId) -> Result<Described> {
        store::by_id(&self.db, &tenant.id, user).await?.ok_or_else(nobody)
    }

    /// Makes a wish come true. Of two at the same time, the second sees what the first has done.
    ///
    /// # Errors
    /// There is no such person, or the metadata cannot become that.
    pub async fn change(&self, tenant: &Tenant, user: &UserId, wish: &Wish, by: &Actor) -> Result<Described> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let mut person = store::lock(&mut tx, &tenant.id, user).await?.ok_or_else(nobody)?;
        person.user.profile.0 = wish.profile(&person.user.profile)?;
        if let Some(wish) = &wish.user_metadata {
            person.user_metadata.0 = metadata::changed(&person.user_metadata, wish)?;
        }
        if let Some(wish) = &wish.app_metadata {
            person.app_metadata.0 = metadata::changed(&person.app_metadata, wish)?;
        }
        person.user.updated_at = now;
        store::describe(&mut tx, &person, now).await?;
        let event = Event::new(&tenant.id, now, "user.updated").by(&by.id).on(user.as_str()).from(&by.origin);
        audit::record(&mut tx, event.detail(json!({ "changed": wish.names() }))).await?;
        tx.commit().await?;
        Ok(person)
    }
}
