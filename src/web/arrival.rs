//! Somebody proved a first factor on one of our pages: the engine decides, and the browser goes where that leads. Every
//! page that lets people in ends here.

use axum::response::Response;
use serde_json::Value;

use super::account::shell::next;
use super::link;
use super::turn::Turn;
use crate::accounts::engine::{Due, Entrance, FirstFactor, Outcome};
use crate::app::App;
use crate::base::{Digest, Level, Proof, Result, Seconds};
use crate::clients::KnownClient;
use crate::http::answer::see_other;
use crate::http::context::origin;
use crate::http::page::here;
use crate::http::routes::SECOND_FACTOR;
use crate::http::{Browser, PageError, Tenant, device};
use crate::sessions::SignedIn;
use crate::store::users::Role;

/// The member of a browser's data that holds the digest of what stands for the first factor.
const HALFWAY: &str = "mfa";
/// The member that says that the session shall outlive the browser.
const STAY: &str = "stay";

/// Whether the person wants to stay signed in here when the browser is closed; remembered until the session opens.
pub async fn stay(browser: &Browser, wanted: bool) -> Result<()> {
    if wanted { browser.put(STAY, true).await } else { browser.take::<bool>(STAY).await.map(drop) }
}

/// Lets somebody in who proved this, or asks for more.
pub async fn arrive(
    (app, tenant, browser): (&App, &Tenant, &Browser),
    turn: Option<Turn<'_>>,
    first: FirstFactor,
) -> Result<Response, PageError> {
    let client = client_of(turn.as_ref()).await?;
    let (name, origin) = (browser.name().await?, origin());
    let at = Entrance {
        client: client.as_deref().map(|client| &client.policy.0),
        browser: Some(&name),
        wanted: turn.as_ref().map_or(Level::One, |turn| turn.request().wanted_level()),
        ..Entrance::new(tenant, &origin)
    };
    match app.factors.after_first_factor(&at, first).await? {
        Outcome::SignedIn(proof) => enter((app, tenant, browser), turn, proof, None).await,
        Outcome::SecondFactorDue(due) | Outcome::EnrolmentDue(due) => {
            ask(browser, &due).await?;
            let reference = turn.as_ref().map(Turn::reference);
            see_other(&second_factor(tenant, reference.unwrap_or_default()))
        }
    }
}

/// Opens the session, and goes on with what waits.
pub async fn enter(
    (app, tenant, browser): (&App, &Tenant, &Browser),
    turn: Option<Turn<'_>>,
    proof: Proof,
    remember: Option<Seconds>,
) -> Result<Response, PageError> {
    match open((app, tenant, browser), turn, proof, remember).await? {
        (Some(turn), Some(who)) => turn.go(turn.next(Some(&who)).await?).await,
        (_, who) => match Box::pin(link::resumed((app, tenant, browser), who.as_ref())).await? {
            Some(there) => see_other(&there),
            None => see_other(&next(tenant, browser).await?),
        },
    }
}

/// Opens the session; with `remember`, this browser is asked for no second factor for so long.
pub async fn open<'a>(
    (app, tenant, browser): (&App, &Tenant, &Browser),
    turn: Option<Turn<'a>>,
    proof: Proof,
    remember: Option<Seconds>,
) -> Result<(Option<Turn<'a>>, Option<SignedIn>)> {
    let current = browser.person(app, tenant).await?;
    let user = app.accounts.find(tenant, &proof.user).await?;
    let mut session = app.sessions.begin(tenant, proof, current.as_ref(), &origin()).await?;
    let role = user.as_ref().map_or(Role::User, |user| user.role);
    browser.signed_in(&session.id, role).await?;
    if browser.take::<bool>(STAY).await?.unwrap_or_default() {
        app.sessions.remember(tenant, &mut session).await?;
        browser.keep(session.expires_at).await?;
    }
    if let Some(user) = &user {
        Box::pin(device::know(app, tenant, user, remember)).await?;
    }
    Box::pin(app.federation.signed_in(tenant, &browser.name().await?, &session, &origin())).await?;
    link::done(browser).await?;
    browser.take::<Value>(HALFWAY).await?;
    let who = user.map(|user| SignedIn { session, user, described: None });
    Ok(match (turn, who) {
        (Some(turn), Some(who)) => (Some(turn.signed_in(&who).await?), Some(who)),
        other => other,
    })
}

/// Remembers in this browser that a second factor is due.
pub async fn ask(browser: &Browser, due: &Due) -> Result<()> {
    browser.put(HALFWAY, due.mfa_token.digest().as_str()).await
}

/// What stands for the first factor in this browser.
pub async fn asked(browser: &Browser) -> Result<Option<Digest>> {
    Ok(browser.get::<String>(HALFWAY).await?.map(Digest::stored))
}

/// The application of the request that waits.
pub async fn client_of(turn: Option<&Turn<'_>>) -> Result<Option<std::sync::Arc<KnownClient>>> {
    match turn {
        Some(turn) => turn.known_client().await.map(Some),
        None => Ok(None),
    }
}

/// The address of the second factor's page.
#[must_use]
pub fn second_factor(tenant: &Tenant, reference: &str) -> String {
    let page = here(tenant, SECOND_FACTOR);
    if reference.is_empty() { page } else { format!("{page}?request={reference}") }
}
