//! What became of telling an endpoint, and telling it once more.

use axum::extract::{Path, State};

use super::page::Page;
use super::webhooks::{WebhooksRead, WebhooksWrite, actor};
use crate::app::App;
use crate::base::{Code, Refusal};
use crate::http::{Bearer, Data, Problem, Query};
use crate::webhooks::{Detailed, ShownDelivery, Wanted};

/// `GET {T}/api/v1/webhooks/{id}/deliveries`: the newest first; with `state` or `event_id` only those.
pub async fn list(
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    caller: Bearer<WebhooksRead>,
    Query(query): Query,
) -> Result<Data<Vec<ShownDelivery>>, Problem> {
    let page = Page::read(&query, "")?;
    let refuse = |_| Refusal::new(Code::InvalidRequest, "state is waiting, held, delivered or exhausted");
    let state = query.get("state").map(str::parse).transpose().map_err(refuse)?;
    let event = query.get("event_id").unwrap_or_default().to_owned();
    let wanted = Wanted { state, event, before: page.after.clone(), limit: page.limit };
    let found = app.webhooks.deliveries(&caller.tenant, &id, wanted).await?;
    let next = page.next(&found, |delivery| &delivery.id);
    Ok(Data::new(found.iter().map(ShownDelivery::of).collect()).meta(next))
}

/// `GET {T}/api/v1/webhooks/{id}/deliveries/{delivery}`: with what was sent, and what each attempt came to.
pub async fn show(
    State(app): State<App>,
    Path((_, id, delivery)): Path<(String, String, String)>,
    caller: Bearer<WebhooksRead>,
) -> Result<Data<Detailed>, Problem> {
    Ok(Data::new(app.webhooks.delivery(&caller.tenant, (&id, &delivery)).await?))
}

/// `POST {T}/api/v1/webhooks/{id}/deliveries/{delivery}/redeliver`.
pub async fn redeliver(
    State(app): State<App>,
    Path((_, id, delivery)): Path<(String, String, String)>,
    caller: Bearer<WebhooksWrite>,
) -> Result<Data<ShownDelivery>, Problem> {
    let sent = app.webhooks.redeliver(&caller.tenant, (&id, &delivery), &actor(&caller)).await?;
    Ok(Data::accepted(ShownDelivery::of(&sent)))
}

/// `POST {T}/api/v1/webhooks/{id}/test`: what became of it stands in the log.
pub async fn test(
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    caller: Bearer<WebhooksWrite>,
) -> Result<Data<ShownDelivery>, Problem> {
    let sent = app.webhooks.test(&caller.tenant, &id, &actor(&caller)).await?;
    Ok(Data::accepted(ShownDelivery::of(&sent)))
}
