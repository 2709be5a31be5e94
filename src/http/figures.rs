//! What is counted about requests: how many, and how long they took, by route and status.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use metrics::{Counter, Histogram, counter, histogram};

/// The figures of one route and status.
struct Figures {
    requests: Counter,
    seconds: Histogram,
}

thread_local! {
    // Naming a figure by its labels costs more than half of what a short request takes; routes and statuses are few.
    static KNOWN: RefCell<HashMap<String, HashMap<u16, Figures>>> = RefCell::default();
}

/// Counts one answer.
pub(super) fn count(route: &str, status: u16, elapsed: Duration) {
    KNOWN.with_borrow_mut(|known| {
        if !known.contains_key(route) {
            known.insert(route.to_owned(), HashMap::new());
        }
        let Some(of_route) = known.get_mut(route) else { return };
        let figures = of_route.entry(status).or_insert_with(|| Figures::named(route, status));
        figures.requests.increment(1);
        figures.seconds.record(elapsed.as_secs_f64());
    });
}

impl Figures {
    fn named(route: &str, status: u16) -> Self {
        let labels = [("route", route.to_owned()), ("status", status.to_string())];
        Self {
            requests: counter!("chancery_requests_total", &labels),
            seconds: histogram!("chancery_request_seconds", &labels),
        }
    }
}
