//! `{T}/api/v1/payments`, `…/invoices`, `…/refunds` and `…/portal-sessions`.

use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::{At, buyer, idempotency_key, next, page, whose};
use crate::app::App;
use crate::http::bearer::Unproven;
use crate::http::resource::Action;
use crate::http::{Body, Data, Query};
use crate::payments::{NewRefund, PaymentShown};
use crate::stripe::{Invoice, Refund};

/// `GET`: one's own payments; with `payments:admin` everybody's, or those of `subject`.
pub async fn list(
    State(app): State<App>,
    caller: At,
    Query(query): Query,
) -> Result<Data<Vec<PaymentShown>>, Unproven> {
    let whose = whose(&app, &caller, &query).await?;
    let from = page(&query)?;
    let all = app.payments.payments(&caller.tenant, whose.as_deref(), from).await?;
    let meta = next(&all, from.1, |payment| payment.id.clone());
    Ok(Data::new(all).meta(meta))
}

/// `GET …/invoices`: one's own, or those of `subject`.
pub async fn invoices(State(app): State<App>, caller: At, Query(query): Query) -> Result<Data<Vec<Invoice>>, Unproven> {
    let whose = whose(&app, &caller, &query).await?.unwrap_or_else(|| caller.subject().to_owned());
    Ok(Data::new(app.payments.invoices(&caller.tenant, &whose).await?).meta(json!({ "next": null })))
}

/// `POST …/refunds`: gives money back. With `Idempotency-Key`, once.
pub async fn refund(
    State(app): State<App>,
    headers: HeaderMap,
    caller: At,
    Body(new): Body<NewRefund>,
) -> Result<Data<Refund>, Unproven> {
    caller.may(Action::Admin)?;
    let request = (&new, idempotency_key(&headers)?);
    Ok(Data::created(app.payments.refund(&caller.tenant, request, &caller.actor()).await?))
}

/// The body of a request for a portal session.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPortal {
    return_url: String,
}

/// `POST …/portal-sessions`: where somebody manages what they pay.
pub async fn portal(
    State(app): State<App>,
    caller: At,
    Body(NewPortal { return_url }): Body<NewPortal>,
) -> Result<Data<Value>, Unproven> {
    caller.may(Action::Write)?;
    let buyer = buyer(&app, &caller).await?;
    let url = app.payments.portal(&caller.tenant, &buyer, &return_url, &caller.actor()).await?;
    Ok(Data::created(json!({ "url": url })))
}
