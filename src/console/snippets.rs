//! What somebody pastes into an application so that it signs people in here: the addresses are right, and where a secret
//! belongs stands the name of a variable.

use crate::store::clients::{ApplicationType, Client, ClientKind};

/// A piece of code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// Its element's id, after `snippet-`.
    pub id: &'static str,
    /// What it is for: a name that is the same in every language.
    pub name: &'static str,
    /// The code.
    pub code: String,
}

/// A template by its id and name.
type Known = (&'static str, &'static str, &'static str);

const CURL_CODE: Known = ("curl", "curl", include_str!("snippets/curl_code.txt"));
const CURL_SERVICE: Known = ("curl", "curl", include_str!("snippets/curl_service.txt"));
const PYTHON_SERVICE: Known = ("python", "Python (requests)", include_str!("snippets/python_service.txt"));
const NEXT: Known = ("nextjs", "Next.js (Auth.js)", include_str!("snippets/nextjs.txt"));
const SPRING: Known = ("spring", "Spring Boot", include_str!("snippets/spring.txt"));
const DJANGO: Known = ("django", "Django (Authlib)", include_str!("snippets/django.txt"));
const AXUM: Known = ("axum", "axum (openidconnect)", include_str!("snippets/axum.txt"));
const SPA: Known = ("spa", "SPA (oidc-client-ts)", include_str!("snippets/spa.txt"));

/// Those that fit this client.
#[must_use]
pub fn of(client: &Client, issuer: &str) -> Vec<Snippet> {
    let native = client.metadata.application_type == ApplicationType::Native;
    let known: &[Known] = match client.kind {
        ClientKind::Service => &[CURL_SERVICE, PYTHON_SERVICE],
        ClientKind::Public if native => &[AXUM, CURL_CODE],
        ClientKind::Public => &[SPA, CURL_CODE],
        ClientKind::Confidential => &[NEXT, SPRING, DJANGO, AXUM, CURL_CODE],
    };
    let redirect = client.metadata.redirect_uris.first().map_or("https://app.example/callback", String::as_str);
    let filled = |(id, name, template): &Known| Snippet { id, name, code: fill(template, client, issuer, redirect) };
    known.iter().map(filled).collect()
}

fn fill(template: &str, client: &Client, issuer: &str, redirect: &str) -> String {
    let scope = client.metadata.scope.to_string();
    // What a person typed stands in quotation marks there, which it cannot leave.
    let harmless = |text: &str| text.replace(['"', '\'', '\\', '\n', '`', '$'], "");
    template
        .replace("{issuer}", issuer)
        .replace("{client_id}", &harmless(client.id.as_str()))
        .replace("{redirect_uri}", &harmless(redirect))
        .replace("{scope}", &harmless(&scope))
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Timestamp;
    use crate::clients::Registration;
    use crate::store::Json;
    use crate::store::clients::ClientStatus;

    fn client(kind: ClientKind) -> Client {
        let Registration { mut metadata, policy, .. } = Registration::preset(kind, "App");
        metadata.redirect_uris = vec!["https://app.test/cb\"'x".to_owned()];
        Client {
            tenant_id: "t".into(),
            id: "orders".into(),
            name: "App".to_owned(),
            kind,
            status: ClientStatus::Active,
            metadata: Json(metadata),
            policy: Json(policy),
            version: 1,
            created_at: Timestamp(1),
            updated_at: Timestamp(1),
        }
    }

    #[test]
    fn every_kind_of_client_has_snippets_with_its_own_addresses_and_no_place_left_open() {
        for kind in [ClientKind::Confidential, ClientKind::Public, ClientKind::Service] {
            let client = client(kind);
            let all = of(&client, "https://id.test/t/demo");
            assert!(all.len() >= 2, "{kind:?}");
            for Snippet { name, code, .. } in all {
                assert!(code.contains("https://id.test/t/demo"), "{name}");
                assert!(code.contains(client.id.as_str()), "{name}");
                for place in ["{issuer}", "{client_id}", "{redirect_uri}", "{scope}", "cb\"", "cb'"] {
                    assert!(!code.contains(place), "{name}: {place}");
                }
            }
        }
    }
}
