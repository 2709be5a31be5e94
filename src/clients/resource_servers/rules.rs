//! What a resource server can be, and all of a tenant's together (RFC 8707 §2).

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use crate::base::{Code, Result, Scope, Stop};
use crate::clients::scopes;
use crate::keys::LONGEST_TOKEN;
use crate::store::resource_servers::{ResourceServer, ServerScope};
use crate::tenants::TenantContext;

/// Most of one tenant.
const MOST: usize = 100;
/// Most scopes of one of them.
const MOST_SCOPES: usize = 200;
/// Longest name and description, in characters.
const LONGEST_TEXT: usize = 300;
/// Longest audience, in bytes.
const LONGEST_URI: usize = 500;

/// The rules for all of a tenant together.
///
/// # Errors
/// `Unprocessable`: one cannot be. `Conflict`: two share an audience or a scope.
pub fn check(tenant: &TenantContext, all: &[ResourceServer]) -> Result<()> {
    let refuse = |sentence: String| Err(Stop::refuse(Code::Unprocessable, sentence));
    if all.len() > MOST {
        return refuse(format!("a tenant has {MOST} resource servers at most"));
    }
    let (mut audiences, mut known) = (BTreeSet::new(), BTreeSet::new());
    for server in all {
        if !is_audience(&server.audience) {
            return refuse("an audience is an absolute URI without fragment (RFC 8707 section 2)".to_owned());
        }
        if server.audience.starts_with(&tenant.issuer) {
            return refuse("what is below the issuer is the tenant's own API".to_owned());
        }
        if !audiences.insert(&server.audience) {
            return Err(Stop::refuse(Code::Conflict, "there is a resource server of this audience"));
        }
        check_one(server)?;
        for scope in &server.scopes {
            check_scope(scope)?;
            if !known.insert(&scope.scope) {
                return Err(Stop::refuse(Code::Conflict, format!("the scope {} stands twice", scope.scope)));
            }
        }
    }
    Ok(())
}

fn check_one(server: &ResourceServer) -> Result<()> {
    let refuse = |sentence: &'static str| Err(Stop::refuse(Code::Unprocessable, sentence));
    if !is_line(&server.name) {
        return refuse("a resource server needs a name: one line of up to 300 characters");
    }
    if server.token_lifetime.is_some_and(|life| life.0 < 1 || life > LONGEST_TOKEN) {
        return refuse("an access token lives from one second to one day");
    }
    if server.scopes.len() > MOST_SCOPES {
        return refuse("a resource server has 200 scopes at most");
    }
    Ok(())
}

/// A scope of a tenant's own is none of the house, whatever it is said to be: people read its description and give
/// what its name says (C4).
fn check_scope(scope: &ServerScope) -> Result<()> {
    let refuse = |sentence: String| Err(Stop::refuse(Code::Unprocessable, sentence));
    let token = &scope.scope;
    let is_one = token.len() <= 128 && token.parse::<Scope>().is_ok_and(|read| read.tokens() == [token.as_str()]);
    if !is_one {
        return refuse("a scope is one word of up to 128 letters, digits and signs".to_owned());
    }
    if scopes::is_of_the_house(token) {
        return refuse(format!("the scope {token} is one of the house"));
    }
    check_texts(&scope.description)
}

fn check_texts(texts: &BTreeMap<String, String>) -> Result<()> {
    let is_tag = |tag: &str| {
        (2..=35).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if texts.len() <= 50 && texts.iter().all(|(tag, text)| is_tag(tag) && is_line(text)) {
        return Ok(());
    }
    let sentence = "a description is one line of up to 300 characters under a language tag";
    Err(Stop::refuse(Code::Unprocessable, sentence))
}

fn is_line(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= LONGEST_TEXT && !text.chars().any(char::is_control)
}

fn is_audience(text: &str) -> bool {
    let plain = text.len() <= LONGEST_URI && text.bytes().all(|byte| byte.is_ascii_graphic());
    plain
        && Url::parse(text).is_ok_and(|url| url.fragment().is_none() && url.username().is_empty())
        && text.contains(':')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::clients::registration::tests::tenant;
    use crate::clients::resource_servers::{Wished, server};
    use serde_json::Value;

    fn verdict(members: Value) -> Result<(), Code> {
        let wish = serde_json::from_value::<Wished>(members).map_err(|_| Code::InvalidRequest)?;
        let tenant = TenantContext::new(tenant(), "https://id.test/t/demo".to_owned());
        match check(&tenant, &[server("1".to_owned(), wish)]) {
            Ok(()) => Ok(()),
            Err(Stop::Refused(refusal)) => Err(refusal.code),
            Err(Stop::Failed(fault)) => panic!("{}", fault.chain()),
        }
    }

    #[test]
    fn a_resource_server_has_an_audience_of_its_own_and_scopes_that_are_nobody_elses() {
        let with = |scopes: Value| json!({ "audience": "https://orders.test/api", "scopes": scopes });
        for good in [
            with(json!([])),
            with(json!([{ "scope": "orders:read", "description": { "en": "Read your orders", "pt-BR": "Ler" } }])),
            json!({ "audience": "urn:orders", "token_lifetime": 60, "token_format": "opaque" }),
        ] {
            assert_eq!(verdict(good.clone()), Ok(()), "{good}");
        }
        for bad in [
            json!({ "audience": "orders" }),
            json!({ "audience": "https://orders.test/#x" }),
            json!({ "audience": "https://id.test/t/demo/api/v1" }),
            json!({ "audience": "https://orders.test", "token_lifetime": 0 }),
            json!({ "audience": "https://orders.test", "token_lifetime": 86_401 }),
            json!({ "audience": "https://orders.test", "name": "a\nb" }),
            with(json!([{ "scope": "users:write", "description": { "en": "Read your name" } }])),
            with(json!([{ "scope": "storage:read:orders" }])),
            with(json!([{ "scope": "platform:*" }])),
            with(json!([{ "scope": "openid" }])),
            with(json!([{ "scope": "two words" }])),
            with(json!([{ "scope": "" }])),
            with(json!([{ "scope": "x", "description": { "en": "a\nb" } }])),
        ] {
            assert_eq!(verdict(bad.clone()), Err(Code::Unprocessable), "{bad}");
        }
        assert_eq!(verdict(with(json!([{ "scope": "x" }, { "scope": "x" }]))), Err(Code::Conflict));
        assert_eq!(verdict(json!({ "audience": "https://a.test", "admin": true })), Err(Code::InvalidRequest));
    }
}
