//! Documents, written: a collection for each that there was, for programs alone until somebody says otherwise.

use serde_json::{Map, Value};

use super::Place;
use crate::base::{AuthorizationDetails, Result, Scope, Stop};
use crate::documents::{Asking, Ceilings, Condition, Imported, OnConflict, Times};
use crate::imports::dump::Collection;
use crate::imports::plan::{ready, refuse};
use crate::imports::report::{Kind, Named, Outcome, Report};
use crate::store::collections;
use crate::store::document_counters::Ceiling;

/// Documents that happen together.
const TOGETHER: usize = 500;
/// What whoever imports may do.
const SCOPE: [&str; 3] = ["storage:admin", "storage:read", "storage:write"];

/// Writes one collection.
///
/// # Errors
/// The database failed, or the dump is damaged.
pub(super) async fn write(place: Place<'_>, collection: &Collection, report: &mut Report) -> Result<()> {
    let Some(mut all) = ready(collection, place.called, report)? else { return Ok(()) };
    let asking = asking(place);
    if let Err(stop) = define(place, &asking, &collection.name).await {
        return place.refuse((Kind::Collection, &collection.name, ""), stop, report);
    }
    let mut over = false;
    while !over {
        let mut some = Vec::with_capacity(TOGETHER);
        while some.len() < TOGETHER {
            match all.next().transpose()? {
                Some(Ok(document)) => some.push(document),
                Some(Err(left)) => refuse(place.called, &collection.name, left, report),
                None => {
                    over = true;
                    break;
                }
            }
        }
        let many = some.len() as u64;
        match part(place, &asking, &collection.name, some).await {
            Ok(done) => {
                report.count(Kind::Document, Outcome::Created, done.inserted);
                report.count(Kind::Document, Outcome::Exists, done.skipped);
            }
            Err(Stop::Refused(refusal)) => {
                let named = Named { tenant: place.called, kind: Kind::Document, name: &collection.name, old_id: "" };
                let why = format!("{many} documents are not taken, nor those after them: {}", refusal.description);
                report.leave_out(named, Outcome::Refused, why);
                return Ok(());
            }
            Err(failed) => return Err(failed),
        }
    }
    Ok(())
}

/// Makes the collection, unless it is here.
async fn define(place: Place<'_>, asking: &Asking, name: &str) -> Result<()> {
    let documents = &place.app.documents;
    if collections::find(documents.database(), &place.tenant.id, name).await?.is_none() {
        documents.define(asking, name, Map::new(), &Condition::default()).await?;
    }
    Ok(())
}

async fn part(place: Place<'_>, asking: &Asking, name: &str, some: Vec<Map<String, Value>>) -> Result<Imported> {
    let mut work = place.app.documents.begin(asking).await?;
    let done = work.import_with(name, some, (OnConflict::Skip, Times::Kept)).await?;
    work.commit(&Value::Null).await?;
    Ok(done)
}

fn asking(place: Place<'_>) -> Asking {
    let quotas = place.tenant.quotas();
    let ceiling = Ceiling { documents: quotas.documents, bytes: quotas.document_bytes };
    Asking {
        tenant: place.tenant.id.clone(),
        subject: place.by.actor.id.clone(),
        client_id: None,
        person: None,
        proven: None,
        organization: None,
        scope: Scope::of(SCOPE),
        details: AuthorizationDetails::default(),
        plans: Vec::new(),
        features: Vec::new(),
        quotas: Ceilings { tenant: ceiling, own: Ceiling::default() },
        actor: place.by.actor.clone(),
    }
}
