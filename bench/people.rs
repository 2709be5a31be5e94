//! Everything that has to exist before the clock starts: clients, a session, tokens.

use crate::Failed;
use crate::http::{Connection, get};
use crate::load::Script as _;
use crate::scripts::{CodeFlow, authorization_request, demand, query_value};
use crate::server::{Client, Instance, member, path};
use crate::sign_in::Browser;

const REDIRECT_URI: &str = "http://127.0.0.1:9/callback";

const SERVICE: [&str; 6] =
    ["--type", "service", "--grant", "client_credentials", "--auth-method", "client_secret_basic"];
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
    /// The code flow of somebody signed in.
    pub flow: CodeFlow,
    /// The authorization request that asks for a refresh token.
    offline: String,
    /// An access token of that person, for userinfo and introspection.
    pub access: String,
}

impl People {
    /// Only a machine.
    pub fn machine_only(instance: &Instance) -> Result<Client, Failed> {
        instance.client("Measured machine", &SERVICE)
    }

    /// Makes them on a running instance.
    pub async fn prepare(instance: &Instance) -> Result<Self, Failed> {
        let machine = Self::machine_only(instance)?;
        let with_opaque = [&SERVICE[..], &["--policy", "access_token_format=opaque"]].concat();
        let opaque = instance.client("Measured opaque machine", &with_opaque)?;
        let app = instance.client(
            "Measured app",
            &[
                "--type",
                "confidential",
                "--auth-method",
                "client_secret_basic",
                "--redirect-uri",
                REDIRECT_URI,
                "--grant",
                "authorization_code",
                "--grant",
                "refresh_token",
                "--scope",
                "openid",
                "--scope",
                "profile",
                "--scope",
                "offline_access",
            ],
        )?;
        let mut flow = CodeFlow {
            authorize: authorization_request(&path("oauth/authorize"), &app.id, REDIRECT_URI, SIGN_IN),
            token_path: path("oauth/token"),
            basic: app.basic.clone(),
            cookies: String::new(),
            redirect_uri: REDIRECT_URI.to_owned(),
            code: None,
        };
        let user = &instance.dev("demo")?["users"][0];
        let (email, password) = (member(user, "email")?, member(user, "password")?);
        let mut browser = Browser::open(instance.port()).await?;
        let location = browser.authorize(&flow.authorize, &email, &password).await?;
        flow.cookies = browser.cookies();
        let access = tokens(instance, &flow, &location).await?.0;
        let offline = authorization_request(&path("oauth/authorize"), &app.id, REDIRECT_URI, OFFLINE);
        browser.authorize(&offline, &email, &password).await?;
        Ok(Self { machine, opaque, flow, offline, access })
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
