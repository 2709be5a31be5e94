//! Why a request at the console goes no further, and what an act came to.

use axum::response::{IntoResponse, Response};

use crate::base::{Refusal, Result, Stop};
use crate::http::PageError;
use crate::http::errors::Rejected;

/// Why a request goes no further.
#[derive(Debug)]
pub enum Halt {
    /// With a page that says so.
    Page(PageError),
    /// There is something else to do first.
    Elsewhere(Box<Response>),
}

impl Halt {
    pub(super) fn elsewhere(response: Response) -> Self {
        Self::Elsewhere(Box::new(response))
    }
}

impl<E> From<E> for Halt
where
    Stop: From<E>,
{
    fn from(error: E) -> Self {
        Self::Page(PageError::from(error))
    }
}

impl From<PageError> for Halt {
    fn from(error: PageError) -> Self {
        Self::Page(error)
    }
}

impl From<Rejected> for Halt {
    fn from(rejected: Rejected) -> Self {
        Self::Page(rejected.into())
    }
}

impl IntoResponse for Halt {
    fn into_response(self) -> Response {
        match self {
            Self::Page(error) => error.into_response(),
            Self::Elsewhere(response) => *response,
        }
    }
}

/// What an act came to: done, or refused in a sentence that its page shows.
///
/// # Errors
/// Something failed.
pub fn outcome<T>(done: Result<T>) -> Result<Result<T, Refusal>> {
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(Stop::Refused(refusal)) => Ok(Err(refusal)),
        Err(failed) => Err(failed),
    }
}
