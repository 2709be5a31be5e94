//! What clients were allowed: `{T}/api/v1/grants`.

use axum::Router;
use axum::extract::State;
use axum::routing::{delete, get};
use serde_json::{Value, json};

use super::page::{Page, only};
use crate::app::App;
use crate::base::{ClientId, GrantId, UserId};
use crate::http::bearer::Unproven;
use crate::http::manager::{SessionsRead, SessionsRevoke};
use crate::http::routes::{GRANT, GRANTS, mounted};
use crate::http::{Data, Manager, Query, Segments};
use crate::people::{NEWEST, Whose, grant_told};

/// All of it.
pub fn router() -> Router<App> {
    Router::new().route(&mounted(GRANTS), get(list)).route(&mounted(GRANT), delete(end))
}

/// The newest first.
async fn list(
    State(app): State<App>,
    caller: Manager<SessionsRead>,
    Query(query): Query,
) -> Result<Data<Vec<Value>>, Unproven> {
    only(&query, &["user", "client", "cursor", "limit"])?;
    let page = Page::read(&query, NEWEST)?;
    let whose = Whose { user: query.get("user").map(UserId::from), client: query.get("client").map(ClientId::from) };
    let found = app.people.all_grants(&caller.tenant, &whose, &page.after, page.limit).await?;
    let told = found.items.iter().map(grant_told).collect();
    Ok(Data::new(told).meta(json!({ "next_cursor": found.next })))
}

/// Ends one, and every token that was issued from it.
async fn end(
    State(app): State<App>,
    caller: Manager<SessionsRevoke>,
    Segments([id]): Segments<1>,
) -> Result<Data<Value>, Unproven> {
    app.people.end_grant(&caller.tenant, &GrantId::from(id), (caller.role, &caller.actor())).await?;
    Ok(Data::new(json!({ "ended": 1 })))
}
