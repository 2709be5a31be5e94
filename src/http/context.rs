//! What is known about the request at hand, wherever its handling has got to: its id, where it comes from,
//! and the language to answer in.

use std::cell::Cell;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, USER_AGENT};
use axum::http::request::Parts;
use ipnet::IpNet;

use super::device;
use crate::base::Origin;
use crate::frame::{Language, Preferences};

tokio::task_local! {
    static ORIGIN: Origin;
    static PREFERENCES: Cell<Preferences>;
}

/// Longest part of `User-Agent` that is kept.
const USER_AGENT_MOST: usize = 200;

/// Runs `work` as part of the request that `origin` tells of, for somebody who prefers these languages.
pub(super) async fn within<F: Future>(origin: Origin, preferences: Preferences, work: F) -> F::Output {
    PREFERENCES.scope(Cell::new(preferences), ORIGIN.scope(origin, work)).await
}

/// What is known so far of the language to speak.
#[must_use]
pub fn preferences() -> Preferences {
    PREFERENCES.try_with(Cell::get).unwrap_or_default()
}

/// Notes what was learned about the language to speak, for everything that is said from here on.
pub fn learn(note: impl FnOnce(&mut Preferences)) {
    let _ = PREFERENCES.try_with(|known| {
        let mut preferences = known.get();
        note(&mut preferences);
        known.set(preferences);
    });
}

/// Reads off a request which language its sender prefers.
pub(super) fn preferred(parts: &Parts) -> Preferences {
    let query = parts.uri.query().unwrap_or_default();
    let asked = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "ui_locales");
    let header = parts.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Preferences {
        asked: asked.and_then(|(_, tags)| Language::of_tags(&tags)),
        browser: header.and_then(Language::of_header),
        ..Preferences::default()
    }
}

/// The origin of the request at hand; empty outside of one.
#[must_use]
pub fn origin() -> Origin {
    ORIGIN.try_with(Clone::clone).unwrap_or_default()
}

/// The id of the request at hand.
#[must_use]
pub fn request_id() -> String {
    origin().request_id.unwrap_or_default()
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

/// Reads the origin off a request. `X-Request-ID` is taken over when it is harmless (W-098); the client's address is
/// the peer's unless the peer is a trusted proxy (W-082).
pub(super) fn read(parts: &Parts, trusted: &[IpNet]) -> Origin {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let user_agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    Origin {
        ip: peer.map(|peer| client_address(peer, &parts.headers, trusted).to_string()),
        user_agent: user_agent.map(|agent| agent.chars().take(USER_AGENT_MOST).collect()),
        device: device::read(&parts.headers),
        solution: solution(&parts.headers),
        request_id: Some(given_request_id(&parts.headers).unwrap_or_else(|| uuid::Uuid::now_v7().to_string())),
    }
}

/// The header in which machines hand in the solution of a puzzle; forms have a field for it.
const SOLUTION: &str = "x-challenge-solution";

fn solution(headers: &HeaderMap) -> Option<String> {
    Some(headers.get(SOLUTION)?.to_str().ok()?.to_owned())
}

fn given_request_id(headers: &HeaderMap) -> Option<String> {
    let given = headers.get("x-request-id")?.to_str().ok()?;
    let harmless = (1..=64).contains(&given.len())
        && given.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
    harmless.then(|| given.to_owned())
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
