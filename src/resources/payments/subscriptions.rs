//! `{T}/api/v1/payments/subscriptions` and `…/subscription-schedules`.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::caller::{At, idempotency_key, next, page, whose, whose_to_change};
use crate::app::App;
use crate::base::{Code, Refusal, Result, Stop};
use crate::http::bearer::Unproven;
use crate::http::resource::Action;
use crate::http::{Body, Data, Query};
use crate::payments::{Cancel, Change, NewSchedule, NewSubscription, ScheduleShown, SubscriptionShown};

/// How somebody stands who never had one.
const NONE: &str = "none";

/// `GET`: one's own; with `payments:admin` everybody's, or those of `subject` or `email`. `refresh=true` asks Stripe
/// first. `meta.status` says in one word how somebody stands.
pub async fn list(
    State(app): State<App>,
    caller: At,
    Query(query): Query,
) -> Result<Data<Vec<SubscriptionShown>>, Unproven> {
    let whose = whose(&app, &caller, &query).await?;
    let from = page(&query)?;
    let refresh = query.get("refresh") == Some("true");
    let all = app.payments.subscriptions(&caller.tenant, whose.as_deref(), refresh, from).await?;
    let mut meta = next(&all, from.1, |subscription| subscription.id.clone());
    if whose.is_some() {
        meta["status"] = SubscriptionShown::foremost(&all).map_or(NONE, |foremost| &foremost.status).into();
    }
    Ok(Data::new(all).meta(meta))
}

/// `GET …/{subscription}`; `refresh=true` asks Stripe first.
pub async fn show(
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    caller: At,
    Query(query): Query,
) -> Result<Data<SubscriptionShown>, Unproven> {
    let whose = whose(&app, &caller, &query).await?;
    let refresh = query.get("refresh") == Some("true");
    Ok(Data::new(app.payments.subscription(&caller.tenant, (&id, whose.as_deref()), refresh).await?))
}

/// One's own subscription in one answer.
#[derive(Debug, Serialize)]
pub struct Mine {
    /// Stripe's word for how it stands, or `none`.
    status: String,
    /// The plan that tokens name.
    plan: Option<String>,
    /// The subscription that says most about one.
    subscription: Option<Value>,
}

/// `GET {T}/api/v1/users/me/subscription`: 200 also for those who never had one.
pub async fn mine(State(app): State<App>, caller: At) -> Result<Data<Mine>, Unproven> {
    caller.may(Action::Read)?;
    let all = app.payments.subscriptions(&caller.tenant, Some(caller.subject()), false, ("", 100)).await?;
    let entitled = app.entitlements.of(&caller.tenant.id, caller.subject()).await?;
    let foremost = SubscriptionShown::foremost(&all);
    Ok(Data::new(Mine {
        status: foremost.map_or(NONE, |foremost| &foremost.status).to_owned(),
        plan: entitled.plans.first().cloned(),
        subscription: foremost.map(serde_json::to_value).transpose()?,
    }))
}

/// `POST`: one that is paid by invoice, for programs that govern.
pub async fn create(
    State(app): State<App>,
    headers: HeaderMap,
    caller: At,
    Body(new): Body<NewSubscription>,
) -> Result<Data<SubscriptionShown>, Unproven> {
    caller.may(Action::Admin)?;
    if caller.person().is_some() {
        let why = "subscriptions are made for others by programs; people go through a checkout session";
        return Err(Refusal::new(Code::Forbidden, why).into());
    }
    let request = (new, idempotency_key(&headers)?);
    Ok(Data::created(app.payments.subscribe(&caller.tenant, request, &caller.actor()).await?))
}

/// `POST …/{subscription}:cancel`, `:resume` and `:change`.
pub async fn act(
    State(app): State<App>,
    Path((_, named)): Path<(String, String)>,
    caller: At,
    body: Bytes,
) -> Result<Data<SubscriptionShown>, Unproven> {
    let own = whose_to_change(&caller)?;
    let (id, verb) = named.split_once(':').unwrap_or((&named, ""));
    let (tenant, by, whose) = (&caller.tenant, caller.actor(), (id, own.as_deref()));
    let shown = match verb {
        "cancel" => app.payments.cancel(tenant, whose, &read::<Cancel>(&body)?, &by).await?,
        "resume" => app.payments.resume(tenant, whose, &by).await?,
        "change" => app.payments.change(tenant, whose, &read::<Change>(&body)?, &by).await?,
        _ => return Err(Refusal::new(Code::NotFound, "a subscription has :cancel, :resume and :change").into()),
    };
    Ok(Data::new(shown))
}

/// A body that may be left out.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Stop> {
    let malformed = |_| Refusal::new(Code::InvalidRequest, "the body has to be one JSON object with members that fit");
    let object = if body.is_empty() {
        serde_json::Map::new()
    } else {
        crate::base::strict_object(body)
            .map_err(|_| Refusal::new(Code::InvalidRequest, "the body has to be one JSON object"))?
    };
    Ok(serde_json::from_value(Value::Object(object)).map_err(malformed)?)
}

/// `GET …/subscription-schedules`: one's own, or those of `subject`.
pub async fn schedules(
    State(app): State<App>,
    caller: At,
    Query(query): Query,
) -> Result<Data<Vec<ScheduleShown>>, Unproven> {
    let whose = whose(&app, &caller, &query).await?.unwrap_or_else(|| caller.subject().to_owned());
    Ok(Data::new(app.payments.schedules(&caller.tenant, &whose).await?).meta(json!({ "next": null })))
}

/// `POST …/subscription-schedules`: what becomes of a subscription when its period is over.
pub async fn schedule(
    State(app): State<App>,
    caller: At,
    Body(new): Body<NewSchedule>,
) -> Result<Data<ScheduleShown>, Unproven> {
    let own = whose_to_change(&caller)?;
    Ok(Data::created(app.payments.schedule(&caller.tenant, own.as_deref(), &new, &caller.actor()).await?))
}
