//! All that is kept about a person, in one JSON document.

use serde_json::{Value, json};

use super::describe::Shown;
use super::devices::told;
use super::{Activity, People};
use crate::base::{Actor, Result, Timestamp, UserId};
use crate::store::audit::{self, Event};
use crate::store::tenants::Tenant;
use crate::store::{factors, identities, organization_members, passkeys, providers};

/// The document's version.
const FORMAT: &str = "chancery.account/1";
/// After every id, in whatever order a database compares texts.
pub const NEWEST: &str = "z";
/// Events read at a time.
const PAGE: i64 = 500;
/// Most memberships told.
const MOST_MEMBERSHIPS: i64 = 10_000;
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
            "second_factors": self.second_factors(tenant, user).await?,
            "linked_accounts": self.linked_accounts(tenant, user).await?,
            "sessions": sessions.iter().map(|session| told(session, None)).collect::<Vec<_>>(),
            "applications": self.applications(tenant, user).await?,
            "organizations": self.memberships(tenant, user).await?,
            "bought": self.bought(tenant, user).await?,
            "activity": self.all_activity(tenant, user).await?,
        });
        let event = Event::new(&tenant.id, now, "user.exported").by(&by.id).on(user.as_str()).from(&by.origin);
        audit::record(&self.db, event).await?;
        Ok(document)
    }

    /// What the person proves themselves with besides the password: names and dates, never a secret.
    async fn second_factors(&self, tenant: &Tenant, user: &UserId) -> Result<Value> {
        let passkeys = passkeys::of_user(&self.db, &tenant.id, user).await?;
        let app = factors::totp(&self.db, &tenant.id, user).await?;
        let passkeys = passkeys.into_iter().map(|key| {
            json!({
                "id": key.id,
                "name": key.name,
                "created_at": key.created_at.rfc3339(),
                "last_used_at": key.last_used_at.map(Timestamp::rfc3339),
            })
        });
        Ok(json!({
            "passkeys": passkeys.collect::<Vec<_>>(),
            "authenticator_app": app.map(|app| json!({ "created_at": app.created_at.rfc3339() })),
            "recovery_codes_left": factors::held(&self.db, &tenant.id, user).await?.recovery_codes,
        }))
    }

    async fn linked_accounts(&self, tenant: &Tenant, user: &UserId) -> Result<Vec<Value>> {
        let known = providers::all(&self.db, &tenant.id).await?;
        let links = identities::of_user(&self.db, &tenant.id, user).await?;
        let told = links.into_iter().map(|link| {
            let provider = known.iter().find(|provider| provider.id == link.provider_id);
            json!({
                "provider": provider.map(|provider| &provider.name),
                "subject": link.subject,
                "name": link.name,
                "created_at": link.created_at.rfc3339(),
                "last_used_at": link.last_used_at.map(Timestamp::rfc3339),
            })
        });
        Ok(told.collect())
    }

    /// Where the person belongs, suspended organizations included.
    async fn memberships(&self, tenant: &Tenant, user: &UserId) -> Result<Vec<Value>> {
        let found = organization_members::of_user(&self.db, &tenant.id, user, "", ("", MOST_MEMBERSHIPS)).await?;
        let told = found.into_iter().map(|member| {
            let organization = member.organization;
            json!({
                "id": organization.id,
                "slug": organization.slug,
                "name": organization.name,
                "role": member.role,
                "joined_at": member.joined_at.rfc3339(),
            })
        });
        Ok(told.collect())
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
