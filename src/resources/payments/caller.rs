//! Who calls, as payments see it: for themselves, or for others.

use axum::http::HeaderMap;

use crate::app::App;
use crate::base::{ClientId, Code, Params, Refusal, Result, Stop};
use crate::http::bearer::Unproven;
use crate::http::resource::{Action, Caller, Payments};
use crate::payments::Buyer;

/// Somebody who calls.
pub(super) type At = Caller<Payments>;

/// Things on a page.
const PAGE: i64 = 50;
/// Most of them.
const MOST: i64 = 1_000;

/// The caller as a buyer.
pub(super) async fn buyer(app: &App, caller: &At) -> Result<Buyer> {
    let client = match caller.client_id() {
        Some(id) => app.clients.find(&caller.tenant.id, &ClientId::from(id)).await?,
        None => None,
    };
    Ok(Buyer {
        subject: caller.subject().to_owned(),
        client_id: caller.client_id().map(str::to_owned),
        redirect_uris: client.map(|client| client.metadata.redirect_uris.clone()).unwrap_or_default(),
        // A person who administrates names catalogued prices all the same: their token is in a browser.
        governs: caller.is(Action::Admin) && caller.person().is_none(),
    })
}

/// Whose things are meant: one's own, or with `payments:admin` those of whom the query names, or all.
pub(super) async fn whose(app: &App, caller: &At, query: &Params) -> Result<Option<String>, Unproven> {
    let admin = caller.is(Action::Admin);
    if !admin {
        caller.may(Action::Read)?;
    }
    let named = query.get("subject").or_else(|| query.get("user"));
    let subject = match (named, query.get("email")) {
        (Some(subject), _) => Some(subject.to_owned()),
        (None, Some(email)) => {
            let email = email.parse().map_err(|_| parameter("email is an address"))?;
            // Of somebody who is not here there is nothing to show.
            Some(app.payments.subject_of(&caller.tenant, &email).await?.unwrap_or_else(|| "nobody".to_owned()))
        }
        (None, None) => None,
    };
    match subject {
        Some(subject) if admin || subject == caller.subject() => Ok(Some(subject)),
        Some(_) => {
            caller.may(Action::Admin)?;
            Ok(None)
        }
        None => Ok((!admin).then(|| caller.subject().to_owned())),
    }
}

/// Whose things may be changed: one's own, or with `payments:admin` anybody's.
pub(super) fn whose_to_change(caller: &At) -> Result<Option<String>, Unproven> {
    if caller.is(Action::Admin) {
        return Ok(None);
    }
    caller.may(Action::Write)?;
    Ok(Some(caller.subject().to_owned()))
}

/// Where a page begins, and how long it is.
pub(super) fn page(query: &Params) -> Result<(&str, i64), Stop> {
    let limit = query.get("limit").map_or(Ok(PAGE), str::parse).ok().filter(|limit| (1..=MOST).contains(limit));
    let limit = limit.ok_or_else(|| parameter("limit is a number from 1 to 1000"))?;
    Ok((query.get("cursor").unwrap_or_default(), limit))
}

/// `meta` of a page: where the next begins.
pub(super) fn next<T>(items: &[T], limit: i64, id: impl Fn(&T) -> String) -> serde_json::Value {
    let full = i64::try_from(items.len()).is_ok_and(|count| count == limit);
    serde_json::json!({ "next": items.last().filter(|_| full).map(id) })
}

/// `Idempotency-Key`.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, Stop> {
    let refuse = || parameter("Idempotency-Key is one text of 1 to 255 characters");
    let mut all = headers.get_all("idempotency-key").iter();
    match (all.next(), all.next()) {
        (None, _) => Ok(None),
        (Some(key), None) => {
            let key = key.to_str().ok().filter(|key| (1..=255).contains(&key.len()));
            Ok(Some(key.ok_or_else(refuse)?))
        }
        _ => Err(refuse().into()),
    }
}

fn parameter(sentence: &'static str) -> Refusal {
    Refusal::new(Code::InvalidRequest, sentence)
}
