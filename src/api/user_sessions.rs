//! Where somebody is signed in, as administrators see and end it: `{T}/api/v1/users/{user}/sessions`.

use axum::extract::State;
use serde_json::{Value, json};

use super::user::reached;
use crate::app::App;
use crate::base::{SessionId, UserId};
use crate::http::bearer::Unproven;
use crate::http::manager::{SessionsRead, SessionsRevoke};
use crate::http::{Data, Manager, Segments};
use crate::people::session_told;

/// The sessions, the last used first.
pub async fn list(
    State(app): State<App>,
    caller: Manager<SessionsRead>,
    Segments([whom]): Segments<1>,
) -> Result<Data<Vec<Value>>, Unproven> {
    let person = app.people.describe(&caller.tenant, &UserId::from(whom)).await?;
    let found = app.people.sessions(&caller.tenant, &person.user.id).await?;
    Ok(Data::new(found.iter().map(|session| session_told(session, None)).collect()))
}

/// Ends all of them.
pub async fn delete_all(
    State(app): State<App>,
    caller: Manager<SessionsRevoke>,
    Segments([whom]): Segments<1>,
) -> Result<Data<Value>, Unproven> {
    let user = reached(&app, &caller, whom).await?;
    let ended = app.people.end_sessions(&caller.tenant, &user, None, &caller.actor()).await?;
    Ok(Data::new(json!({ "ended": ended })))
}

/// Ends one.
pub async fn delete(
    State(app): State<App>,
    caller: Manager<SessionsRevoke>,
    Segments([whom, session]): Segments<2>,
) -> Result<Data<Value>, Unproven> {
    let user = reached(&app, &caller, whom).await?;
    app.people.end_session(&caller.tenant, &user, &SessionId::from(session), &caller.actor()).await?;
    Ok(Data::new(json!({ "ended": 1 })))
}
