//! T5: rightly signed, but another kind of token, for somebody else, or at the wrong time.

use serde_json::{Value, json};

use super::*;

#[test]
fn t5_another_kind_of_token_is_refused() {
    for known in KNOWN.iter() {
        for typ in ["JWT", "AT+JWT", "application/at+jwt", "at+jwt ", "logout+jwt", "dpop+jwt", ""] {
            let token = known.signer.sign_jwt(typ, &claims()).unwrap();
            assert_eq!(known.set.verify(&token, &POLICY).unwrap_err(), Invalid::Typ, "{typ}");
        }
        let header = header_of(known, |header| drop(header.remove("typ")));
        assert_eq!(known.set.verify(&signed_with_header(known, &header), &POLICY).unwrap_err(), Invalid::Typ);
        let header = header_of(known, |header| drop(header.insert("typ".into(), json!(["at+jwt"]))));
        assert!(known.set.verify(&signed_with_header(known, &header), &POLICY).is_err());
    }
}

#[test]
fn t5_claims_that_are_absent_foreign_or_of_another_type_are_refused() {
    type Change = (&'static str, Option<Value>, Invalid);
    let changes: Vec<Change> = vec![
        ("exp", None, Invalid::Claim("exp")),
        ("exp", Some(json!((NOW.0 + 600).to_string())), Invalid::Claim("exp")),
        ("exp", Some(json!(null)), Invalid::Claim("exp")),
        ("exp", Some(json!([NOW.0 + 600])), Invalid::Claim("exp")),
        ("exp", Some(json!(NOW.0 - 10)), Invalid::Expired),
        ("exp", Some(json!(-1)), Invalid::Expired),
        ("exp", Some(json!(i64::MIN)), Invalid::Expired),
        ("nbf", Some(json!(NOW.0 + 11)), Invalid::NotYet),
        ("nbf", Some(json!("0")), Invalid::Claim("nbf")),
        ("iat", Some(json!(NOW.0 + 60)), Invalid::NotYet),
        ("iat", Some(json!(1e300)), Invalid::NotYet),
        ("iss", None, Invalid::Claim("iss")),
        ("iss", Some(json!("https://as.test/t/acme")), Invalid::Claim("iss")),
        ("iss", Some(json!("https://as.test/t/demo/")), Invalid::Claim("iss")),
        ("iss", Some(json!(["https://as.test/t/demo"])), Invalid::Claim("iss")),
        ("aud", None, Invalid::Claim("aud")),
        ("aud", Some(json!([])), Invalid::Claim("aud")),
        ("aud", Some(json!("https://api.test/")), Invalid::Claim("aud")),
        ("aud", Some(json!(["https://api.test", 1])), Invalid::Claim("aud")),
        ("aud", Some(json!({"https://api.test": 1})), Invalid::Claim("aud")),
        ("sub", None, Invalid::Claim("sub")),
        ("sub", Some(json!("")), Invalid::Claim("sub")),
        ("sub", Some(json!(["u1"])), Invalid::Claim("sub")),
    ];
    let known = &KNOWN[1];
    for (name, value, reason) in changes {
        let mut claims = claims();
        match &value {
            Some(value) => claims[name] = value.clone(),
            None => drop(claims.as_object_mut().unwrap().remove(name)),
        }
        let token = known.signer.sign_jwt("at+jwt", &claims).unwrap();
        let verified = known.set.verify(&token, &POLICY).unwrap();
        assert_eq!(verified.claims.check(&expected()), Err(reason), "{name} {value:?}");
    }
}

#[test]
fn t5_ten_seconds_of_skew_are_forgiven_and_sixty_are_not() {
    let at = |name: &str, offset: i64| {
        let mut claims = claims();
        claims[name] = json!(NOW.0 + offset);
        Claims(claims.as_object().unwrap().clone()).check(&expected()).is_ok()
    };
    assert!(at("exp", -9) && at("nbf", 10) && at("iat", 10));
    assert!(!at("exp", -60) && !at("nbf", 60) && !at("iat", 60));
    let soon = Expected { longest: Some(Seconds(300)), ..expected() };
    assert_eq!(Claims(claims().as_object().unwrap().clone()).check(&soon), Err(Invalid::Claim("exp")));
}
