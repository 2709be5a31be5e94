//! What of a collection a caller sees and may do. Everything that narrows it is joined in one place, [`Sight::filter`].

use std::sync::OnceLock;

use serde_json::{Value, json};

use super::definition::{Definition, Verb};
use super::hidden::Hidden;
use super::refusals::{failed, invalid};
use super::{Asking, Documents};
use crate::base::{Code, DetailAction, Fault, Refusal, Result, Timestamp};
use crate::query::limits::PIPELINE_STEPS;
use crate::query::{Filter, Meter, Scope, Variables};
use crate::store::collections::{self, Collection};
use crate::store::document::Document;
use crate::store::document_counters::Ceiling;
use crate::store::document_settling::Within;
use crate::store::users::Role;
use crate::store::{Tx, users};

/// A collection as a caller meets it.
#[derive(Clone, Debug)]
pub struct Sight {
    /// Its number, which leads to its documents.
    pub coll: i64,
    /// Its name.
    pub name: String,
    /// Counts its definitions.
    pub version: i64,
    /// What is said of it.
    pub definition: Definition,
    asking: Asking,
    variables: Variables,
    visible: Hidden,
    narrowed: Filter,
    since: Timestamp,
    read: [OnceLock<Filter>; 4],
}

impl Documents {
    /// A collection as this caller meets it.
    ///
    /// # Errors
    /// `not_found`.
    pub(super) async fn sight(&self, asking: &Asking, name: &str) -> Result<Sight> {
        let found = collections::find(&self.db, &asking.tenant, name).await?;
        self.seen(asking, found.filter(|_| !is_reserved(name)), DetailAction::Read).await
    }

    /// As [`Documents::sight`], and nobody changes its definition until the transaction ends.
    ///
    /// # Errors
    /// `not_found`.
    pub(super) async fn sight_in(&self, tx: &mut Tx, asking: &Asking, name: &str) -> Result<Sight> {
        let found = collections::hold(tx, &asking.tenant, name).await?;
        self.seen(asking, found.filter(|_| !is_reserved(name)), DetailAction::Write).await
    }

    pub(super) async fn seen(&self, asking: &Asking, found: Option<Collection>, to: DetailAction) -> Result<Sight> {
        let Some(collection) = found else {
            return Err(Refusal::new(Code::NotFound, "there is no such collection").into());
        };
        let text = collection.definition.as_object();
        let text = text.ok_or_else(|| Fault::new("the definition of a collection is no object"))?;
        let definition = Definition::read(text)?;
        let role = match &asking.person {
            Some(person) if definition.rules.name("$$auth.roles") => {
                users::by_id(&self.identity, &asking.tenant, person).await?.map(|user| user.role)
            }
            _ => None,
        };
        let variables = asking.variables(role.map(Role::as_str), &self.now());
        let visible = if asking.governs() { Hidden::default() } else { definition.hidden.clone() };
        let (coll, name, version) = (collection.coll, collection.name, collection.version);
        let (narrowed, visible) = narrowed(asking, &name, to, visible)?;
        let (asking, since, read) = (asking.clone(), self.clock.now(), Default::default());
        Ok(Sight { coll, name, version, definition, asking, variables, visible, narrowed, since, read })
    }
}

impl Sight {
    /// Demands the sign-in that is asked for this. Asked before a document is looked for, so that its answer tells
    /// nothing of which there are.
    ///
    /// # Errors
    /// `insufficient_user_authentication`: the person has to prove more.
    pub fn demand(&self, verb: Verb) -> Result<(), Refusal> {
        self.definition.step_up.of(verb as usize).demand(self.asking.proven, self.since)
    }

    /// The documents of which the caller may do this: what the rules say, and whatever else its credential is kept to.
    ///
    /// # Errors
    /// `insufficient_user_authentication`: the person has to prove more for this. A rule cannot be read.
    pub fn filter(&self, verb: Verb) -> Result<&Filter, Refusal> {
        self.demand(verb)?;
        let place = &self.read[verb as usize];
        if let Some(read) = place.get() {
            return Ok(read);
        }
        let rule = if self.asking.governs() {
            Filter::everything()
        } else {
            self.definition.rules.of(verb).filter(&self.asking, &self.variables)?
        };
        Ok(place.get_or_init(|| rule.and(self.narrowed.clone())))
    }

    /// As what changes in it is settled.
    #[must_use]
    pub fn within(&self) -> Within<'_> {
        let upkeep = &self.definition.upkeep;
        let ceiling = Ceiling { documents: upkeep.documents, bytes: upkeep.bytes };
        Within { coll: self.coll, name: &self.name, ceiling, logged: !upkeep.unwatched, audited: upkeep.audited }
    }

    /// What the caller does not see.
    #[must_use]
    pub const fn hidden(&self) -> &Hidden {
        &self.visible
    }

    /// Whether the caller may do this to a document.
    ///
    /// # Errors
    /// A rule cannot be read, or computed of this document.
    pub fn allows(&self, verb: Verb, document: &Document, now: &str) -> Result<bool, Refusal> {
        let filter = self.filter(verb)?;
        if filter.is_everything() {
            return Ok(true);
        }
        let meter = Meter::new(PIPELINE_STEPS);
        let whole = document.clone().whole();
        filter.takes(&whole, &Scope { now, meter: &meter }).map_err(failed)
    }

    /// A document as the caller sees it.
    #[must_use]
    pub fn shown(&self, document: Document) -> Value {
        self.visible.strip(document.whole())
    }

    /// What the caller learns of a document that it has just changed.
    ///
    /// # Errors
    /// As [`Sight::allows`].
    pub fn told(&self, document: Document, now: &str) -> Result<Value, Refusal> {
        let of_reading = self.asking.details.is_empty() && self.asking.reads(&self.name);
        let sees = of_reading && self.demand(Verb::Read).is_ok() && self.allows(Verb::Read, &document, now)?;
        Ok(if sees { self.shown(document) } else { json!({ "_id": document.id, "_rev": document.rev }) })
    }
}

/// What a token is kept to in a collection, besides scope and rules (RFC 9396): documents and fields.
fn narrowed(asking: &Asking, name: &str, to: DetailAction, visible: Hidden) -> Result<(Filter, Hidden), Refusal> {
    let elsewhere = "the token's authorization_details do not name this collection for this";
    let named = asking.details.of(to, name).map_err(|_| Refusal::new(Code::InsufficientScope, elsewhere))?;
    let Some(detail) = named else { return Ok((Filter::everything(), visible)) };
    let from = "/authorization_details";
    let filter = match &detail.filter {
        Some(filter) => Filter::parse(&Value::Object(filter.clone())).map_err(|mistake| invalid(from, &mistake))?,
        None => Filter::everything(),
    };
    // Whoever asked for the token may know no more of what is hidden than whoever holds it.
    visible.refuse(Code::InvalidFilter, from, |see| filter.paths(see))?;
    let visible = match &detail.fields {
        Some(fields) => visible.only(fields.iter().map(String::as_str)),
        None => visible,
    };
    Ok((filter, visible))
}

/// Names that start with `_` are ours.
pub(super) fn is_reserved(name: &str) -> bool {
    name.starts_with('_')
}
