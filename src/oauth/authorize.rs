//! Authorization endpoint, RFC 6749 §3.1 and OIDC Core §3.1.2, by GET and by POST.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use axum::response::Response;
use url::form_urlencoded;

use crate::app::App;
use crate::authorization::{AuthorizationRequest, Begun, Next, Pending};
use crate::base::Params;
use crate::http::answer::{respond, see_other};
use crate::http::browser::Browser;
use crate::http::page::here;
use crate::http::refused::{note, note_stop};
use crate::http::routes::{AUTHORIZE, CHOOSE_ORGANIZATION, CONSENT, LOGIN, SECOND_FACTOR, SIGN_UP};
use crate::http::{Form, PageError, Query, Tenant};

/// The request in the query string.
pub async fn get(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    Query(params): Query,
) -> Result<Response, PageError> {
    begin(&app, &tenant, &browser, &params).await
}

/// Longest request that is repeated in a query string.
const LONGEST_REPEATED: usize = 8_000;

/// The request in a form body. A form from another site comes without our cookie (it is `SameSite=Lax`), so the
/// browser is sent here again by GET, and then brings it.
pub async fn post(
    State(app): State<App>,
    tenant: Tenant,
    browser: Browser,
    headers: HeaderMap,
    Form(params): Form,
) -> Result<Response, PageError> {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(params.iter()).finish();
    if headers.contains_key(COOKIE) || query.len() > LONGEST_REPEATED {
        return begin(&app, &tenant, &browser, &params).await;
    }
    see_other(&format!("{}?{query}", here(&tenant, AUTHORIZE)))
}

async fn begin(app: &App, tenant: &Tenant, browser: &Browser, params: &Params) -> Result<Response, PageError> {
    let about = (AUTHORIZE, params.get("client_id"));
    let begun = app.authorization.begin(tenant, params).await;
    match begun.inspect_err(|stop| note_stop(app, tenant, about, stop))? {
        Begun::Refused(answer, refusal) => {
            note(app, tenant, about, &refusal);
            respond(tenant, answer)
        }
        Begun::Request(request) => go_on(app, tenant, browser, *request).await,
    }
}

/// Answers at once where everything is given, else keeps the request and shows the page that is due.
async fn go_on(
    app: &App,
    tenant: &Tenant,
    browser: &Browser,
    request: AuthorizationRequest,
) -> Result<Response, PageError> {
    let who = browser.person(app, tenant).await?;
    let pending = Pending { request, signed_in: None, asked_at: app.clock.now(), organization: None };
    let page = match app.authorization.next(tenant, &pending, who.as_ref()).await? {
        Next::Answer(answer) => return respond(tenant, answer),
        Next::SignIn if pending.request.prompt.create && tenant.settings.self_registration => SIGN_UP,
        Next::SignIn => LOGIN,
        Next::SecondFactor => SECOND_FACTOR,
        Next::ChooseOrganization => CHOOSE_ORGANIZATION,
        Next::Consent(_) => CONSENT,
    };
    let name = browser.name().await?;
    let reference = app.authorization.keep(tenant, &name, pending.request).await?;
    see_other(&format!("{}?request={}", here(tenant, page), reference.expose()))
}
