//! `POST {T}/api/v1/payments/webhooks/stripe`: what Stripe tells. The body is taken as it comes, since its bytes are
//! what is signed.

use axum::body::to_bytes;
use axum::extract::{Request, State};
use serde_json::{Value, json};

use crate::app::App;
use crate::base::{Code, Refusal};
use crate::http::{Data, Problem, Tenant};

/// Longer events are none of Stripe's.
const LONGEST: usize = 512 * 1024;

/// Notes the event and answers; it is acted upon afterwards.
pub async fn take(State(app): State<App>, tenant: Tenant, request: Request) -> Result<Data<Value>, Problem> {
    let mut signatures = request.headers().get_all("stripe-signature").iter();
    let signature = match (signatures.next(), signatures.next()) {
        (Some(one), None) => one.to_str().unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    let body = to_bytes(request.into_body(), LONGEST).await;
    let body = body.map_err(|_| Refusal::new(Code::BodyTooLarge, "an event has up to 512 KiB"))?;
    app.payments.receive(&tenant, &signature, &body).await?;
    Ok(Data::new(json!({ "received": true })))
}
