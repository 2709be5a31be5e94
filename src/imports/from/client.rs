//! Clients of older systems as we register them. Their rules were looser: what cannot be here is left away and told,
//! and the rest of the client stays.

use crate::base::{ClientId, Scope};
use crate::clients::redirect_uri::{self, Permitted};
use crate::clients::{GRANT_TYPES, Registration};
use crate::imports::report::Report;
use crate::store::clients::{AuthMethod, ClientKind};

/// A client as it was.
#[derive(Debug)]
pub struct Was<'a> {
    /// `client_id`.
    pub id: &'a str,
    /// Its name for people.
    pub name: &'a str,
    /// How it proved itself: `none`, or by a secret in one of two ways.
    pub method: AuthMethod,
    /// Where answers went.
    pub redirect_uris: Vec<String>,
    /// What it could ask for codes and tokens with.
    pub grants: Vec<String>,
    /// What it could ask for.
    pub scopes: Vec<String>,
}

/// The wish to register it.
pub fn wish(was: Was<'_>, tenant: &str, report: &mut Report) -> Registration {
    let public = was.method == AuthMethod::None;
    let mut left = |what: &str| report.warn(tenant, was.id, format!("is not taken: {what}"));
    let possible = |grant: &String| {
        GRANT_TYPES.contains(&grant.as_str())
            && !(public && ["client_credentials", "password"].contains(&grant.as_str()))
    };
    let (mut grants, odd): (Vec<_>, Vec<_>) = was.grants.into_iter().partition(possible);
    for grant in odd {
        left(&format!("the grant {grant}"));
    }
    let loopback = Permitted { loopback: true, private_use: true };
    let (uris, odd): (Vec<_>, Vec<_>) =
        was.redirect_uris.into_iter().partition(|uri| redirect_uri::check(uri, loopback).is_ok());
    for uri in odd {
        left(&format!("the redirect URI {uri}"));
    }
    let has = |grants: &[String], grant: &str| grants.iter().any(|has| has == grant);
    if uris.is_empty() && has(&grants, "authorization_code") {
        left("the grant authorization_code, because no redirect URI is left");
        grants.retain(|grant| grant != "authorization_code");
    }
    if !has(&grants, "authorization_code") && !has(&grants, "password") {
        grants.retain(|grant| grant != "refresh_token");
    }
    if has(&grants, "password") {
        let switch = "has the password grant, which the tenant has switched off (`password_grant`)";
        report.review(tenant, was.id, switch);
    }
    let kind = match (public, grants.as_slice()) {
        (true, _) => ClientKind::Public,
        (false, [only]) if only == "client_credentials" => ClientKind::Service,
        (false, _) => ClientKind::Confidential,
    };
    let mut wish = Registration::preset(kind, was.name);
    wish.id = Some(ClientId::from(was.id));
    wish.metadata.redirect_uris = uris;
    wish.metadata.grant_types = grants;
    wish.metadata.response_types.clear();
    wish.metadata.token_endpoint_auth_method = was.method;
    wish.metadata.scope = Scope::of(was.scopes.iter().map(String::as_str));
    wish.infer_application_type();
    wish
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::System;

    fn made(method: AuthMethod, grants: &str, uris: &str) -> (Registration, usize) {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let was = Was {
            id: "c",
            name: "C",
            method,
            redirect_uris: words(uris),
            grants: words(grants),
            scopes: words("read"),
        };
        let mut report = Report::new(System::BackendFramework, false);
        (wish(was, "t", &mut report), report.warnings.len())
    }

    #[test]
    fn what_a_client_cannot_have_here_is_left_away_and_told() {
        let (web, told) = made(
            AuthMethod::ClientSecretBasic,
            "authorization_code refresh_token implicit",
            "https://a.test/cb http://a.test/cb https://a.test/#x",
        );
        assert_eq!((web.kind, told), (ClientKind::Confidential, 3));
        assert_eq!(web.metadata.redirect_uris, ["https://a.test/cb"]);
        assert_eq!(web.metadata.grant_types, ["authorization_code", "refresh_token"]);
        let (robot, told) = made(AuthMethod::ClientSecretPost, "client_credentials refresh_token", "");
        assert_eq!((robot.kind, told), (ClientKind::Service, 0));
        assert_eq!(robot.metadata.grant_types, ["client_credentials"]);
        let (spa, told) = made(AuthMethod::None, "authorization_code password", "https://a.test/");
        assert_eq!((spa.kind, told), (ClientKind::Public, 1));
        let (lost, told) = made(AuthMethod::ClientSecretBasic, "authorization_code refresh_token", "http://a.test/");
        assert_eq!((lost.metadata.grant_types.len(), told), (0, 2));
    }
}
