//! On which revision a change depends (RFC 9110 §13.1).

use crate::base::{Code, Refusal};

/// What has to be true of a document for a change to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// `If-Match`.
    pub matching: Option<Match>,
    /// `If-None-Match: *`: there must be none yet.
    pub none: bool,
}

/// Revisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// Any.
    Any,
    /// One of these.
    Of(Vec<i64>),
}

impl Match {
    /// Whether this revision is one of them.
    #[must_use]
    pub fn takes(&self, rev: i64) -> bool {
        match self {
            Self::Any => true,
            Self::Of(revs) => revs.contains(&rev),
        }
    }
}

impl Condition {
    /// A change of exactly this revision.
    #[must_use]
    pub fn of(rev: Option<i64>) -> Self {
        Self { matching: rev.map(|rev| Match::Of(vec![rev])), none: false }
    }

    /// Holds it against what is there; `required`: a change has to name what it changes.
    ///
    /// # Errors
    /// `precondition_failed`, `precondition_required`.
    pub fn check(&self, rev: Option<i64>, required: bool) -> Result<(), Refusal> {
        let failed = |why| Err(Refusal::new(Code::PreconditionFailed, why));
        match (&self.matching, rev) {
            (_, Some(_)) if self.none => failed("there is one already"),
            (Some(_), None) => failed("there is none of this revision"),
            (Some(matching), Some(rev)) if !matching.takes(rev) => failed("it is of another revision by now"),
            (None, Some(_)) if required => {
                Err(Refusal::new(Code::PreconditionRequired, "a change has to name the revision in If-Match"))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_depends_on_what_was_read() {
        let code = |condition: &Condition, rev, required| condition.check(rev, required).err().map(|r| r.code);
        let three = Condition::of(Some(3));
        assert_eq!(code(&three, Some(3), true), None);
        assert_eq!(code(&three, Some(4), false), Some(Code::PreconditionFailed));
        assert_eq!(code(&three, None, false), Some(Code::PreconditionFailed));
        let any = Condition { matching: Some(Match::Any), none: false };
        assert_eq!((code(&any, Some(9), true), code(&any, None, true)), (None, Some(Code::PreconditionFailed)));
        let new = Condition { matching: None, none: true };
        assert_eq!((code(&new, None, true), code(&new, Some(1), false)), (None, Some(Code::PreconditionFailed)));
        assert_eq!(code(&Condition::default(), Some(1), true), Some(Code::PreconditionRequired));
        assert_eq!(code(&Condition::default(), Some(1), false), None);
    }
}
