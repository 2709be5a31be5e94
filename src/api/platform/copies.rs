//! Copies of tenants, for previews and test runs.

use axum::extract::State;
use serde::Deserialize;

use super::Shown;
use crate::app::App;
use crate::base::{Refusal, Result as Done, Seconds, Slug};
use crate::http::bearer::Unproven;
use crate::http::{Body, Data, Operator, Segments};
use crate::moving::Copying;

/// A copy to be made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct New {
    slug: Slug,
    #[serde(default)]
    name: Option<String>,
    /// Seconds until its end.
    #[serde(default)]
    ttl: Option<i64>,
    #[serde(default = "with")]
    people: bool,
}

const fn with() -> bool {
    true
}

/// `POST {P}/api/v1/tenants/{id}/clone`.
pub async fn copy(
    State(app): State<App>,
    caller: Operator,
    Segments([named]): Segments<1>,
    Body(new): Body<New>,
) -> Result<Data<Shown>, Unproven> {
    let tenant = app.tenants.any(&named).await?;
    let how = Copying { slug: new.slug, name: new.name, lives: lives(new.ttl)?, people: new.people };
    let copied = Box::pin(app.moving.copy(&tenant, how, &caller.actor())).await?;
    let made = app.tenants.any(copied.id.as_str()).await?;
    let version = made.version;
    Ok(Data::created(Shown::whole(&app, made)).tagged(version))
}

fn lives(ttl: Option<i64>) -> Done<Option<Seconds>> {
    if ttl.is_some_and(|seconds| seconds < 1) {
        let why = "ttl is a number of seconds from 1 on";
        return Err(Refusal::new(crate::base::Code::Unprocessable, why).into());
    }
    Ok(ttl.map(Seconds))
}
