//! Documents and files that come: which can be here, and which are.

use serde_json::{Map, Value};

use super::Plan;
use crate::app::App;
use crate::base::{FileId, Result};
use crate::documents::{check_collection_name, check_document};
use crate::imports::dump::{Collection, Found};
use crate::imports::from::coglex::renamed;
use crate::imports::report::{Kind, Named, Outcome, Report};
use crate::store::{collections, documents, files};

/// A document as it is to be stored, or what it is called and why it cannot be.
pub type Ready = Result<Map<String, Value>, (String, String)>;

/// The documents of a collection, one after the other. What is said of the collection itself is said first.
///
/// # Errors
/// The dump is damaged.
pub fn ready(
    collection: &Collection,
    called: &str,
    report: &mut Report,
) -> Result<Option<impl Iterator<Item = Result<Ready>> + use<>>> {
    let name = &collection.name;
    if let Err(refusal) = check_collection_name(name) {
        let named = Named { tenant: called, kind: Kind::Collection, name, old_id: "" };
        report.leave_out(named, Outcome::Refused, refusal.description);
        return Ok(None);
    }
    let each = |(n, document): (usize, Result<Found>)| {
        Ok(match document? {
            Ok(document) => one(document, n),
            Err(what) => Err((format!("document {}", n + 1), format!("holds what JSON has no word for: {what}"))),
        })
    };
    Ok(Some(collection.documents()?.enumerate().map(each)))
}

fn one(document: Map<String, Value>, n: usize) -> Ready {
    let mut document = document;
    let id = match document.get("_id") {
        Some(Value::String(id)) => Value::from(id.as_str()),
        Some(Value::Number(number)) => Value::from(number.to_string()),
        _ => Value::Null,
    };
    let called = id.as_str().map_or_else(|| format!("document {}", n + 1), str::to_owned);
    if document.contains_key("_key") && document.contains_key("_password") {
        return Err((
            called,
            "is somebody's account: say which role people in this collection have, by --role".to_owned(),
        ));
    }
    document.insert("_id".to_owned(), id.clone());
    let document = renamed(document);
    let mut body = document.clone();
    body.retain(|name, _| !["_id", "_created", "_updated", "_owner"].contains(&name.as_str()));
    match check_document(&id, body) {
        Ok(()) => Ok(document),
        Err(refusal) => Err((called, refusal.description.into_owned())),
    }
}

/// Counts what would be written.
pub(super) async fn count(app: &App, plan: &Plan, report: &mut Report) -> Result<()> {
    for collection in &plan.collections {
        let here = collections::find(app.documents.database(), &plan.tenant.id, &collection.name).await?;
        let Some(all) = ready(collection, &plan.called, report)? else { continue };
        for document in all {
            match document? {
                Ok(document) => {
                    let id = document.get("_id").and_then(Value::as_str).unwrap_or_default();
                    let there = match &here {
                        Some(here) => documents::get(app.documents.database(), here.coll, id).await?.is_some(),
                        None => false,
                    };
                    report.count(Kind::Document, if there { Outcome::Exists } else { Outcome::Created }, 1);
                }
                Err((name, why)) => refuse(&plan.called, &collection.name, (name, why), report),
            }
        }
    }
    for file in &plan.files {
        let there = files::get(&app.db, &plan.tenant.id, &FileId::from(file.old_id.as_str())).await?.is_some();
        report.count(Kind::File, if there { Outcome::Exists } else { Outcome::Created }, 1);
    }
    Ok(())
}

/// Says why a document is not taken.
pub fn refuse(tenant: &str, collection: &str, (name, why): (String, String), report: &mut Report) {
    let called = format!("{collection}/{name}");
    report.leave_out(Named { tenant, kind: Kind::Document, name: &called, old_id: &name }, Outcome::Refused, why);
}
