//! What applications may do for somebody, as administrators see and end it: `{T}/api/v1/users/{user}/applications`.

use axum::extract::State;
use serde_json::{Value, json};

use super::user::reached;
use crate::app::App;
use crate::base::{ClientId, UserId};
use crate::http::bearer::Unproven;
use crate::http::manager::{SessionsRead, SessionsRevoke};
use crate::http::{Data, Manager, Segments};
use crate::people::Application;

/// All of them, by name.
pub async fn list(
    State(app): State<App>,
    caller: Manager<SessionsRead>,
    Segments([whom]): Segments<1>,
) -> Result<Data<Vec<Application>>, Unproven> {
    let person = app.people.describe(&caller.tenant, &UserId::from(whom)).await?;
    Ok(Data::new(app.people.applications(&caller.tenant, &person.user.id).await?))
}

/// Takes back what one of them was given.
pub async fn delete(
    State(app): State<App>,
    caller: Manager<SessionsRevoke>,
    Segments([whom, client]): Segments<2>,
) -> Result<Data<Value>, Unproven> {
    let (user, client) = (reached(&app, &caller, whom).await?, ClientId::from(client));
    app.people.end_application(&caller.tenant, &user, &client, &caller.actor()).await?;
    Ok(Data::new(json!({ "client_id": client, "ended": true })))
}
