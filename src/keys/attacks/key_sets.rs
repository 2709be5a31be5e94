//! T6 and what clients register: which public keys are taken, and how a token finds its key.

use josekit::jws::JwsSigner as _;
use serde_json::{Map, Value};

use super::*;

#[test]
fn t6_private_symmetric_weak_and_broken_keys_are_refused_in_a_set() {
    let good = &KNOWN[1].key.public_jwk;
    let short_rsa = format!(r#"{{"kty":"RSA","e":"AQAB","n":"{}"}}"#, b64([&[0x7f][..], &[0xff; 255]].concat()));
    let padded_rsa = format!(r#"{{"kty":"RSA","e":"AQAB","n":"{}"}}"#, b64([&[0; 128][..], &[0xff; 128]].concat()));
    let huge_rsa = format!(r#"{{"kty":"RSA","e":"AQAB","n":"{}"}}"#, b64([0xff; 2048]));
    let even_e = KNOWN[0].key.public_jwk.replace("AQAB", "AQAA");
    let one_e = KNOWN[0].key.public_jwk.replace("AQAB", "AQ");
    let off_curve = format!(r#"{{"kty":"EC","crv":"P-256","x":"{0}","y":"{0}"}}"#, b64([1; 32]));
    let short_point = format!(r#"{{"kty":"EC","crv":"P-256","x":"{0}","y":"{0}"}}"#, b64([1; 31]));
    let zero_point = format!(r#"{{"kty":"EC","crv":"P-256","x":"{0}","y":"{0}"}}"#, b64([0; 32]));
    let short_ed = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#, b64([1; 31]));
    for (bad, reason) in [
        (KNOWN[0].key.private_jwk.as_str(), BadJwks::Private),
        (KNOWN[1].key.private_jwk.as_str(), BadJwks::Private),
        (KNOWN[2].key.private_jwk.as_str(), BadJwks::Private),
        (r#"{"kty":"oct","k":"c2VjcmV0"}"#, BadJwks::Private),
        (r#"{"kty":"oct"}"#, BadJwks::Private),
        (&short_rsa, BadJwks::RsaSize),
        (&padded_rsa, BadJwks::RsaSize),
        (&huge_rsa, BadJwks::RsaSize),
        (&even_e, BadJwks::Unusable),
        (&one_e, BadJwks::Unusable),
        (&off_curve, BadJwks::Unusable),
        (&short_point, BadJwks::Unusable),
        (&zero_point, BadJwks::Unusable),
        (&short_ed, BadJwks::Unusable),
        (good, BadJwks::SameKid),
        ("{}", BadJwks::Malformed),
        (r#"{"kty":1}"#, BadJwks::Malformed),
        (r#"{"kty":"EC","crv":"P-256","x":1,"y":2}"#, BadJwks::Malformed),
        (r#"{"kty":"RSA","kty":"EC"}"#, BadJwks::Malformed),
        (r#""key""#, BadJwks::Malformed),
    ] {
        assert_eq!(JwkSet::parse(set_of(&[good, bad]).as_bytes()).unwrap_err(), reason, "{bad}");
    }
    let many = (0..21).map(|kid| good.replace("\"kid\":\"", &format!("\"kid\":\"{kid}"))).collect::<Vec<_>>();
    let many = many.iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(JwkSet::parse(set_of(&many).as_bytes()).unwrap_err(), BadJwks::TooMany);
    assert!(JwkSet::parse(set_of(&many[..20]).as_bytes()).is_ok());
    for bad in ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":null}"#, r#"{"keys":[],"keys":[]}"#] {
        assert_eq!(JwkSet::parse(bad.as_bytes()).unwrap_err(), BadJwks::Malformed, "{bad}");
    }
}

#[test]
fn keys_for_other_uses_are_left_out_and_verify_nothing() {
    let known = &KNOWN[1];
    let encryption = known.key.public_jwk.replace("\"sig\"", "\"enc\"");
    let foreign = [
        r#"{"kty":"EC","crv":"P-384","x":"AA","y":"AA"}"#,
        r#"{"kty":"OKP","crv":"X25519","x":"AA"}"#,
        r#"{"kty":"AKP","alg":"ML-DSA-44","pub":"AA"}"#,
        &encryption,
    ];
    let set = JwkSet::parse(set_of(&foreign).as_bytes()).unwrap();
    assert!(set.is_empty() && !set.can_verify(Algorithm::ES256));
    assert_eq!(set.verify(&known.token(), &POLICY).unwrap_err(), Invalid::UnknownKey);
}

#[test]
fn a_client_assertion_verifies_by_kid_or_by_the_only_fitting_key() {
    let policy = Policy::CLIENT_ASSERTION;
    for known in KNOWN.iter() {
        let all = KNOWN.iter().map(|known| known.key.public_jwk.as_str()).collect::<Vec<_>>();
        let all = JwkSet::parse(set_of(&all).as_bytes()).unwrap();
        let bare = header_of(known, |header| {
            header.remove("kid");
            header.remove("typ");
        });
        assert!(all.verify(&signed_with_header(known, &bare), &policy).is_ok());
        assert!(all.verify(&known.signer.sign_jwt("JWT", &claims()).unwrap(), &policy).is_ok());
        assert_eq!(all.verify(&known.token(), &policy).unwrap_err(), Invalid::Typ);

        let other = Known::new(known.key.algorithm);
        let two = set_of(&[&known.key.public_jwk, &other.key.public_jwk]);
        let two = JwkSet::parse(two.as_bytes()).unwrap();
        assert_eq!(two.verify(&signed_with_header(known, &bare), &policy).unwrap_err(), Invalid::UnknownKey);
    }
}

#[test]
fn an_rsa_key_without_alg_verifies_ps256_of_a_client() {
    let known = &KNOWN[0];
    let mut private: Map<String, Value> = serde_json::from_str(&known.key.private_jwk).unwrap();
    private.remove("alg");
    let signer = josekit::jws::PS256.signer_from_jwk(&josekit::jwk::Jwk::from_map(private).unwrap()).unwrap();
    let header = header_of(known, |header| {
        header.insert("alg".into(), "PS256".into());
        header.remove("typ");
    });
    let message = format!("{}.{}", b64(header), b64(claims().to_string()));
    let token = format!("{message}.{}", b64(signer.sign(message.as_bytes()).unwrap()));
    let open = known.key.public_jwk.replace("\"alg\":\"RS256\",", "");
    let open = JwkSet::parse(set_of(&[&open]).as_bytes()).unwrap();
    assert!(open.verify(&token, &Policy::CLIENT_ASSERTION).is_ok());
    assert!(known.set.verify(&token, &Policy::CLIENT_ASSERTION).is_err());
}
