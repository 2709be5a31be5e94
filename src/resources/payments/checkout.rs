//! `{T}/api/v1/payments/checkout-sessions`: pages of Stripe's on which somebody pays.

use axum::extract::{Path, State};
use axum::http::HeaderMap;

use super::caller::{At, buyer, idempotency_key, next, page, whose};
use crate::app::App;
use crate::http::bearer::Unproven;
use crate::http::resource::Action;
use crate::http::{Body, Data, Query};
use crate::payments::{CheckoutShown, NewCheckout};

/// `POST`: begins one. With `Idempotency-Key`, the same request answers the same session.
pub async fn create(
    State(app): State<App>,
    headers: HeaderMap,
    caller: At,
    Body(new): Body<NewCheckout>,
) -> Result<Data<CheckoutShown>, Unproven> {
    if !caller.is(Action::Admin) {
        caller.may(Action::Write)?;
    }
    let buyer = buyer(&app, &caller).await?;
    let request = (new, idempotency_key(&headers)?);
    let (shown, is_new) = app.payments.check_out(&caller.tenant, &buyer, request, &caller.actor()).await?;
    Ok(if is_new { Data::created(shown) } else { Data::new(shown) })
}

/// `GET`: one's own, the newest first; with `payments:admin` everybody's, or those of `subject`.
pub async fn list(
    State(app): State<App>,
    caller: At,
    Query(query): Query,
) -> Result<Data<Vec<CheckoutShown>>, Unproven> {
    let whose = whose(&app, &caller, &query).await?;
    let from = page(&query)?;
    let all = app.payments.checkouts(&caller.tenant, whose.as_deref(), from).await?;
    let meta = next(&all, from.1, |checkout| checkout.id.clone());
    Ok(Data::new(all).meta(meta))
}

/// `GET …/{checkout}`, by our id or by Stripe's.
pub async fn show(
    State(app): State<App>,
    Path((_, id)): Path<(String, String)>,
    caller: At,
    Query(query): Query,
) -> Result<Data<CheckoutShown>, Unproven> {
    let whose = whose(&app, &caller, &query).await?;
    Ok(Data::new(app.payments.checkout(&caller.tenant, &id, whose.as_deref()).await?))
}
