//! Where the caller is signed in: `{T}/api/v1/auth/sessions`.

use axum::extract::State;
use serde_json::{Value, json};

use crate::app::App;
use crate::base::{Code, Refusal, SessionId};
use crate::http::bearer::Unproven;
use crate::http::person::{Account, Person};
use crate::http::{Data, Query, Segments};
use crate::people::session_told;

/// The sessions, the last used first; `current` marks the one that the credential belongs to.
pub async fn list(State(app): State<App>, person: Person<Account>) -> Result<Data<Vec<Value>>, Unproven> {
    let (found, current) = (app.people.sessions(&person.tenant, &person.user.id).await?, person.session());
    Ok(Data::new(found.iter().map(|session| session_told(session, current.as_ref())).collect()))
}

/// Ends all sessions; with `?except=current` all others.
pub async fn delete_all(
    State(app): State<App>,
    person: Person<Account>,
    Query(query): Query,
) -> Result<Data<Value>, Unproven> {
    let current = person.session();
    let except = match query.get("except") {
        None => None,
        Some("current") => current.as_ref(),
        Some(_) => return Err(Refusal::new(Code::InvalidRequest, "except is `current` or absent").into()),
    };
    let ended = app.people.end_sessions(&person.tenant, &person.user.id, except, &person.actor()).await?;
    if let (None, Some(browser)) = (except, person.browser()) {
        browser.signed_out().await?;
    }
    Ok(Data::new(json!({ "ended": ended })))
}

/// Ends one.
pub async fn delete(
    State(app): State<App>,
    person: Person<Account>,
    Segments([session]): Segments<1>,
) -> Result<Data<Value>, Unproven> {
    let session = SessionId::from(session);
    app.people.end_session(&person.tenant, &person.user.id, &session, &person.actor()).await?;
    if let Some(browser) = person.browser().filter(|_| person.session().as_ref() == Some(&session)) {
        browser.signed_out().await?;
    }
    Ok(Data::new(json!({ "ended": 1 })))
}
