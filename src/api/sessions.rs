//! Where anybody is signed in: `{T}/api/v1/sessions`.

use axum::Router;
use axum::extract::State;
use axum::routing::{delete, get};
use serde_json::{Value, json};

use super::page::{Page, only};
use crate::app::App;
use crate::base::SessionId;
use crate::http::bearer::Unproven;
use crate::http::manager::{SessionsRead, SessionsRevoke};
use crate::http::routes::{SESSION, SESSIONS, mounted};
use crate::http::{Data, Manager, Query, Segments};
use crate::people::{NEWEST, session_told};

/// All of it.
pub fn router() -> Router<App> {
    Router::new().route(&mounted(SESSIONS), get(list)).route(&mounted(SESSION), delete(end))
}

/// The newest first.
async fn list(
    State(app): State<App>,
    caller: Manager<SessionsRead>,
    Query(query): Query,
) -> Result<Data<Vec<Value>>, Unproven> {
    only(&query, &["cursor", "limit"])?;
    let page = Page::read(&query, NEWEST)?;
    let found = app.people.all_sessions(&caller.tenant, &page.after, page.limit).await?;
    let told = found.items.iter().map(|session| {
        let mut told = session_told(session, None);
        told["user_id"] = session.user_id.as_str().into();
        told
    });
    Ok(Data::new(told.collect()).meta(json!({ "next_cursor": found.next })))
}

/// Ends one.
async fn end(
    State(app): State<App>,
    caller: Manager<SessionsRevoke>,
    Segments([id]): Segments<1>,
) -> Result<Data<Value>, Unproven> {
    app.people.end_any_session(&caller.tenant, &SessionId::from(id), (caller.role, &caller.actor())).await?;
    Ok(Data::new(json!({ "ended": 1 })))
}
