//! Another master key: everything that the former one sealed is sealed anew, in one transaction, so that at each moment
//! one of the two opens all of it.

use serde_json::json;

use super::operators;
use crate::app::App;
use crate::audit::parts_of;
use crate::base::{Actor, Code, Result, Seconds, Stop, TenantId};
use crate::keys::{MasterKey, Resealer};
use crate::store::audit::{self, Event};
use crate::store::sealed::{self, Place, Row};
use crate::store::{Tx, jobs};

/// Values that are read at once.
const PAGE: i64 = 500;
/// How long a server that works renews what it holds.
const LEASE: Seconds = Seconds(150);

/// Seals everything under this key; answers how many values that were.
///
/// # Errors
/// `conflict`: servers are at work. A value that the present key does not open ends it, and nothing is changed.
pub async fn reseal(app: &App, to: MasterKey) -> Result<u64> {
    let resealer = app.keys.resealing(to)?;
    let (holder, now) = (uuid::Uuid::now_v7().to_string(), app.clock.now());
    if !jobs::lease(&app.db, "housekeeping", &holder, now, now.plus(LEASE)).await? {
        let sentence = "servers are at work on this database: stop all of them, and come back three minutes later";
        return Err(Stop::refuse(Code::Conflict, sentence));
    }
    let system = operators::tenant(app).await?;
    let mut tx = app.db.begin().await?;
    let mut count = 0;
    for place in Place::ALL {
        count += rows(&mut tx, &resealer, place).await?;
    }
    chains(&mut tx, &resealer).await?;
    sealed::forget_replays(&mut tx).await?;
    let event = Event::new(&system.id, now, "key.master_changed").by(Actor::operator().id);
    audit::record(&mut tx, event.detail(json!({ "sealed_anew": count }))).await?;
    tx.commit().await?;
    Ok(count)
}

async fn rows(tx: &mut Tx, resealer: &Resealer, place: Place) -> Result<u64> {
    let (mut count, mut after) = (0, (TenantId::from(""), String::new()));
    loop {
        let found = sealed::page(&mut *tx, place, (&after.0, &after.1), PAGE).await?;
        let Some(Row { tenant_id, id, .. }) = found.last() else { return Ok(count) };
        after = (tenant_id.clone(), id.clone());
        for row in found {
            sealed::put(&mut *tx, place, resealer.row(place, row)?).await?;
            count += 1;
        }
    }
}

/// A chain whose end was not genuine stays so: nobody gets a false one signed.
async fn chains(tx: &mut Tx, resealer: &Resealer) -> Result<()> {
    let mut after = TenantId::from("");
    loop {
        let found = sealed::chains(&mut *tx, &after, PAGE).await?;
        let Some(last) = found.last() else { return Ok(()) };
        after = last.tenant_id.clone();
        for head in found {
            let parts = parts_of(&head);
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            if let Some(mac) = resealer.mac("audit", &head.tenant_id, &parts, &head.mac)? {
                sealed::put_chain(&mut *tx, &head.tenant_id, &mac).await?;
            }
        }
    }
}
