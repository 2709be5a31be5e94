//! The console as an application of the tenant's own: authorization code with PKCE (RFC 7636) through the endpoints that
//! any client uses. It asks who somebody is; what they may do here, their role says with every request.

use axum::extract::State;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use url::{Url, form_urlencoded};

use super::desk::Halt;
use super::home::Home;
use crate::app::App;
use crate::authorization::grants::{TokenForm, TokenRequest};
use crate::base::{Code, Params, Refusal, Result, Secret, SessionId, Stop};
use crate::clients::CONSOLE as CLIENT_ID;
use crate::http::answer::see_other;
use crate::http::context::origin;
use crate::http::routes::{AUTHORIZE, CONSOLE};
use crate::http::{Browser, Query};
use crate::sessions::SignedIn;

/// The member of a browser's data that holds a sign-in on its way.
const BEGUN: &str = "begun";

/// What is remembered of a sign-in that has begun.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Begun {
    state: String,
    nonce: String,
    next: String,
}

impl Begun {
    /// The `code_verifier`, which this server can make again and a copy of its store cannot.
    fn verifier(&self, app: &App, home: &Home) -> Result<String> {
        Ok(app.keys.mac("console-sign-in", &home.tenant.id, &[&self.state, &self.nonce])?)
    }
}

/// Sends the browser to sign in; `again`: also who is signed in shows once more who they are.
pub(super) async fn begin(
    app: &App,
    home: &Home,
    browser: &Browser,
    (next, again): (&str, bool),
) -> Result<Response, Halt> {
    let [signed_in, signed_out] = home.back();
    app.clients.console(&home.tenant, [&signed_in, &signed_out]).await?;
    let random = || Secret::generate().expose().to_owned();
    let begun = Begun { state: random(), nonce: random(), next: next.to_owned() };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(begun.verifier(app, home)?.as_bytes()));
    let mut url = Url::parse(&format!("{}{AUTHORIZE}", home.tenant.issuer))?;
    url.query_pairs_mut().extend_pairs([
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", &signed_in),
        ("scope", "openid"),
        ("state", &begun.state),
        ("nonce", &begun.nonce),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]);
    if again {
        url.query_pairs_mut().append_pair("prompt", "login");
    }
    browser.put(BEGUN, begun).await?;
    Ok(see_other(url.as_str())?)
}

/// `GET {console}/callback`, the redirect URI.
pub async fn callback(
    State(app): State<App>,
    home: Home,
    browser: Browser,
    Query(answer): Query,
) -> Result<Response, Halt> {
    // Somebody came back a second time, by the browser's history perhaps: if they are signed in, all is well.
    let Some(begun) = browser.take::<Begun>(BEGUN).await? else { return Ok(see_other(&home.path(CONSOLE))?) };
    let code = code_of(&home, &begun, &answer)?;
    let who = redeem(&app, &home, (&begun, code)).await?;
    browser.signed_in(&who.session.id, who.user.role).await?;
    Ok(see_other(&home.path(&begun.next))?)
}

/// The code, if this answer is to the sign-in that this browser began (RFC 6749 §10.12, RFC 9207 §2.4).
fn code_of<'a>(home: &Home, begun: &Begun, answer: &'a Params) -> Result<&'a str, Refusal> {
    if answer.get("state") != Some(&begun.state) || answer.get("iss") != Some(&home.tenant.issuer) {
        return Err(Refusal::new(Code::InvalidRequest, "this sign-in was begun elsewhere; open the console again"));
    }
    if let Some(error) = answer.get("error") {
        return Err(Refusal::new(Code::AccessDenied, "you were not signed in; open the console again").hint(error));
    }
    answer.require("code")
}

/// Trades the code for an ID token, and looks up whom it names.
async fn redeem(app: &App, home: &Home, (begun, code): (&Begun, &str)) -> Result<SignedIn> {
    let [signed_in, signed_out] = home.back();
    let client = app.clients.console(&home.tenant, [&signed_in, &signed_out]).await?;
    let verifier = begun.verifier(app, home)?;
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &signed_in),
        ("code_verifier", &verifier),
    ];
    let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let (params, origin) = (Params::parse(text.as_bytes())?, origin());
    let form = TokenForm::read(&params)?;
    let tokens =
        app.grants.token(&TokenRequest { tenant: &home.tenant, client: &client, form, origin: &origin }).await?;
    let claims = claims(tokens.id_token.as_deref().unwrap_or_default());
    let claim = |name: &str| claims.get(name).and_then(Value::as_str);
    let strange = || Stop::refuse(Code::InvalidRequest, "this sign-in was begun elsewhere; open the console again");
    let session = claim("sid").map(SessionId::from).filter(|_| claim("nonce") == Some(&begun.nonce));
    let who = app.sessions.live(&home.tenant, &session.ok_or_else(strange)?).await?;
    who.filter(|who| claim("sub") == Some(who.user.id.as_str())).ok_or_else(strange)
}

/// The claims of an ID token that has just come from the token endpoint itself, which vouches for it in the place of its
/// signature (OIDC Core §3.1.3.7 no. 6).
fn claims(id_token: &str) -> Map<String, Value> {
    let payload = id_token.split('.').nth(1).and_then(|payload| URL_SAFE_NO_PAD.decode(payload).ok());
    serde_json::from_slice(&payload.unwrap_or_default()).unwrap_or_default()
}
