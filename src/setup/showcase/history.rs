//! The last four weeks of the demonstration: who signed in when, more on working days than on others, and whose
//! password was wrong.

use serde_json::json;

use crate::app::App;
use crate::base::{Origin, Result, Seconds, Timestamp};
use crate::store::audit::{self, Event};
use crate::store::overviews;
use crate::store::tenants::Tenant;
use crate::store::users::User;

const DAYS: i64 = 28;
const DAY: i64 = 86_400;
const BROWSERS: [&str; 3] = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
];

/// Writes sign-ins down, unless there are any; answers how many there are.
pub(super) async fn sign_ins(app: &App, tenant: &Tenant, people: &[User]) -> Result<usize> {
    let now = app.clock.now();
    let first = now.minus(Seconds(DAYS * DAY));
    let known = overviews::by_day(&app.db, &tenant.id, (first, now)).await?;
    if !known.is_empty() {
        return Ok(known.iter().filter_map(|day| usize::try_from(day.count).ok()).sum());
    }
    let events = events(tenant, people, now);
    let count = events.len();
    let mut tx = app.db.begin().await?;
    for event in events {
        audit::record(&mut tx, event).await?;
    }
    tx.commit().await?;
    Ok(count)
}

/// The oldest first, as ids of events sort by time.
fn events(tenant: &Tenant, people: &[User], now: Timestamp) -> Vec<Event> {
    let mut all = Vec::new();
    for day in (1..=DAYS).rev() {
        let begins = now.minus(Seconds(day * DAY));
        // 1970-01-01 was a Thursday.
        let weekend = matches!((begins.0.div_euclid(DAY) + 4).rem_euclid(7), 0 | 6);
        let count = if weekend { 4 } else { 14 + day % 5 };
        for number in 0..count {
            let at = begins.plus(Seconds(number * (DAY / 20)));
            let place = usize::try_from(day * 31 + number * 17).unwrap_or_default();
            all.extend(people.get(place % people.len().max(1)).map(|person| event(tenant, person, (at, place))));
        }
    }
    all
}

fn event(tenant: &Tenant, person: &User, (at, place): (Timestamp, usize)) -> Event {
    let origin = Origin {
        // Addresses for documentation alone (RFC 5737 §3).
        ip: Some(format!("203.0.113.{}", place % 200 + 1)),
        user_agent: Some(BROWSERS[place % BROWSERS.len()].to_owned()),
        ..Origin::default()
    };
    let id = person.id.as_str();
    let event = if place % 9 == 4 {
        Event::new(&tenant.id, at, "user.login_failed").on(id).result("invalid_grant")
    } else {
        Event::new(&tenant.id, at, "user.login").by(id).on(id)
    };
    event.detail(json!({ "demonstration": true, "methods": ["pwd"] })).from(&origin)
}
