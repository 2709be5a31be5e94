//! The browser that a person uses, as one tenant knows it: a cookie, and behind it in the store an anti-forgery token,
//! a name for requests that wait, and the sign-in.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, Session, SessionManagerLayer};
use url::Url;

use super::errors::Rejected;
use super::routes::CONSOLE;
use super::tenant::Tenant;
use super::{context, device};
use crate::app::App;
use crate::base::{Clock, Code, Digest, Fault, Result, Seconds, Secret, SessionId, Stop, TenantId, Timestamp};
use crate::frame::Language;
use crate::sessions::SignedIn;
use crate::store::browser_sessions::{BrowserSessions, FoundBeside, KEPT_UNTIL};
use crate::store::sessions::SIGN_IN;
use crate::store::users::Role;
use crate::tenants::TenantContext;

const CSRF: &str = "csrf";
const NAME: &str = "browser";
/// The member that holds what the person was when they signed in.
const RIGHTS: &str = "rights";

/// Where a browser's cookie is valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    name: &'static str,
    path: String,
    secure: bool,
    origin: String,
}

impl Place {
    /// Below an issuer (or any other page of ours). On https the name's prefix makes browsers insist that the cookie
    /// was set by this host over https (RFC 6265bis §4.1.3); on http, which is loopback only, they would drop it.
    ///
    /// # Errors
    /// `issuer` is not an http URL.
    pub fn below(issuer: &str) -> Result<Self> {
        let url = Url::parse(issuer)?;
        let path = url.path().trim_end_matches('/').to_owned();
        let secure = url.scheme() == "https";
        let name = match (secure, path.is_empty()) {
            (false, _) => "chancery",
            (true, true) => "__Host-chancery",
            (true, false) => "__Secure-chancery",
        };
        let path = if path.is_empty() { "/".to_owned() } else { path };
        Ok(Self { name, path, secure, origin: url.origin().ascii_serialization() })
    }

    /// Of the console below an issuer or the platform: a cookie of its own, so that neither opens what the other does.
    ///
    /// # Errors
    /// `base` is not an http URL.
    pub fn of_console(base: &str) -> Result<Self> {
        let below = Self::below(base)?;
        let name = if below.secure { "__Secure-chancery-console" } else { "chancery-console" };
        Ok(Self { name, path: format!("{}{CONSOLE}", below.path.trim_end_matches('/')), ..below })
    }

    /// The cookie's name and path, and whether it is for https.
    pub(super) fn parts(&self) -> (&'static str, &str, bool) {
        (self.name, &self.path, self.secure)
    }
}

/// The layer of a tenant's pages.
pub async fn of_tenant(State(app): State<App>, tenant: Tenant, mut request: Request, next: Next) -> Response {
    // The page asks for it too.
    request.extensions_mut().insert(tenant.clone());
    let lifetimes = &tenant.settings.lifetimes;
    let anonymous = Seconds(lifetimes.authorization_request.0.saturating_mul(2));
    match Place::below(&tenant.issuer) {
        Ok(place) => {
            let sessions = sessions(&app, &tenant.id, (anonymous, lifetimes.session_absolute));
            with(place, sessions, request, next).await
        }
        Err(stop) => Rejected::from(stop).into_response(),
    }
}

/// The layer of the developer's pages: a browser of its own, known to no tenant.
pub async fn of_developer(State(app): State<App>, request: Request, next: Next) -> Response {
    const DAY: Seconds = Seconds(86_400);
    match Place::below(&format!("{}/dev", app.config.base())) {
        Ok(place) => with(place, sessions(&app, &TenantId::from("dev"), (DAY, DAY)), request, next).await,
        Err(stop) => Rejected::from(stop).into_response(),
    }
}

/// The layer of a tenant's console.
pub async fn of_console(State(app): State<App>, tenant: Tenant, mut request: Request, next: Next) -> Response {
    // The page asks for it too.
    request.extensions_mut().insert(tenant.clone());
    let lifetimes = &tenant.settings.lifetimes;
    let kept = (lifetimes.authorization_request, lifetimes.session_absolute);
    match Place::of_console(&tenant.issuer) {
        Ok(place) => {
            let known_as = TenantId::from(format!("console:{}", tenant.id));
            with(place, sessions(&app, &known_as, kept), request, next).await
        }
        Err(stop) => Rejected::from(stop).into_response(),
    }
}

/// The layer of the operators' console.
pub async fn of_operators(State(app): State<App>, request: Request, next: Next) -> Response {
    const HOUR: Seconds = Seconds(3_600);
    const MONTH: Seconds = Seconds(30 * 86_400);
    match Place::of_console(app.config.base()) {
        Ok(place) => with(place, sessions(&app, &TenantId::from("console"), (HOUR, MONTH)), request, next).await,
        Err(stop) => Rejected::from(stop).into_response(),
    }
}

fn sessions(app: &App, tenant: &TenantId, (anonymous, signed_in): (Seconds, Seconds)) -> BrowserSessions {
    BrowserSessions {
        shelf: app.browsers.clone(),
        tenant: tenant.clone(),
        clock: app.clock.clone(),
        anonymous,
        signed_in,
        beside: FoundBeside::default(),
    }
}

/// Runs a request with its [`Browser`]; sets the cookie afterwards when something changed.
async fn with(place: Place, sessions: BrowserSessions, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(place.clone());
    request.extensions_mut().insert(sessions.beside.clone());
    let clock = sessions.clock.clone();
    let layer = SessionManagerLayer::new(sessions)
        .with_name(place.name)
        .with_path(place.path.clone())
        .with_secure(place.secure)
        .with_http_only(true)
        .with_same_site(SameSite::Lax);
    let service = layer.layer(service_fn(move |request| {
        let (next, clock) = (next.clone(), clock.clone());
        async move { Ok::<_, std::convert::Infallible>(run(request, next, &clock).await) }
    }));
    device::with(&place, async {
        match service.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    })
    .await
}

/// Runs a request. A cookie that is set anew stays as long as its person asked for, or until the browser is closed.
async fn run(request: Request, next: Next, clock: &Clock) -> Response {
    let session = request.extensions().get::<Session>().cloned();
    let response = next.run(request).await;
    if let Some(session) = session.filter(Session::is_modified)
        && let Ok(Some(until)) = session.get::<Timestamp>(KEPT_UNTIL).await
    {
        let left = until.since(clock.now()).0.max(0);
        session.set_expiry(Some(Expiry::OnInactivity(time::Duration::seconds(left))));
    }
    response
}

/// The browser that sent a request.
#[derive(Clone, Debug)]
pub struct Browser {
    session: Session,
    origin: String,
    beside: FoundBeside,
}

impl<S: Sync> FromRequestParts<S> for Browser {
    type Rejection = Rejected;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejected> {
        Ok(Self::of(parts)?)
    }
}

impl Browser {
    fn of(parts: &Parts) -> Result<Self> {
        let missing = || Fault::new("a page is mounted outside the browser layer");
        let session = parts.extensions.get::<Session>().cloned().ok_or_else(missing)?;
        let origin = parts.extensions.get::<Place>().ok_or_else(missing)?.origin.clone();
        let beside = parts.extensions.get::<FoundBeside>().cloned().ok_or_else(missing)?;
        Ok(Self { session, origin, beside })
    }

    /// What names this browser to the requests that wait for its person. It never leaves the server.
    pub async fn name(&self) -> Result<String> {
        self.member(NAME).await
    }

    /// The anti-forgery token that this browser's forms carry.
    pub async fn csrf(&self) -> Result<String> {
        self.member(CSRF).await
    }

    async fn member(&self, member: &str) -> Result<String> {
        if let Some(value) = self.session.get::<String>(member).await? {
            return Ok(value);
        }
        let value = Secret::generate().expose().to_owned();
        self.session.insert(member, &value).await?;
        Ok(value)
    }

    /// The sign-in, whatever has become of it since.
    pub async fn sign_in(&self) -> Result<Option<SessionId>> {
        Ok(self.session.get(SIGN_IN).await?)
    }

    /// Who is signed in in this browser.
    pub async fn person(&self, app: &App, tenant: &TenantContext) -> Result<Option<SignedIn>> {
        match self.sign_in().await? {
            Some(id) => {
                let who = match self.beside.take(&id) {
                    Some(found) => app.sessions.living(tenant, found).await?,
                    None => app.sessions.live(tenant, &id).await?,
                };
                if let Some(who) = &who {
                    self.has_rights(who.user.role).await?;
                }
                let locale = who.as_ref().and_then(|who| who.user.profile.locale.as_deref());
                let language = locale.and_then(Language::of_tag);
                context::learn(|preferences| preferences.person = language);
                Ok(who)
            }
            None => Ok(None),
        }
    }

    /// Remembers a sign-in. The cookie known before is worth nothing after (S1), nor is its anti-forgery token.
    pub async fn signed_in(&self, sign_in: &SessionId, role: Role) -> Result<()> {
        self.session.insert(SIGN_IN, sign_in).await?;
        self.session.insert(RIGHTS, role).await?;
        self.renew().await
    }

    /// Whoever has other rights than before gets another cookie: one that leaked before is not worth more now. Forms
    /// that are open stay good.
    async fn has_rights(&self, role: Role) -> Result<()> {
        let before = self.session.get::<Role>(RIGHTS).await?;
        if before != Some(role) {
            self.session.insert(RIGHTS, role).await?;
            self.session.cycle_id().await?;
        }
        Ok(())
    }

    /// Keeps the cookie, and what belongs to it, when the browser is closed.
    pub async fn keep(&self, until: Timestamp) -> Result<()> {
        Ok(self.session.insert(KEPT_UNTIL, until).await?)
    }

    /// Forgets the sign-in.
    pub async fn signed_out(&self) -> Result<()> {
        self.session.remove::<SessionId>(SIGN_IN).await?;
        self.session.remove::<Timestamp>(KEPT_UNTIL).await?;
        self.session.set_expiry(None);
        self.renew().await
    }

    async fn renew(&self) -> Result<()> {
        self.session.remove::<String>(CSRF).await?;
        self.session.cycle_id().await?;
        self.csrf().await.map(drop)
    }

    /// Something kept for this browser under a name of the caller's.
    pub async fn get<T: serde::de::DeserializeOwned>(&self, member: &str) -> Result<Option<T>> {
        Ok(self.session.get(member).await?)
    }

    /// Keeps something for this browser.
    pub async fn put(&self, member: &str, value: impl serde::Serialize) -> Result<()> {
        Ok(self.session.insert(member, value).await?)
    }

    /// Forgets it, and tells what it was.
    pub async fn take<T: serde::de::DeserializeOwned>(&self, member: &str) -> Result<Option<T>> {
        // Removing what is not there would be a change: a row written and a cookie set.
        match self.session.get_value(member).await? {
            Some(_) => Ok(self.session.remove(member).await?),
            None => Ok(None),
        }
    }

    /// Whether a request was sent from a page of this origin, or by no page at all.
    #[must_use]
    pub fn is_from_here(&self, headers: &HeaderMap) -> bool {
        from_here(headers, &self.origin)
    }

    /// Lets a form pass that this browser got from us and sent itself (W-044, S2).
    ///
    /// # Errors
    /// [`Code::Forgery`]: the token is another one, or the form comes from another origin.
    pub async fn check(&self, headers: &HeaderMap, token: Option<&str>) -> Result<()> {
        let known = self.session.get::<String>(CSRF).await?;
        let same = match (known, token) {
            (Some(known), Some(token)) => Digest::of(known.as_bytes()) == Digest::of(token.as_bytes()),
            _ => false,
        };
        if same && from_here(headers, &self.origin) {
            return Ok(());
        }
        Err(Stop::refuse(
            Code::Forgery,
            "this form is out of date or comes from elsewhere; go back, reload and try again",
        ))
    }
}

/// Whether a form's headers say that it was sent from a page of `origin`. Old browsers say nothing; `null` is what
/// a strict referrer policy makes of any origin, and then `Sec-Fetch-Site` has to vouch for it.
fn from_here(headers: &HeaderMap, origin: &str) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    let site = text(header::HeaderName::from_static("sec-fetch-site"));
    match text(header::ORIGIN) {
        Some("null") => site == Some("same-origin"),
        Some(given) => given == origin,
        None => matches!(site, None | Some("same-origin" | "none")),
    }
}

#[cfg(test)]
mod tests;
