//! A copy of a tenant beside it: the same people and settings, other keys and no tokens.

use serde::Serialize;
use serde_json::json;

use super::edits::{How, Wanted};
use super::item::{Carried, Item, Sink};
use super::tables::Part;
use super::{Moving, must_be_there};
use crate::base::{Actor, Code, Result, Seconds, Slug, Stop, TenantId, Timestamp};
use crate::store::audit::{self, Event};
use crate::store::tenants::Tenant;

/// What copy is wanted.
#[derive(Clone, Debug)]
pub struct Copying {
    /// Its slug.
    pub slug: Slug,
    /// Its name for people, if not the original's.
    pub name: Option<String>,
    /// How long it lives; for good when absent.
    pub lives: Option<Seconds>,
    /// With people and what they have, or only how the tenant is set up.
    pub people: bool,
}

/// The copy.
#[derive(Clone, Debug, Serialize)]
pub struct Copied {
    /// Its id.
    pub id: TenantId,
    /// Its slug.
    pub slug: Slug,
    /// Its issuer.
    pub issuer: String,
    /// When it ends.
    pub expires_at: Option<String>,
    /// How much was copied.
    pub carried: Carried,
}

/// Counts what it passes on.
struct Counting<'a, S> {
    sink: &'a mut S,
    carried: Carried,
}

impl<S: Sink> Sink for Counting<'_, S> {
    async fn take(&mut self, item: Item) -> Result<()> {
        self.carried.count(&item);
        self.sink.take(item).await
    }
}

impl Moving {
    /// Makes a copy. Nothing that opens the original opens it: it has keys of its own, and no API keys, sessions and
    /// tokens. It takes no money and tells nobody.
    ///
    /// # Errors
    /// The tenant is deleted or the operators' own, or the slug is taken.
    pub async fn copy(&self, tenant: &Tenant, how: Copying, by: &Actor) -> Result<Copied> {
        must_be_there(tenant)?;
        let (id, now) = (TenantId::generate(), self.clock.now());
        let collisions = self.collisions(&id, &how.slug, &[]).await?;
        if !collisions.is_empty() {
            return Err(Stop::refuse(Code::Conflict, collisions.join("; ")));
        }
        let until = how.lives.map(|lives| now.plus(lives));
        let wanted = Wanted { id, slug: how.slug, now, how: How::Copied { name: how.name, until } };
        let mut arriving = self.receive(&wanted).await?;
        let mut counting = Counting { sink: &mut arriving, carried: Carried::default() };
        let sent = self.send(&tenant.id, Part::Copy { people: how.people }, &mut counting).await;
        let (carried, begun) = (counting.carried, arriving.begun);
        let event = |of: &TenantId| Event::new(of, now, "tenant.cloned").by(&by.id).from(&by.origin);
        let landed = match sent {
            Ok(()) => {
                let detail = json!({ "from": tenant.id });
                self.land(arriving, &wanted, event(&wanted.id).on(wanted.id.as_str()).detail(detail)).await
            }
            Err(stop) => Err(stop),
        };
        if landed.is_err() && begun {
            self.sweep(&wanted.id).await;
        }
        let made = landed?;
        audit::record(&self.db, event(&tenant.id).on(made.id.as_str())).await?;
        let issuer = self.tenants.context(made).issuer;
        Ok(Copied { id: wanted.id, slug: wanted.slug, issuer, expires_at: until.map(Timestamp::rfc3339), carried })
    }
}
