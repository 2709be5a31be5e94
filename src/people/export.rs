//! All that is kept about a person, in one JSON document.

use serde_json::{Value, json};

use super::describe::Shown;
use super::devices::told;
use super::{Activity, People};
use crate::base::{Actor, Result, UserId};
use crate::store::audit::{self, Event};
use crate::store::tenants::Tenant;

/// The document's version.
const FORMAT: &str = "chancery.account/1";
/// After every id, in whatever order a database compares texts.
pub const NEWEST: &str = "z";
/// Events read at a time.
const PAGE: i64 = 500;
/// Most events told; older ones are asked for page by page.
const MOST_EVENTS: usize = 10_000;

impl People {
    /// The document, made now; that it was made is itself an event.
    ///
    /// # Errors
    /// There is no such person.
    pub async fn export(&self, tenant: &Tenant, user: &UserId, by: &Actor) -> Result<Value> {
        let now = self.clock.now();
        let person = self.describe(tenant, user).await?;
        let sessions = self.sessions(tenant, user).await?;
        let document = json!({
            "format": FORMAT,
            "exported_at": now.rfc3339(),
            "tenant": { "slug": tenant.slug, "name": tenant.name },
            "account": Shown::to_administrator(person),
            "sessions": sessions.iter().map(|session| told(session, None)).collect::<Vec<_>>(),
            "applications": self.applications(tenant, user).await?,
            "activity": self.all_activity(tenant, user).await?,
        });
        let event = Event::new(&tenant.id, now, "user.exported").by(&by.id).on(user.as_str()).from(&by.origin);
        audit::record(&self.db, event).await?;
        Ok(document)
    }

    async fn all_activity(&self, tenant: &Tenant, user: &UserId) -> Result<Vec<Activity>> {
        let mut all = Vec::new();
        let mut before = NEWEST.to_owned();
        while all.len() < MOST_EVENTS {
            let page = self.activity(tenant, user, &before, PAGE).await?;
            let Some(last) = page.last() else { break };
            before = last.id.to_string();
            all.extend(page);
        }
        Ok(all)
    }
}
