//! Whether the store of files' bytes answers, asked every few seconds at most.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::Files;
use crate::base::{Seconds, Timestamp};

/// How long an answer is believed.
const BELIEVED: Seconds = Seconds(5);
/// How long the store may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// What was found last, and when.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing(Arc<Mutex<Option<(Timestamp, bool)>>>);

impl Files {
    /// Whether bytes can be read and written at the moment.
    pub async fn store_answers(&self) -> bool {
        let now = self.clock.now();
        let known = *self.standing.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, answers)) = known.filter(|(at, _)| now.since(*at) < BELIEVED) {
            return answers;
        }
        let answers = matches!(tokio::time::timeout(PATIENCE, self.blobs.check()).await, Ok(Ok(())));
        *self.standing.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, answers));
        answers
    }
}
