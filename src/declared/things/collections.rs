//! Collections of documents: their rules, indexes, schema and limits. On SQLite they have a database of their own, so
//! each is brought up by itself, after everything else.

use serde_json::{Map, Value};

use super::{Wish, Wishing};
use crate::app::App;
use crate::base::{Actor, Result};
use crate::declared::kinds::{Record, Thing};
use crate::declared::members;
use crate::documents::{Asking, Condition, Documents};
use crate::store::tenants::Tenant;

/// The member in which order means something: an index is sorted by its first field first.
const ORDERED: &str = "indexes";

pub(super) async fn read(app: &App, tenant: &Tenant) -> Result<Vec<(String, Thing)>> {
    let all = app.documents.definitions(&tenant.id).await?;
    let things = all.into_iter().map(|(collection, usage)| {
        let text = match collection.definition {
            Value::Object(text) => in_order(&text),
            _ => Map::new(),
        };
        let record = Record::Collection(text.clone(), collection.version, usage.documents);
        (collection.name, Thing::plain(text, record))
    });
    Ok(things.collect())
}

fn in_order(text: &Map<String, Value>) -> Map<String, Value> {
    let mut sorted = members::in_order(text);
    if let (Some(place), Some(indexes)) = (sorted.get_mut(ORDERED), text.get(ORDERED)) {
        place.clone_from(indexes);
    }
    sorted
}

pub(super) fn wish(_: &mut Wishing<'_>, wish: Wish<'_>, given: &Map<String, Value>) -> Result<Thing> {
    Documents::check(wish.key, given)?;
    let text = in_order(given);
    Ok(Thing::plain(text.clone(), Record::Collection(text, 0, 0)))
}

/// How many documents a collection holds.
pub(in crate::declared) const fn documents(thing: &Thing) -> i64 {
    match &thing.record {
        Record::Collection(_, _, documents) => *documents,
        _ => 0,
    }
}

/// Brings up one collection.
///
/// # Errors
/// Somebody else changed it meanwhile, or its documents do not fit what it shall be.
pub(in crate::declared) async fn apply(
    app: &App,
    (tenant, by): (&Tenant, &Actor),
    name: &str,
    from_to: (Option<&Thing>, Option<&Thing>),
) -> Result<()> {
    let asking = Asking::operator(tenant.id.clone(), by.clone());
    let before = match from_to.0.map(|before| &before.record) {
        Some(Record::Collection(_, version, _)) => Condition::of(Some(*version)),
        _ => Condition { matching: None, none: true },
    };
    match from_to.1 {
        Some(Thing { record: Record::Collection(text, ..), .. }) => {
            app.documents.define(&asking, name, text.clone(), &before).await.map(drop)
        }
        _ => app.documents.drop_collection(&asking, name, &before, false).await,
    }
}
