//! How a request arrived, told to whoever holds the instance's keys: `chancery doctor` asks through the public URL to
//! see what becomes of a request on its way here.

use std::net::SocketAddr;

use axum::http::header::HOST;
use axum::http::{HeaderMap, HeaderName};
use serde::{Deserialize, Serialize};

use super::context;
use crate::app::App;
use crate::base::{Digest, Result, Seconds, Slug, TenantId, Timestamp};

/// The header of a request that asks for it.
pub const TICKET: HeaderName = HeaderName::from_static("x-chancery-probe");
/// How long one may ask, and how far clocks may be apart.
const GOOD_FOR: Seconds = Seconds(600);
const FORWARDED_FOR: &str = "x-forwarded-for";

/// How a request arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// Who connected.
    pub peer: String,
    /// Who is taken for the caller.
    pub address: String,
    /// Who the peer says is behind it.
    pub forwarded_for: Option<String>,
    /// Where the request was sent, as far as it arrived.
    pub host: Option<String>,
    /// When it was here.
    pub at: Timestamp,
}

/// What somebody shows who may ask.
///
/// # Errors
/// The instance has no operators yet, or the database failed.
pub async fn ticket(app: &App) -> Result<String> {
    let system = app.tenants.look_up(Slug::SYSTEM).await?;
    let at = app.clock.now().0.to_string();
    Ok(format!("{at}.{}", mac(app, &system.id, &at)?))
}

/// How the request at hand arrived, if it may be told.
pub async fn arrival(app: &App, headers: &HeaderMap, peer: SocketAddr) -> Option<Arrival> {
    let text = |name: &HeaderName| headers.get(name)?.to_str().ok().map(str::to_owned);
    let given = text(&TICKET)?;
    let (at, proof) = given.split_once('.')?;
    let (now, asked_at) = (app.clock.now(), Timestamp(at.parse().ok()?));
    let system = app.tenants.look_up(Slug::SYSTEM).await.ok()?;
    let expected = mac(app, &system.id, at).ok()?;
    let genuine = Digest::of(expected.as_bytes()) == Digest::of(proof.as_bytes());
    if !genuine || now.since(asked_at).0.abs() > GOOD_FOR.0 {
        return None;
    }
    Some(Arrival {
        peer: peer.ip().to_string(),
        address: context::origin().ip.unwrap_or_default(),
        forwarded_for: text(&HeaderName::from_static(FORWARDED_FOR)),
        host: text(&HOST),
        at: now,
    })
}

fn mac(app: &App, system: &TenantId, at: &str) -> Result<String> {
    Ok(app.keys.mac("probe", system, &[at])?)
}
