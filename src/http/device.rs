//! The cookie by which a browser is known to the people who sign in with it. It lives longer than any sign-in, opens
//! nothing by itself, and is not readable by scripts.

use std::cell::RefCell;
use std::future::Future;

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

use super::browser::Place;
use super::context;
use crate::accounts::devices::KNOWN_FOR;
use crate::app::App;
use crate::base::{Result, Seconds, Secret};
use crate::store::users::User;
use crate::tenants::TenantContext;

tokio::task_local! {
    static KEPT: RefCell<Option<Secret>>;
}

/// What our own cookies of this kind are long.
const LENGTH: usize = 43;

/// The cookie of a request, whatever prefix its name has.
pub(super) fn read(headers: &HeaderMap) -> Option<Secret> {
    let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let names = ["chancery-device", "__Host-chancery-device", "__Secure-chancery-device"];
    let (_, value) = pairs.find(|(name, value)| names.contains(name) && value.len() == LENGTH)?;
    Some(Secret::new(value))
}

/// Knows the browser at hand as this person's from here on; for `without_second`, no second factor is asked for in it.
/// `true`: the person is known by others, and this one is new. To be called once somebody has signed in.
pub async fn know(app: &App, tenant: &TenantContext, user: &User, without_second: Option<Seconds>) -> Result<bool> {
    let origin = context::origin();
    let device = origin.device.clone().unwrap_or_else(Secret::generate);
    let new = app.accounts.know_device(tenant, user, (&device, without_second), &origin).await?;
    let _ = KEPT.try_with(|kept| kept.replace(Some(device)));
    Ok(new)
}

/// Runs a request; sets the cookie afterwards where the browser became known.
pub(super) async fn with(place: &Place, work: impl Future<Output = Response>) -> Response {
    KEPT.scope(RefCell::new(None), async {
        let mut response = work.await;
        let kept = KEPT.try_with(RefCell::take).ok().flatten();
        if let Some(cookie) = kept.and_then(|device| cookie(place, &device)) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        response
    })
    .await
}

fn cookie(place: &Place, device: &Secret) -> Option<HeaderValue> {
    let (name, path, secure) = place.parts();
    let secure = if secure { "; Secure" } else { "" };
    let text = format!(
        "{name}-device={}; HttpOnly; SameSite=Lax{secure}; Path={path}; Max-Age={}",
        device.expose(),
        KNOWN_FOR.0
    );
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_comes_back_under_whatever_prefix_and_nothing_else_is_taken_for_it() {
        let device = Secret::generate();
        for issuer in ["http://localhost/t/demo", "https://id.test/t/demo", "https://acme.test"] {
            let cookie = cookie(&Place::below(issuer).unwrap(), &device).unwrap();
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
            assert_eq!(cookie.contains("; Secure"), issuer.starts_with("https"), "{cookie}");
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, format!("a=b; {}", cookie.split(';').next().unwrap()).parse().unwrap());
            assert_eq!(read(&headers).unwrap(), device);
        }
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, format!("chancery-device=x; chancery={}", device.expose()).parse().unwrap());
        assert!(read(&headers).is_none());
    }
}
