//! One's own account: `GET`, `PATCH` and `DELETE {T}/api/v1/users/me`, what happened to it, and all of its data.

use axum::extract::State;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::base::Seconds;
use crate::http::bearer::Unproven;
use crate::http::person::{Account, Person};
use crate::http::{Body, Data, Query};
use crate::people::{Activity, NEWEST, Shown, Wish};

use super::page::Page;

/// How old the proof may be of who deletes an account or takes all its data (W-026).
pub const RECENTLY: Seconds = Seconds(600);

/// Who the caller is.
pub async fn get(State(app): State<App>, person: Person<Account>) -> Result<Data<Shown>, Unproven> {
    Ok(Data::new(Shown::to_person(person.described(&app).await?)))
}

/// Changes profile and metadata; what is not named stays (RFC 7396).
pub async fn patch(
    State(app): State<App>,
    person: Person<Account>,
    Body(members): Body<Map<String, Value>>,
) -> Result<Data<Shown>, Unproven> {
    let wish = Wish::of_person(members)?;
    let changed = app.people.change(&person.tenant, &person.user.id, &wish, &person.actor()).await?;
    Ok(Data::new(Shown::to_person(changed)))
}

/// Deletes the account.
pub async fn delete(State(app): State<App>, person: Person<Account>) -> Result<Data<Value>, Unproven> {
    person.recently(&app, RECENTLY)?;
    let until = app.people.delete(&person.tenant, &person.user.id, &person.actor()).await?;
    if let Some(browser) = person.browser() {
        browser.signed_out().await?;
    }
    Ok(Data::new(json!({ "id": person.user.id, "status": "deleted", "restorable_until": until.rfc3339() })))
}

/// What happened to the account, newest first.
pub async fn events(
    State(app): State<App>,
    person: Person<Account>,
    Query(query): Query,
) -> Result<Data<Vec<Activity>>, Unproven> {
    let page = Page::read(&query, NEWEST)?;
    let found = app.people.activity(&person.tenant, &person.user.id, &page.after, page.limit).await?;
    let next = page.next(&found, |activity| activity.id.as_str());
    Ok(Data::new(found).meta(next))
}

/// All that is kept about the person.
pub async fn export(State(app): State<App>, person: Person<Account>) -> Result<Data<Value>, Unproven> {
    person.recently(&app, RECENTLY)?;
    Ok(Data::new(app.export(&person.tenant, &person.user.id, &person.actor()).await?))
}
