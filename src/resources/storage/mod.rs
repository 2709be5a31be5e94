//! Documents over HTTP, below `{T}/api/v1/storage`. Each handler asks the guard for its scope, reads the request
//! strictly, and leaves the rest to `documents`.

mod bulk;
mod checkup;
mod definitions;
mod documents;
mod frame;
mod members;
mod ndjson;
mod parameters;
mod reply;
mod request;
mod transaction;
mod verbs;
mod watch;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;
use crate::documents::{Asking, Ceilings};
use crate::entitlements::Quotas;
use crate::http::bearer::Unproven;
use crate::http::resource::{Caller, Storage};
use crate::http::routes::{
    STORAGE, STORAGE_AGGREGATE, STORAGE_AUDIT, STORAGE_BATCH, STORAGE_COLLECTION, STORAGE_COUNT, STORAGE_DELETE,
    STORAGE_DISTINCT, STORAGE_DOCUMENT, STORAGE_DOCUMENTS, STORAGE_EXPORT, STORAGE_IMPORT, STORAGE_QUERY,
    STORAGE_TRANSACTION, STORAGE_UPDATE, STORAGE_VALIDATE, STORAGE_WATCH, mounted,
};
use crate::store::document_counters::Ceiling;

/// All of it.
pub fn router() -> Router<App> {
    Router::new()
        .route(&mounted(STORAGE), get(definitions::list))
        .route(&mounted(STORAGE_TRANSACTION), post(transaction::post))
        .route(
            &mounted(STORAGE_COLLECTION),
            get(definitions::show).put(definitions::put).patch(definitions::patch).delete(definitions::delete),
        )
        .route(
            &mounted(STORAGE_DOCUMENTS),
            get(documents::list).post(documents::post).patch(bulk::patch).delete(bulk::delete),
        )
        .route(
            &mounted(STORAGE_DOCUMENT),
            get(documents::show).put(documents::put).patch(documents::patch).delete(documents::delete),
        )
        .route(&mounted(STORAGE_QUERY), post(verbs::query))
        .route(&mounted(STORAGE_COUNT), post(verbs::count))
        .route(&mounted(STORAGE_DISTINCT), post(verbs::distinct))
        .route(&mounted(STORAGE_AGGREGATE), post(verbs::aggregate))
        .route(&mounted(STORAGE_BATCH), post(verbs::batch))
        .route(&mounted(STORAGE_UPDATE), post(verbs::update))
        .route(&mounted(STORAGE_DELETE), post(verbs::delete))
        .route(&mounted(STORAGE_IMPORT), post(ndjson::import))
        .route(&mounted(STORAGE_EXPORT), get(ndjson::export))
        .route(&mounted(STORAGE_WATCH), get(watch::get))
        .route(&mounted(STORAGE_VALIDATE), post(checkup::validate))
        .route(&mounted(STORAGE_AUDIT), get(checkup::audit))
}

/// The caller as the rules of collections see it.
async fn asking(app: &App, caller: &Caller<Storage>) -> Result<Asking, Unproven> {
    let entitled = app.entitlements.of(&caller.tenant.id, caller.subject()).await?;
    let organization = caller.belonging(app).await?;
    Ok(Asking {
        tenant: caller.tenant.id.clone(),
        subject: caller.subject().to_owned(),
        client_id: caller.client_id().map(str::to_owned),
        person: caller.person(),
        proven: caller.proven(),
        organization,
        scope: caller.scope().clone(),
        details: caller.details().clone(),
        plans: entitled.plans,
        features: entitled.features,
        quotas: Ceilings { tenant: ceiling(caller.tenant.quotas()), own: ceiling(entitled.quotas) },
        actor: caller.actor(),
    })
}

const fn ceiling(quotas: Quotas) -> Ceiling {
    Ceiling { documents: quotas.documents, bytes: quotas.document_bytes }
}
