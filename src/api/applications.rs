//! The applications that may do something for the caller: `{T}/api/v1/users/me/applications`.

use axum::extract::State;
use serde_json::{Value, json};

use crate::app::App;
use crate::base::ClientId;
use crate::http::bearer::Unproven;
use crate::http::person::{Account, Person};
use crate::http::{Data, Segments};
use crate::people::Application;

/// All of them, by name.
pub async fn list(State(app): State<App>, person: Person<Account>) -> Result<Data<Vec<Application>>, Unproven> {
    Ok(Data::new(app.people.applications(&person.tenant, &person.user.id).await?))
}

/// Takes back what one of them was given.
pub async fn delete(
    State(app): State<App>,
    person: Person<Account>,
    Segments([client]): Segments<1>,
) -> Result<Data<Value>, Unproven> {
    let client = ClientId::from(client);
    app.people.end_application(&person.tenant, &person.user.id, &client, &person.actor()).await?;
    Ok(Data::new(json!({ "client_id": client, "ended": true })))
}
