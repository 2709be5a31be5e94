//! `{T}/api/v1/payments/products` and `…/prices`: what can be bought.

use axum::extract::State;
use serde_json::json;

use super::caller::At;
use crate::app::App;
use crate::http::Data;
use crate::http::bearer::Unproven;
use crate::http::resource::Action;
use crate::payments::{PriceShown, ProductShown};

/// `GET …/products`, each with its prices.
pub async fn products(State(app): State<App>, caller: At) -> Result<Data<Vec<ProductShown>>, Unproven> {
    caller.may(Action::Read)?;
    Ok(Data::new(app.payments.catalogue(&caller.tenant).await?.products()).meta(json!({ "next": null })))
}

/// `GET …/prices`.
pub async fn prices(State(app): State<App>, caller: At) -> Result<Data<Vec<PriceShown>>, Unproven> {
    caller.may(Action::Read)?;
    Ok(Data::new(app.payments.catalogue(&caller.tenant).await?.prices()).meta(json!({ "next": null })))
}
