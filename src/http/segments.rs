//! What varies in a path, besides its tenant.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

use super::errors::Rejected;
use crate::base::{Code, Fault, Refusal};

/// Extractor: the `N` segments in their order. None of them holds a control character: no id does.
#[derive(Clone, Debug)]
pub struct Segments<const N: usize>(pub [String; N]);

impl<S: Send + Sync, const N: usize> FromRequestParts<S> for Segments<N> {
    type Rejection = Rejected;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejected> {
        let nothing = || Refusal::new(Code::NotFound, "there is nothing at this address");
        let all = RawPathParams::from_request_parts(parts, state).await.map_err(|_| nothing())?;
        let own = all.iter().filter(|(name, _)| *name != "tenant").map(|(_, value)| value.to_owned());
        let own: Vec<String> = own.collect();
        if own.iter().any(|segment| segment.chars().any(char::is_control)) {
            return Err(nothing().into());
        }
        own.try_into().map(Self).map_err(|_| Fault::new("a route has other segments than its handler").into())
    }
}
