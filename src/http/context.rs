//! What is known about the request at hand, wherever its handling has got to: its id, where it comes from,
//! and the language to answer in.

use std::cell::{Cell, OnceCell};
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts, Request};
use axum::http::header::{ACCEPT_LANGUAGE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};
use ipnet::IpNet;
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use super::device;
use crate::base::{Origin, Secret};
use crate::frame::{Language, Preferences};
use crate::tenants::TenantContext;

tokio::task_local! {
    static KNOWN: Known;
}

/// The header of a request's id, on its way in and out.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The header in which machines hand in the solution of a puzzle; forms have a field for it.
const SOLUTION: HeaderName = HeaderName::from_static("x-challenge-solution");

/// Longest part of `User-Agent` that is kept.
const USER_AGENT_MOST: usize = 200;

/// What is known of a request, as it came: most requests are answered without anybody's asking for more than the id.
#[derive(Debug)]
pub(super) struct Known {
    request_id: HeaderValue,
    ip: Option<IpAddr>,
    user_agent: Option<HeaderValue>,
    device: Option<Secret>,
    solution: Option<HeaderValue>,
    accept_language: Option<HeaderValue>,
    uri: Uri,
    preferences: Cell<Option<Preferences>>,
    counted: Cell<bool>,
    resource: OnceCell<Resource>,
}

/// A service of a tenant, as its metadata names it (RFC 9728).
type Resource = (Arc<TenantContext>, &'static str);

impl Known {
    /// Reads it off a request. `X-Request-ID` is taken over when it is harmless (W-098); the client's address is the
    /// peer's unless the peer is a trusted proxy (W-082).
    pub(super) fn of(request: &Request, trusted: &[IpNet]) -> Self {
        let headers = request.headers();
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        Self {
            request_id: given_request_id(headers).unwrap_or_else(new_request_id),
            ip: peer.map(|peer| client_address(peer, headers, trusted)),
            user_agent: headers.get(USER_AGENT).cloned(),
            device: device::read(headers),
            solution: headers.get(SOLUTION).cloned(),
            accept_language: headers.get(ACCEPT_LANGUAGE).cloned(),
            uri: request.uri().clone(),
            preferences: Cell::new(None),
            counted: Cell::new(false),
            resource: OnceCell::new(),
        }
    }

    /// The request's id, as it stands in the answer.
    pub(super) const fn request_id(&self) -> &HeaderValue {
        &self.request_id
    }

    fn origin(&self) -> Origin {
        let text = |value: &Option<HeaderValue>| value.as_ref()?.to_str().ok().map(str::to_owned);
        Origin {
            ip: self.ip.map(|ip| ip.to_string()),
            user_agent: text(&self.user_agent).map(|agent| agent.chars().take(USER_AGENT_MOST).collect()),
            device: self.device.clone(),
            solution: text(&self.solution),
            request_id: Some(self.id()),
        }
    }

    fn id(&self) -> String {
        self.request_id.to_str().unwrap_or_default().to_owned()
    }

    fn preferences(&self) -> Preferences {
        if let Some(known) = self.preferences.get() {
            return known;
        }
        let query = self.uri.query().unwrap_or_default();
        let asked = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "ui_locales");
        let header = self.accept_language.as_ref().and_then(|value| value.to_str().ok());
        let read = Preferences {
            asked: asked.and_then(|(_, tags)| Language::of_tags(&tags)),
            browser: header.and_then(Language::of_header),
            ..Preferences::default()
        };
        self.preferences.set(Some(read));
        read
    }
}

/// Runs `work` as part of the request that is known so.
pub(super) async fn within<F: Future>(known: Known, work: F) -> F::Output {
    KNOWN.scope(known, work).await
}

/// What is known so far of the language to speak.
#[must_use]
pub fn preferences() -> Preferences {
    KNOWN.try_with(Known::preferences).unwrap_or_default()
}

/// Notes what was learned about the language to speak, for everything that is said from here on.
pub fn learn(note: impl FnOnce(&mut Preferences)) {
    let _ = KNOWN.try_with(|known| {
        let mut preferences = known.preferences();
        note(&mut preferences);
        known.preferences.set(Some(preferences));
    });
}

/// Whether the request at hand is asked about for the first time: so it counts once, however many look at it.
pub(super) fn first_look() -> bool {
    KNOWN.try_with(|known| !known.counted.replace(true)).unwrap_or_default()
}

/// Notes which service the request at hand is for.
pub(super) fn is_for(tenant: &Arc<TenantContext>, service: &'static str) {
    let _ = KNOWN.try_with(|known| known.resource.set((Arc::clone(tenant), service)).is_ok());
}

/// The service that the request at hand is for, as far as that is known.
pub(super) fn resource() -> Option<Resource> {
    KNOWN.try_with(|known| known.resource.get().cloned()).ok().flatten()
}

/// The origin of the request at hand; empty outside of one.
#[must_use]
pub fn origin() -> Origin {
    KNOWN.try_with(Known::origin).unwrap_or_default()
}

/// The id of the request at hand.
#[must_use]
pub fn request_id() -> String {
    KNOWN.try_with(Known::id).unwrap_or_default()
}

/// Extractor for [`Origin`].
#[derive(Clone, Debug)]
pub struct Caller(pub Origin);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(origin()))
    }
}

fn new_request_id() -> HeaderValue {
    let mut text = Uuid::encode_buffer();
    let id: &str = Hyphenated::from_uuid(Uuid::now_v7()).encode_lower(&mut text);
    HeaderValue::from_str(id).unwrap_or(HeaderValue::from_static("unknown"))
}

fn given_request_id(headers: &HeaderMap) -> Option<HeaderValue> {
    let given = headers.get(REQUEST_ID)?;
    let harmless = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let taken = (1..=64).contains(&given.len()) && given.as_bytes().iter().all(harmless);
    taken.then(|| given.clone())
}

/// Walks `X-Forwarded-For` from the right past every trusted proxy.
fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    if !is_trusted(&peer) {
        return peer;
    }
    let all = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>();
    let mut nearest = peer;
    for hop in all.join(",").rsplit(',') {
        let Ok(address) = hop.trim().parse() else { return nearest };
        nearest = address;
        if !is_trusted(&nearest) {
            return nearest;
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(forwarded: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        headers
    }

    #[test]
    fn w082_forwarded_addresses_are_believed_from_trusted_proxies_only() {
        let proxy = "10.0.0.1".parse().unwrap();
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        assert_eq!(client_address(proxy, &headers("1.2.3.4"), &[]), proxy);
        assert_eq!(client_address(proxy, &headers("6.6.6.6, 1.2.3.4, 10.0.0.2"), &trusted).to_string(), "1.2.3.4");
        assert_eq!(client_address(proxy, &headers("nonsense"), &trusted), proxy);
    }

    #[test]
    fn w098_only_a_harmless_request_id_is_taken_over() {
        let mut headers = HeaderMap::new();
        for (given, taken) in [("abc-1.2_3", true), ("a b", false), ("", false), (&"x".repeat(65), false)] {
            headers.insert("x-request-id", given.parse().unwrap());
            assert_eq!(given_request_id(&headers).is_some(), taken, "{given}");
        }
    }
}
