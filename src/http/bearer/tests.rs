//! How a credential is read off a request, and how a refusal is told.

use super::*;
use crate::base::{Refusal, Seconds, TenantId, Timestamp};
use crate::store::Json;
use crate::store::tenant_plans::Held;
use crate::store::tenants::{Life, Settings, Tenant as Record, TenantStatus};

fn tenant() -> TenantContext {
    let tenant = Record {
        id: TenantId::from("1"),
        slug: "demo".parse().unwrap(),
        name: "Demo".to_owned(),
        status: TenantStatus::Active,
        settings: Json(Settings::default()),
        version: 1,
        created_at: Timestamp(1),
        updated_at: Timestamp(1),
        held: Held::default(),
        life: Life::default(),
    };
    TenantContext::new(tenant, "https://id.test/t/demo".to_owned())
}

fn read(headers: &[(&'static str, &'static str)], query: Option<&str>) -> Result<Option<String>, Code> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, value.parse().unwrap());
    }
    match given(&map, query, &tenant()) {
        Ok(secret) => Ok(secret.map(|secret| secret.expose().to_owned())),
        Err(Unproven { stop: Stop::Refused(refusal), .. }) => Err(refusal.code),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn t7_a_token_is_taken_from_one_header_only() {
    let token = Ok(Some("abc".to_owned()));
    for scheme in ["Bearer abc", "bearer abc", "BEARER abc", "Bearer   abc"] {
        assert_eq!(read(&[("authorization", scheme)], Some("a=b")), token, "{scheme}");
    }
    assert_eq!(read(&[("x-api-key", "ck_abc")], None), Ok(Some("ck_abc".to_owned())));
    for nothing in ["Basic abc", "Bearer", "Bearer ", "abc", "", "Bearerabc", "DPoP abc"] {
        assert_eq!(read(&[("authorization", nothing)], None), Ok(None), "{nothing}");
    }
    assert_eq!(read(&[("x-api-key", "abc")], None), Ok(None), "a token is no key");
    let one = ("authorization", "Bearer abc");
    for (headers, query) in [
        (vec![one], Some("access_token=abc")),
        (vec![], Some("x=1&access_token=abc")),
        (vec![], Some("access%5ftoken=")),
        (vec![one, one], None),
        (vec![one, ("x-api-key", "ck_abc")], None),
        (vec![("x-api-key", "ck_a"), ("x-api-key", "ck_b")], None),
    ] {
        assert_eq!(read(&headers, query), Err(Code::InvalidRequest), "{headers:?} {query:?}");
    }
}

#[test]
fn a_challenge_names_the_error_the_scope_and_the_metadata() {
    let metadata = r#"resource_metadata="https://id.test/.well-known/oauth-protected-resource/t/demo/api/v1""#;
    let challenge = |unproven: Unproven| unproven.challenge.unwrap().to_string();
    assert_eq!(challenge(Unproven::nobody(&tenant())), format!("Bearer {metadata}"));
    let invalid = format!(r#"Bearer error="invalid_token", error_description="the token is not valid", {metadata}"#);
    assert_eq!(challenge(Unproven::invalid(&tenant())), invalid);
    let text = challenge(demand(&tenant(), &"emails openid".parse().unwrap(), Some("email")).unwrap_err());
    assert!(text.starts_with(r#"Bearer error="insufficient_scope","#) && text.contains(r#"scope="email""#), "{text}");
    assert!(demand(&tenant(), &"email".parse().unwrap(), Some("email")).is_ok());
    let weak = Refusal::new(Code::InsufficientUserAuthentication, "more").member("acr_values", "a b");
    let weak = challenge(Unproven::from(weak));
    let code = r#"Bearer error="insufficient_user_authentication", error_description="more", acr_values="a b""#;
    assert_eq!(weak, code, "outside of a request no metadata is known");
    let at = challenge(Unproven::too_long_ago(&tenant(), Seconds(600)).at("storage"));
    assert!(at.contains(r#"max_age="600""#) && at.ends_with(r#"/t/demo/api/v1/storage""#), "{at}");
}
