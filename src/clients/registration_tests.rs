//! The rules of registration, one by one.

use serde_json::json;

use super::*;
use crate::base::{Secret, TenantId};
use crate::clients::Information;
use crate::store::tenants::Settings;

pub(in crate::clients) fn tenant() -> Tenant {
    let settings = Settings { scopes: vec!["orders:read".to_owned()], ..Settings::default() };
    Tenant { id: TenantId::from("t"), ..Tenant::new("demo".parse().unwrap(), "Demo", settings, Timestamp(1)) }
}

fn register(metadata: Value) -> Result<Client> {
    let Value::Object(metadata) = metadata else { panic!("not an object") };
    Registration::from_metadata(metadata)?.into_client(&tenant(), false, Timestamp(5))
}

/// Good metadata with these members put over it.
fn with(members: Value) -> Result<Client> {
    let mut metadata = json!({"redirect_uris": ["https://a.test/cb"], "client_name": "A"});
    let Value::Object(members) = members else { panic!("not an object") };
    for (name, value) in members {
        metadata[name] = value;
    }
    register(metadata)
}

fn code(result: Result<Client>) -> Code {
    match result {
        Err(Stop::Refused(refusal)) => refusal.code,
        Err(Stop::Failed(fault)) => panic!("{}", fault.chain()),
        Ok(client) => panic!("accepted: {client:?}"),
    }
}

#[test]
fn the_least_that_can_be_said_gives_a_confidential_client_for_codes() {
    let client = register(json!({"redirect_uris": ["https://a.test/cb"], "unheard_of": {"x": 1}})).unwrap();
    assert_eq!(client.kind, ClientKind::Confidential);
    assert_eq!(client.metadata.token_endpoint_auth_method, AuthMethod::ClientSecretBasic);
    assert_eq!(client.metadata.grant_types, ["authorization_code"]);
    assert_eq!(client.metadata.response_types, ["code"]);
    assert!(client.metadata.scope.contains("openid") && !client.metadata.scope.contains("users:read"));
    assert!(client.policy.require_pkce);
    assert!(client.metadata.other.is_empty());
}

#[test]
fn the_answer_repeats_what_was_registered_and_shows_the_secret_once() {
    let client =
        with(json!({"scope": "openid orders:read nonsense", "client_name#de": "Ä", "logo_uri": null})).unwrap();
    let secret = Secret::new("s3cret");
    let shown = serde_json::to_value(Information::of(&client, Some(&secret))).unwrap();
    assert_eq!(shown["client_id"], client.id.as_str());
    assert_eq!(shown["client_secret"], "s3cret");
    assert_eq!(shown["client_secret_expires_at"], 0);
    assert_eq!(shown["client_id_issued_at"], 5);
    assert_eq!(shown["client_name"], "A");
    assert_eq!(shown["client_name#de"], "Ä");
    assert_eq!(shown["scope"], "openid orders:read");
    assert!(shown.get("logo_uri").is_none());
    assert!(serde_json::to_value(Information::of(&client, None)).unwrap().get("client_secret").is_none());
}

#[test]
fn c4_nobody_registers_operators_scopes_or_a_policy() {
    let asked = json!({"scope": "platform:* openid", "first_party": true, "require_pkce": false, "policy": {"first_party": true}});
    let client = with(asked).unwrap();
    assert_eq!(client.metadata.scope.to_string(), "openid");
    assert_eq!(client.policy.0, ClientPolicy::default());
}

#[test]
fn c4_redirect_uris_are_judged_by_the_kind_of_client() {
    let loopback = json!(["http://127.0.0.1:9/cb"]);
    assert_eq!(code(with(json!({"redirect_uris": loopback}))), Code::InvalidRedirectUri);
    assert!(with(json!({"redirect_uris": loopback, "token_endpoint_auth_method": "none"})).is_ok());
    assert!(with(json!({"redirect_uris": loopback, "application_type": "native"})).is_ok());
    let scheme = json!(["com.example.app:/cb"]);
    assert_eq!(
        code(with(json!({"redirect_uris": scheme, "token_endpoint_auth_method": "none"}))),
        Code::InvalidRedirectUri
    );
    assert!(with(json!({"redirect_uris": scheme, "application_type": "native"})).is_ok());
    for bad in [json!([]), json!(["https://a.test/#x"]), json!(["javascript:alert(1)"])] {
        assert_eq!(code(with(json!({"redirect_uris": bad}))), Code::InvalidRedirectUri);
    }
    assert_eq!(code(with(json!({"post_logout_redirect_uris": ["http://a.test/"]}))), Code::InvalidRedirectUri);
}

#[test]
fn members_of_the_wrong_type_or_word_are_refused() {
    for bad in [
        json!({"redirect_uris": "https://a.test/cb"}),
        json!({"redirect_uris": [1]}),
        json!({"client_name": 7}),
        json!({"client_name": "a\u{0}b"}),
        json!({"client_name": "  "}),
        json!({"grant_types": ["implicit"]}),
        json!({"grant_types": "authorization_code"}),
        json!({"response_types": ["token"]}),
        json!({"response_types": ["code id_token"]}),
        json!({"token_endpoint_auth_method": "client_secret_jwt"}),
        json!({"token_endpoint_auth_method": "private_key_jwt"}),
        json!({"application_type": "desktop"}),
        json!({"scope": ["openid"]}),
        json!({"id_token_signed_response_alg": "none"}),
        json!({"id_token_signed_response_alg": "HS256"}),
        json!({"userinfo_signed_response_alg": "none"}),
        json!({"token_endpoint_auth_signing_alg": "HS256"}),
        json!({"logo_uri": "http://a.test/logo.png"}),
        json!({"policy_uri": "javascript:alert(1)"}),
        json!({"tos_uri": "https://user@a.test/"}),
        json!({"tos_uri#de": "data:text/html,x"}),
        json!({"initiate_login_uri": "http://a.test/"}),
        json!({"default_max_age": -1}),
        json!({"jwks": {"keys": []}, "jwks_uri": "https://a.test/jwks"}),
        json!({"jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}}),
        json!({"jwks": "x"}),
    ] {
        assert_eq!(code(with(bad.clone())), Code::InvalidClientMetadata, "{bad}");
    }
}

#[test]
fn c3_a_public_client_cannot_act_for_itself_or_drop_pkce() {
    for grants in [json!(["client_credentials"]), json!(["authorization_code", "password"])] {
        let public = json!({"token_endpoint_auth_method": "none", "grant_types": grants});
        assert_eq!(code(with(public)), Code::InvalidClientMetadata);
    }
    let mut wish = Registration::preset(ClientKind::Public, "App");
    wish.metadata.redirect_uris = vec!["https://a.test/cb".to_owned()];
    wish.policy.require_pkce = false;
    assert_eq!(code(wish.into_client(&tenant(), false, Timestamp(1))), Code::InvalidClientMetadata);
}

#[test]
fn a_service_has_no_people() {
    let mut wish = Registration::preset(ClientKind::Service, "Robot");
    wish.metadata.scope = "openid email users:read".parse().unwrap();
    let client = wish.into_client(&tenant(), false, Timestamp(1)).unwrap();
    assert_eq!(client.metadata.scope.to_string(), "users:read");
    let mut wish = Registration::preset(ClientKind::Service, "Robot");
    wish.metadata.grant_types.push("authorization_code".to_owned());
    wish.metadata.redirect_uris = vec!["https://a.test/cb".to_owned()];
    assert_eq!(code(wish.into_client(&tenant(), false, Timestamp(1))), Code::InvalidClientMetadata);
    let client = register(json!({"grant_types": ["client_credentials"]})).unwrap();
    assert_eq!((client.kind, client.metadata.response_types.len()), (ClientKind::Service, 0));
}

#[test]
fn a_public_client_on_a_device_is_recognised() {
    for (uri, expected) in [
        ("http://127.0.0.1/cb", ApplicationType::Native),
        ("com.example:/cb", ApplicationType::Native),
        ("http://127.0.0.1:80/cb", ApplicationType::Web),
        ("https://a.test/cb", ApplicationType::Web),
    ] {
        let mut wish = Registration::preset(ClientKind::Public, "App");
        wish.metadata.redirect_uris = vec![uri.to_owned()];
        wish.infer_application_type();
        assert_eq!(wish.metadata.application_type, expected, "{uri}");
        assert!(wish.into_client(&tenant(), false, Timestamp(1)).is_ok());
    }
}

#[test]
fn development_lets_confidential_clients_redirect_to_loopback() {
    let mut wish = Registration::preset(ClientKind::Confidential, "App");
    wish.metadata.redirect_uris = vec!["http://localhost:8080/dev/app/callback".to_owned()];
    assert!(wish.clone().into_client(&tenant(), true, Timestamp(1)).is_ok());
    assert!(wish.into_client(&tenant(), false, Timestamp(1)).is_err());
}

#[test]
fn a_client_id_that_is_chosen_is_plain() {
    for (id, fits) in [("app-1.x_Y", true), ("", false), ("a:b", false), ("a b", false), ("ä", false)] {
        let mut wish = Registration::preset(ClientKind::Service, "Robot");
        wish.id = Some(ClientId::from(id));
        assert_eq!(wish.into_client(&tenant(), false, Timestamp(1)).is_ok(), fits, "{id:?}");
    }
}

#[test]
fn w060_no_access_token_outlives_the_key_that_signed_it() {
    for (seconds, accepted) in [(0, false), (1, true), (86_400, true), (86_401, false)] {
        let metadata = json!({"redirect_uris": ["https://a.test/cb"]}).as_object().unwrap().clone();
        let mut wish = Registration::from_metadata(metadata).unwrap();
        wish.policy.access_token_lifetime = Some(crate::base::Seconds(seconds));
        assert_eq!(wish.into_client(&tenant(), false, Timestamp(5)).is_ok(), accepted, "{seconds}");
    }
}
