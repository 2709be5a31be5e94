//! Work that a page gives to the browser before its form may be sent again.

use crate::base::Refusal;

/// A puzzle, as `parts/puzzle.html` hands it to `challenge.js`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownPuzzle {
    /// What the solution begins with.
    pub puzzle: String,
    /// How many zero bits its digest has to begin with.
    pub bits: u64,
}

impl ShownPuzzle {
    /// The one that a refusal asks for.
    #[must_use]
    pub fn of(refusal: &Refusal) -> Option<Self> {
        let challenge = refusal.members.get("challenge")?;
        Some(Self { puzzle: challenge["puzzle"].as_str()?.to_owned(), bits: challenge["bits"].as_u64()? })
    }
}
