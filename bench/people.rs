//! Everything that has to exist before the clock starts: clients, a session, tokens.

use chancery::http::routes;
use serde_json::json;

use crate::Failed;
use crate::http::{Connection, get};
use crate::load::Script as _;
use crate::scripts::{CodeFlow, authorization_request, demand, query_value};
use crate::server::{Client, Instance, member, path};
use crate::sign_in::Browser;

const REDIRECT_URI: &str = "http://127.0.0.1:9/callback";

/// Signing in, with an ID token.
const SIGN_IN: &str = "openid profile";
/// Access for later, without one.
const OFFLINE: &str = "profile offline_access";

/// The clients and tokens that measures use.
pub struct People {
    /// Client credentials, JWT access tokens.
    pub machine: Client,
    /// Client credentials, opaque access tokens.
    pub opaque: Client,
    /// The code flow of somebody signed in, with ID tokens by ES256.
    pub flow: CodeFlow,
    /// The same with ID tokens by RS256, whose signature costs ten times as much.
    pub flow_rs256: CodeFlow,
    /// The authorization request that asks for a refresh token.
    offline: String,
    /// An access token of that person, for userinfo and introspection.
    pub access: String,
}

impl People {
    /// Only a machine.
    pub fn machine_only(instance: &Instance, policy: &[&str]) -> Result<Client, Failed> {
        let metadata = json!({
            "client_name": "Measured machine",
            "grant_types": ["client_credentials"],
            "response_types": [],
            "token_endpoint_auth_method": "client_secret_basic",
        });
        instance.client(&metadata, policy)
    }

    /// Makes them on a running instance.
    pub async fn prepare(instance: &Instance) -> Result<Self, Failed> {
        let user = &instance.dev("demo")?["users"][0];
        let (email, password) = (member(user, "email")?, member(user, "password")?);
        let mut browser = Browser::open(instance.port()).await?;
        let (mut flow, offline) = app(instance, "ES256")?;
        let location = browser.authorize(&flow.authorize, &email, &password).await?;
        let access = tokens(instance, &flow, &location).await?.0;
        browser.authorize(&offline, &email, &password).await?;
        let (mut flow_rs256, _) = app(instance, "RS256")?;
        browser.authorize(&flow_rs256.authorize, &email, &password).await?;
        flow.cookies = browser.cookies();
        flow_rs256.cookies = browser.cookies();
        let machine = Self::machine_only(instance, &[])?;
        let opaque = Self::machine_only(instance, &["access_token_format=opaque"])?;
        Ok(Self { machine, opaque, flow, flow_rs256, offline, access })
    }

    /// So many refresh tokens, each the head of a family of its own, whose answers carry no ID token.
    pub async fn refresh_tokens(&self, instance: &Instance, count: usize) -> Result<Vec<String>, Failed> {
        let mut browser = Connection::open(instance.port()).await?;
        let mut made = Vec::with_capacity(count);
        for _ in 0..count {
            let answer = browser.round(&get(&self.offline, &[("cookie", &self.flow.cookies)])).await?;
            let location = answer.header("location").ok_or("no redirect with a code")?.to_owned();
            made.push(tokens(instance, &self.flow, &location).await?.1.ok_or("no refresh token")?);
        }
        Ok(made)
    }
}

/// A confidential client of the code flow, and its authorization request for access without an ID token.
fn app(instance: &Instance, algorithm: &str) -> Result<(CodeFlow, String), Failed> {
    let metadata = json!({
        "client_name": "Measured app",
        "redirect_uris": [REDIRECT_URI],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": "openid profile offline_access",
        "token_endpoint_auth_method": "client_secret_basic",
        "id_token_signed_response_alg": algorithm,
    });
    let client = instance.client(&metadata, &[])?;
    let request = |scope| authorization_request(&path(routes::AUTHORIZE), &client.id, REDIRECT_URI, scope);
    let (sign_in, offline) = (request(SIGN_IN), request(OFFLINE));
    let flow = CodeFlow {
        authorize: sign_in,
        token_path: path(routes::TOKEN),
        basic: client.basic,
        cookies: String::new(),
        redirect_uri: REDIRECT_URI.to_owned(),
        code: None,
    };
    Ok((flow, offline))
}

/// The access and refresh token for the code in a redirect.
async fn tokens(instance: &Instance, flow: &CodeFlow, location: &str) -> Result<(String, Option<String>), Failed> {
    let mut flow = flow.clone();
    flow.code = Some(query_value(location, "code").ok_or("a redirect without code")?);
    let mut connection = Connection::open(instance.port()).await?;
    let answer = connection.round(&flow.next()).await?;
    demand(&answer, 200)?;
    let access = answer.text("access_token").ok_or("no access token")?.to_owned();
    Ok((access, answer.text("refresh_token").map(str::to_owned)))
}
