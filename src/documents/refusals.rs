//! What is said when a request cannot be understood, does not fit, or asks for too much.

use serde_json::{Value, json};

use super::Asking;
use crate::base::{Code, Refusal, Stop};
use crate::query::sql::TooLarge;
use crate::query::update::NotApplied;
use crate::query::{Failure, Invalid, Subject};
use crate::store::document_counters::Holder;
use crate::store::document_db::Stopped;
use crate::store::document_index::Unindexed;
use crate::store::document_settling::Unsettled;

/// Most characters of the caller's own text that an answer repeats.
const REPEATED: usize = 300;

/// What the caller wrote, without what would break a line of the log.
fn tame(text: &str) -> String {
    text.chars().take(REPEATED).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A mistake in a request's body, with its place.
#[must_use]
pub fn wrong(code: Code, pointer: &str, kind: &str, detail: &str) -> Refusal {
    let detail = tame(detail);
    let errors = json!([{ "pointer": tame(pointer), "code": kind, "detail": detail }]);
    Refusal::new(code, detail).member("errors", errors)
}

/// A text that says nothing in the language; `from` is where the text stands in the request.
#[must_use]
pub fn invalid(from: &str, mistake: &Invalid) -> Refusal {
    let code = match mistake.subject {
        Subject::Filter => Code::InvalidFilter,
        Subject::Sort => Code::InvalidSort,
        Subject::Projection => Code::InvalidProjection,
        Subject::Update => Code::InvalidUpdate,
        Subject::Pipeline => Code::InvalidPipeline,
        Subject::Regex => Code::InvalidRegex,
        Subject::Document => Code::InvalidDocument,
        Subject::Index => Code::InvalidDefinition,
    };
    wrong(code, &format!("{from}{}", mistake.pointer), mistake.code, &mistake.detail)
}

/// More than one request may ask for.
pub(super) fn expensive(what: &'static str) -> Refusal {
    Refusal::new(Code::QueryTooExpensive, what)
}

pub(super) fn too_large(_: TooLarge) -> Refusal {
    expensive("this becomes too large a query for the database")
}

/// A query without an answer.
pub(super) fn stopped(stopped: Stopped) -> Stop {
    match stopped {
        Stopped::TooLong => {
            expensive("this took too long; a narrower filter on an indexed field would be faster").into()
        }
        Stopped::Failed(error) => error.into(),
    }
}

/// An expression without a value.
pub(super) fn failed(failure: Failure) -> Refusal {
    match failure {
        Failure::Wrong(what) => wrong(Code::PipelineFailed, "", "failed", &what),
        Failure::TooExpensive => expensive("this takes too much work or memory"),
    }
}

/// An update that leaves a document as it was.
pub(super) fn not_applied(id: &str, why: &NotApplied) -> Refusal {
    match why {
        NotApplied::Unfit(unfit) => {
            let pointer = format!("/{}", unfit.path.replace('.', "/"));
            wrong(Code::UpdateNotApplicable, &pointer, "not-applicable", &unfit.to_string()).member("document", id)
        }
        NotApplied::Invalid(mistake) => invalid("", mistake).member("document", id),
    }
}

/// Changes that cannot stand together with what is there.
pub(super) fn unsettled(why: Unsettled, asking: &Asking) -> Stop {
    match why {
        Unsettled::Full(full) => {
            let what = format!("there would be more {} than allowed", full.what);
            let refusal = Refusal::new(Code::QuotaExceeded, what).member("used", full.used).member("limit", full.limit);
            let plan = asking.plans.first().filter(|_| matches!(full.holder, Holder::Owner(_)));
            plan.iter().fold(refusal, |refusal, plan| refusal.member("plan", plan.as_str())).into()
        }
        Unsettled::Index(Unindexed::Taken { index, id }) => {
            let what = format!("another document has the same values in the index `{index}`");
            Refusal::new(Code::UniqueViolation, what).member("index", index).member("document", id).into()
        }
        Unsettled::Index(Unindexed::TooManyKeys { index, id }) => {
            let what = format!("the document has too many values in the index `{index}`");
            Refusal::new(Code::InvalidDocument, what).member("index", index).member("document", id).into()
        }
        Unsettled::Index(Unindexed::Failed(error)) | Unsettled::Failed(error) => error.into(),
    }
}

/// Nothing that this caller can see.
pub(super) fn unknown() -> Refusal {
    Refusal::new(Code::NotFound, "there is no such document")
}

/// What the rules of a collection forbid.
pub(super) fn denied() -> Refusal {
    Refusal::new(Code::RuleDenied, "the rules of the collection do not allow this")
}

/// Ids that are taken.
pub(super) fn taken(ids: &[Value]) -> Refusal {
    Refusal::new(Code::AlreadyExists, "there is a document of this id").member("ids", ids)
}
