//! The accounts elsewhere that sign a person in here, as the person manages them.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;

use crate::app::App;
use crate::base::{IdentityId, Seconds, Timestamp};
use crate::http::bearer::Unproven;
use crate::http::person::Account;
use crate::http::{Data, Person};
use crate::store::audit::Event;
use crate::tokens::Ending;

/// How long ago a sign-in may be for this.
const LATELY: Seconds = Seconds(600);

/// A linked account.
#[derive(Debug, Serialize)]
pub struct Linked {
    id: IdentityId,
    provider: String,
    provider_name: String,
    name: Option<String>,
    created_at: String,
    last_used_at: Option<String>,
}

/// `GET {T}/api/v1/users/me/identities`.
pub async fn list(State(app): State<App>, person: Person<Account>) -> Result<Data<Vec<Linked>>, Unproven> {
    let found = app.federation.identities(&person.user).await?;
    let shown = found.into_iter().map(|(link, provider)| Linked {
        id: link.id,
        provider: provider.slug,
        provider_name: provider.name,
        name: link.name,
        created_at: link.created_at.rfc3339(),
        last_used_at: link.last_used_at.map(Timestamp::rfc3339),
    });
    Ok(Data::new(shown.collect()))
}

/// `DELETE {T}/api/v1/users/me/identities/{identity}`: sign-ins that rest on it end, but for the one that asks.
pub async fn remove(
    State(app): State<App>,
    Path((_, id)): Path<(String, IdentityId)>,
    person: Person<Account>,
) -> Result<StatusCode, Unproven> {
    person.recently(&app, LATELY)?;
    let actor = person.actor();
    let own = person.session();
    for session in app.federation.unlink(&person.tenant, &person.user, &id, &actor).await? {
        if own.as_ref() != Some(&session) {
            let event = Event::new(&person.tenant.id, app.clock.now(), "session.revoked").by(&actor.id);
            let event = event.on(session.as_str()).from(&actor.origin);
            app.tokens.end(&person.tenant.id, Ending::Session(&session), event).await?;
        }
    }
    Ok(StatusCode::NO_CONTENT)
}
