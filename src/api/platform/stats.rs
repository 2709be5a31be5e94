//! How much there is on the platform, counted without looking at everything.

use axum::extract::State;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::http::bearer::Unproven;
use crate::http::{Data, Operator};
use crate::store::tenants::TenantStatus;

/// `GET {P}/api/v1/platform/stats`.
pub async fn get(State(app): State<App>, _: Operator) -> Result<Data<Value>, Unproven> {
    let mut tenants: Map<String, Value> = [TenantStatus::Active, TenantStatus::Suspended, TenantStatus::Deleted]
        .map(|status| (status.as_str().to_owned(), 0.into()))
        .into_iter()
        .collect();
    let counts = app.tenants.counts().await?;
    for count in &counts {
        tenants.insert(count.status.as_str().to_owned(), count.tenants.into());
    }
    tenants.insert("total".to_owned(), counts.iter().map(|count| count.tenants).sum::<i64>().into());
    Ok(Data::new(json!({
        "tenants": tenants,
        "version": env!("CARGO_PKG_VERSION"),
        "database": app.db.kind(),
    })))
}
