//! What is measured, and the limit that each answer is held against.

use chancery::http::routes;

use crate::http::{get, post_form};
use crate::load::Script;
use crate::people::People;
use crate::scripts::{CodeFlow, Fixed, Refresh};
use crate::server::path;

/// What the least work costs, in operations per core.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Answers without doing anything.
    pub hello: f64,
    /// Signs one ES256 token.
    pub sign: f64,
    /// Signs one, and commits one row.
    pub row: f64,
}

/// A limit, and the share of it that is wanted.
#[derive(Clone, Copy, Debug)]
pub enum Against {
    /// For what only reads.
    Hello(f64),
    /// For stateless grants.
    Sign(f64),
    /// For stateful grants.
    Row(f64),
    /// For a stateful grant of two requests.
    HalfRow(f64),
}

impl Against {
    /// Name, operations per core, share.
    pub fn of(self, limits: &Limits) -> (&'static str, f64, f64) {
        match self {
            Self::Hello(share) => ("hello", limits.hello, share),
            Self::Sign(share) => ("sign", limits.sign, share),
            Self::Row(share) => ("row", limits.row, share),
            Self::HalfRow(share) => ("½ row", limits.row / 2.0, share),
        }
    }
}

/// Makes the script of a connection, by its number.
pub type Scripts<'a> = Box<dyn FnMut(usize) -> Box<dyn Script> + 'a>;

/// One measure.
pub struct Question<'a> {
    /// Its name in the report.
    pub what: &'static str,
    /// Its limit.
    pub against: Against,
    /// What its connections say.
    pub script: Scripts<'a>,
}

/// All measures on one instance.
pub fn questions<'a>(people: &'a People, tokens: &'a [String]) -> Vec<Question<'a>> {
    let bearer = format!("Bearer {}", people.access);
    let userinfo = get(&path(routes::USERINFO), &[("authorization", &bearer)]);
    let app = [("authorization", people.flow.basic.as_str())];
    let introspection = post_form(&path(routes::INTROSPECT), &app, &[("token", &people.access)]);
    let machine = client_credentials(&people.machine.basic);
    let opaque = client_credentials(&people.opaque.basic);
    vec![
        fixed("discovery", Against::Hello(0.7), get(&path(routes::OPENID_CONFIGURATION), &[]), "\"issuer\""),
        fixed("JWKS", Against::Hello(0.7), get(&path(routes::JWKS), &[]), "\"keys\""),
        fixed("userinfo", Against::Hello(0.3), userinfo, "\"sub\""),
        fixed("introspection", Against::Hello(0.3), introspection, "\"active\":true"),
        fixed("client_credentials, JWT", Against::Sign(0.6), machine, "\"access_token\""),
        fixed("client_credentials, opaque", Against::Row(0.5), opaque, "\"access_token\""),
        refresh(path(routes::TOKEN), people, tokens),
        code_flow("code flow", &people.flow),
        code_flow("code flow, ID token by RS256", &people.flow_rs256),
    ]
}

/// The request for a machine's token.
pub fn client_credentials(basic: &str) -> Vec<u8> {
    let fields = [("grant_type", "client_credentials")];
    post_form(&path(routes::TOKEN), &[("authorization", basic)], &fields)
}

fn fixed(what: &'static str, against: Against, request: Vec<u8>, words: &'static str) -> Question<'static> {
    Question { what, against, script: Box::new(move |_| Box::new(Fixed(request.clone(), words))) }
}

fn refresh<'a>(token_path: String, people: &'a People, tokens: &'a [String]) -> Question<'a> {
    let script = move |number: usize| -> Box<dyn Script> {
        let token = tokens.get(number).cloned().unwrap_or_default();
        Box::new(Refresh { token_path: token_path.clone(), basic: people.flow.basic.clone(), token })
    };
    Question { what: "refresh rotation", against: Against::Row(0.4), script: Box::new(script) }
}

fn code_flow<'a>(what: &'static str, flow: &'a CodeFlow) -> Question<'a> {
    Question { what, against: Against::HalfRow(0.3), script: Box::new(|_| Box::new(flow.clone())) }
}
