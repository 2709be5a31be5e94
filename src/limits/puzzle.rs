//! Puzzles: work that a browser does before it may try again while strangers guess. A number is to be found with which
//! the SHA-256 of `{puzzle}:{number}` begins with so many zero bits. Nothing is stored until one is solved; it is good
//! for one try, for one account, for five minutes.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Attempt, Limits, digest};
use crate::base::{Result, Seconds, Timestamp};
use crate::keys::Purpose;

/// How long a puzzle is good for.
const LIFETIME: Seconds = Seconds(300);
/// The hardest.
const MOST_BITS: u32 = 24;
/// Longest solution that is looked at.
const LONGEST: usize = 1024;

/// What is sealed into a puzzle.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Puzzle {
    /// Whose account.
    account: String,
    bits: u32,
    expires_at: Timestamp,
}

impl Limits {
    /// A puzzle for this attempt; each doubling of the failures makes it twice as hard.
    pub(super) fn puzzle(&self, attempt: &Attempt, times: i64) -> Result<Value> {
        let harder = times.max(1).unsigned_abs().ilog2();
        let bits = self.0.settings.puzzle.saturating_add(harder).min(MOST_BITS);
        let expires_at = self.0.clock.now().plus(LIFETIME);
        let puzzle = Puzzle { account: attempt.account.clone(), bits, expires_at };
        let puzzle = self.0.keys.seal(Purpose::Record, &attempt.tenant, &serde_json::to_vec(&puzzle)?)?;
        Ok(json!({ "algorithm": "sha-256", "puzzle": puzzle, "bits": bits, "expires_in": LIFETIME.0 }))
    }

    /// Whether this is the solution of a puzzle for this attempt, and was shown for the first time.
    pub async fn spend(&self, attempt: &Attempt, solution: &str) -> bool {
        let Some((sealed, _)) = solution.rsplit_once(':').filter(|_| solution.len() <= LONGEST) else { return false };
        let Ok(opened) = self.0.keys.open(Purpose::Record, &attempt.tenant, sealed) else { return false };
        let Ok(puzzle) = serde_json::from_slice::<Puzzle>(&opened) else { return false };
        let fits = puzzle.account == attempt.account && puzzle.expires_at > self.0.clock.now();
        if !fits || zero_bits(&Sha256::digest(solution.as_bytes())) < puzzle.bits {
            return false;
        }
        let names = [format!("solved:{}", digest(&[sealed]))];
        let (counts, _) = self.add(&attempt.tenant, &names, LIFETIME).await;
        counts.first().is_some_and(|count| count.count == 1)
    }
}

/// How many zero bits something begins with.
pub(super) fn zero_bits(bytes: &[u8]) -> u32 {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let next = bytes.get(zeros).map_or(0, |byte| byte.leading_zeros());
    u32::try_from(zeros).unwrap_or(u32::MAX).saturating_mul(8).saturating_add(next)
}
