//! How a request stands to the limit that is nearest, for the headers of its answer.

use std::cell::Cell;
use std::future::Future;

use crate::base::Seconds;

tokio::task_local! {
    static STANDING: Cell<Option<Standing>>;
}

/// What the `RateLimit-*` headers say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How often in a window.
    pub limit: i64,
    /// How often still.
    pub remaining: i64,
    /// Until the window ends.
    pub reset: Seconds,
}

/// Runs the work of a request; tells with its outcome how the request stands, if a limit was looked at.
pub async fn watched<F: Future>(work: F) -> (F::Output, Option<Standing>) {
    STANDING
        .scope(Cell::new(None), async {
            let output = work.await;
            (output, STANDING.try_with(Cell::get).ok().flatten())
        })
        .await
}

/// Notes how the request at hand stands; the nearest limit counts.
pub(super) fn note(standing: Standing) {
    let _ = STANDING.try_with(|known| {
        if known.get().is_none_or(|known| standing.remaining <= known.remaining) {
            known.set(Some(standing));
        }
    });
}
