//! Collections themselves: which there are, and what is said of them. Only those who govern change that; each change
//! has its row in the audit trail.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::definition::Definition;
use super::refusals::{unsettled, wrong};
use super::sight::is_reserved;
use super::upkeep::Upkeep;
use super::{Asking, COLLECTIONS, Condition, Documents};
use crate::base::{Code, Refusal, Result, StepUps, TenantId};
use crate::query::update::patch;
use crate::store::audit::{self, Event};
use crate::store::collections::{self, Collection};
use crate::store::document_counters::{self, Holder, Usage};
use crate::store::{Tx, document_emptying, document_indexing};

/// Longest name.
const NAME: usize = 64;

/// A collection as those see it who may see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Described {
    /// Its name.
    pub name: String,
    /// Counts its definitions; its entity tag.
    pub version: i64,
    /// What is said of it; only for those who govern.
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    pub definition: Option<Map<String, Value>>,
}

impl Described {
    fn to(asking: &Asking, collection: Collection) -> Self {
        let Collection { name, definition, version, .. } = collection;
        let definition = match definition {
            Value::Object(map) if asking.governs() => Some(map),
            _ => None,
        };
        Self { name, version, definition }
    }
}

impl Documents {
    /// How many documents a tenant has, and their bytes.
    ///
    /// # Errors
    /// The database failed.
    pub async fn usage(&self, tenant: &TenantId) -> Result<Usage> {
        Ok(document_counters::usage(&self.db, tenant, &Holder::Tenant).await?)
    }

    /// What a tenant says of its collections, and how much is in each.
    ///
    /// # Errors
    /// The database failed.
    pub async fn definitions(&self, tenant: &TenantId) -> Result<Vec<(Collection, Usage)>> {
        let mut found = Vec::new();
        for collection in collections::list(&self.db, tenant).await? {
            let holder = Holder::Collection(collection.coll);
            let usage = document_counters::usage(&self.db, tenant, &holder).await?;
            found.push((collection, usage));
        }
        Ok(found)
    }

    /// Whether a collection can be called so and can be so.
    ///
    /// # Errors
    /// The name or the definition is none.
    pub fn check(name: &str, text: &Map<String, Value>) -> Result<Definition, Refusal> {
        named(name)?;
        let definition = Definition::read(text)?;
        definition.upkeep.check()?;
        Ok(definition)
    }

    /// The collections that this caller may do something with.
    ///
    /// # Errors
    /// The database failed.
    pub async fn collections(&self, asking: &Asking) -> Result<Vec<Described>> {
        let all = collections::list(&self.db, &asking.tenant).await?;
        let seen = |collection: &Collection| {
            asking.governs() || asking.reads(&collection.name) || asking.writes(&collection.name)
        };
        Ok(all.into_iter().filter(seen).map(|collection| Described::to(asking, collection)).collect())
    }

    /// One of them.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn collection(&self, asking: &Asking, name: &str) -> Result<Described> {
        let found = collections::find(&self.db, &asking.tenant, name).await?;
        Ok(Described::to(asking, found.ok_or_else(unknown)?))
    }

    /// Makes a collection, or gives one another definition. Answers whether it is new.
    ///
    /// # Errors
    /// The name or the definition is none, the condition does not hold, or there are too many.
    pub async fn define(
        &self,
        asking: &Asking,
        name: &str,
        text: Map<String, Value>,
        condition: &Condition,
    ) -> Result<(Described, bool)> {
        let definition = Self::check(name, &text)?;
        let found = collections::find(&self.db, &asking.tenant, name).await?;
        condition.check(found.as_ref().map(|found| found.version), false)?;
        self.may_lift(asking, found.as_ref())?;
        let (text, now) = (Value::Object(text), self.clock.now());
        let mut tx = self.db.begin().await?;
        let done = match &found {
            Some(found) => collections::define(&mut tx, &asking.tenant, (name, found.version), &text, now).await?,
            None if collections::count(&mut tx, &asking.tenant).await? >= COLLECTIONS => {
                let full = Refusal::new(Code::QuotaExceeded, "the tenant has as many collections as it may have");
                return Err(full.member("limit", COLLECTIONS).member("used", COLLECTIONS).into());
            }
            None => collections::insert(&mut tx, &asking.tenant, name, &text, now).await?,
        };
        if !done {
            return Err(Refusal::new(Code::Conflict, "the collection was changed meanwhile").into());
        }
        self.index(&mut tx, asking, name, &definition).await?;
        let action = if found.is_some() { "collection.updated" } else { "collection.created" };
        self.audited(asking, action, name, json!({ "definition": text })).await?;
        tx.commit().await?;
        Ok((self.collection(asking, name).await?, found.is_none()))
    }

    /// Merges into the definition of a collection (RFC 7396).
    ///
    /// # Errors
    /// As [`Documents::define`]; `not_found`.
    pub async fn redefine(
        &self,
        asking: &Asking,
        name: &str,
        merged: &Map<String, Value>,
        condition: &Condition,
    ) -> Result<Described> {
        let found = collections::find(&self.db, &asking.tenant, name).await?.ok_or_else(unknown)?;
        condition.check(Some(found.version), false)?;
        let mut text = found.definition;
        patch::merge(&mut text, &Value::Object(merged.clone()));
        let Value::Object(text) = text else { return Err(unknown().into()) };
        let over = Condition::of(Some(found.version));
        Ok(self.define(asking, name, text, &over).await?.0)
    }

    /// Removes a collection with everything in it; `sure`: the caller has said its name twice.
    ///
    /// # Errors
    /// `not_found`; `precondition_required` without a condition from those who are not sure.
    pub async fn drop_collection(&self, asking: &Asking, name: &str, condition: &Condition, sure: bool) -> Result<()> {
        let found = collections::find(&self.db, &asking.tenant, name).await?.ok_or_else(unknown)?;
        if condition.matching.is_none() && !sure {
            let why = "this removes all documents: name the version in If-Match, or the collection in `confirm`";
            return Err(Refusal::new(Code::PreconditionRequired, why).into());
        }
        condition.check(Some(found.version), false)?;
        self.may_lift(asking, Some(&found))?;
        let mut tx = self.db.begin().await?;
        document_emptying::settle(&mut tx, &asking.tenant, found.coll).await?;
        if !collections::remove(&mut tx, &asking.tenant, name, found.version).await? {
            return Err(Refusal::new(Code::Conflict, "the collection was changed meanwhile").into());
        }
        self.audited(asking, "collection.deleted", name, Value::Null).await?;
        Ok(tx.commit().await?)
    }

    /// Whoever changes what a collection asks of sign-ins, or takes it away, has to prove as much as it asks: a token
    /// that governs is no way around it.
    fn may_lift(&self, asking: &Asking, found: Option<&Collection>) -> Result<(), Refusal> {
        let step_up = found.and_then(|found| found.definition.get("step_up"));
        let asked = step_up.and_then(|asked| StepUps::read(asked).ok()).unwrap_or_default();
        asked.most().demand(asking.proven, self.clock.now())
    }

    /// Gives a collection the indexes of its definition.
    async fn index(&self, tx: &mut Tx, asking: &Asking, name: &str, definition: &Definition) -> Result<()> {
        let collection = collections::hold(tx, &asking.tenant, name).await?.ok_or_else(unknown)?;
        let Upkeep { declared, indexes, .. } = &definition.upkeep;
        let declared = document_indexing::declare(tx, collection.coll, declared, indexes).await;
        declared.map_err(|why| unsettled(why.into(), asking))
    }

    /// Writes into the audit trail, which is kept with identity: before the change is committed, so that none goes
    /// without a row.
    async fn audited(&self, asking: &Asking, action: &str, name: &str, detail: Value) -> Result<()> {
        let event = Event::new(&asking.tenant, self.clock.now(), action).by(&asking.actor.id).on(name);
        Ok(audit::record(&self.identity, event.detail(detail).from(&asking.actor.origin)).await?)
    }
}

fn unknown() -> Refusal {
    Refusal::new(Code::NotFound, "there is no such collection")
}

/// Whether a collection can be called so.
///
/// # Errors
/// `forbidden`: such names are the server's. `invalid_definition`.
pub fn named(name: &str) -> Result<(), Refusal> {
    if is_reserved(name) {
        return Err(Refusal::new(Code::Forbidden, "names that start with `_` are reserved"));
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if name.is_empty() || name.len() > NAME || !name.bytes().all(plain) {
        let rule = "a collection's name is 1 to 64 letters, digits, `_` and `-`";
        return Err(wrong(Code::InvalidDefinition, "/name", "invalid", rule));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d2_names_are_plain_and_those_of_the_server_reserved() {
        for good in ["a", "orders", "A-1_b", &"x".repeat(64)] {
            assert!(named(good).is_ok(), "{good}");
        }
        for bad in ["", "_users", "a.b", "a b", "a:b", "ä", "a/b", "a\n", &"x".repeat(65)] {
            assert!(named(bad).is_err(), "{bad}");
        }
    }
}
