//! The session: who is signed in, how and until when; and its end, with everything that was issued in it (W-085).

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::finish::shown;
use crate::app::App;
use crate::base::{Result, Stop};
use crate::http::bearer::Unproven;
use crate::http::person::{Account, Shown};
use crate::http::{Body, Data, Person, Rejected};
use crate::store::audit::Event;
use crate::tokens::Ending;

/// `GET {T}/api/v1/auth/session`.
pub async fn get(State(app): State<App>, person: Person<Account>) -> Result<Data<Value>, Unproven> {
    let (session, csrf) = match (&person.shown, person.session()) {
        (Shown::Cookie(browser, who), _) => (Some(shown(who)), Some(browser.csrf().await?)),
        (Shown::Token(_), Some(id)) => (app.sessions.live(&person.tenant, &id).await?.as_ref().map(shown), None),
        (Shown::Token(_), None) => (None, None),
    };
    Ok(Data::new(json!({
        "user_id": person.user.id,
        "tenant": person.tenant.slug,
        "session": session,
        "csrf_token": csrf,
    })))
}

/// What may be sent with a sign-out.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logout {
    /// Everywhere, not only here.
    #[serde(default)]
    all: bool,
}

/// `POST {T}/api/v1/auth/logout`. Who is not signed in is signed out already.
pub async fn end(
    State(app): State<App>,
    person: Result<Person<Account>, Unproven>,
    Body(wish): Body<Logout>,
) -> Result<Response, Rejected> {
    let person = match person.map_err(Unproven::into_response) {
        Ok(person) => person,
        Err(refused) if refused.status() == StatusCode::UNAUTHORIZED => return Ok(answer(false)),
        Err(refused) => return Ok(refused),
    };
    end_session(&app, &person, &wish).await?;
    if let Shown::Cookie(browser, _) = &person.shown {
        browser.signed_out().await?;
    }
    Ok(answer(true))
}

fn answer(ended: bool) -> Response {
    Data::new(json!({ "ended": ended })).into_response()
}

async fn end_session(app: &App, person: &Person<Account>, wish: &Logout) -> Result<(), Stop> {
    let (tenant, by) = (&person.tenant.id, person.actor());
    let event =
        |action, target: &str| Event::new(tenant, app.clock.now(), action).by(&by.id).on(target).from(&by.origin);
    if wish.all {
        let event = event("user.logout", person.user.id.as_str()).detail(json!({ "all": true }));
        return app.tokens.end(tenant, Ending::User(&person.user.id), event).await;
    }
    if let Shown::Token(token) = &person.shown
        && let Some(grant) = token.grant()
    {
        app.tokens.end(tenant, Ending::Grant(&grant), event("grant.ended", grant.as_str())).await?;
    }
    match person.session() {
        Some(session) => {
            app.tokens.end(tenant, Ending::Session(&session), event("user.logout", session.as_str())).await
        }
        None => Ok(()),
    }
}
