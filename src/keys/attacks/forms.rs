//! T3: the sender chooses neither the algorithm nor the key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jws::{HS256, JwsSigner as _};
use serde_json::{Map, Value, json};

use super::*;
use crate::base::Kid;

#[test]
fn what_we_sign_verifies_and_its_header_is_alg_kid_typ() {
    for known in KNOWN.iter() {
        let verified = known.set.verify(&known.token(), &POLICY).unwrap();
        assert_eq!(Value::Object(verified.header.clone()).to_string(), header_of(known, |_| ()));
        assert_eq!(Value::Object(verified.claims.0.clone()), claims());
        assert_eq!(verified.claims.check(&expected()), Ok(()));
        assert!(known.set.verify(&signed_with_header(known, &header_of(known, |_| ())), &POLICY).is_ok());
    }
}

#[test]
fn a_signer_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Signer>();
    shared::<JwkSet>();
}

#[test]
fn t3_none_in_any_spelling_is_refused_with_and_without_signature() {
    for known in KNOWN.iter() {
        let token = known.token();
        let (message, signature) = token.rsplit_once('.').unwrap();
        let payload = message.split_once('.').unwrap().1;
        for alg in ["none", "None", "NONE", "nOnE", "", " none"] {
            let header = b64(header_of(known, |header| drop(header.insert("alg".into(), alg.into()))));
            for signature in ["", "AA", signature] {
                let forged = format!("{header}.{payload}.{signature}");
                let reason = known.set.verify(&forged, &POLICY).unwrap_err();
                assert!(matches!(reason, Invalid::Algorithm | Invalid::Malformed), "{alg:?} {reason}");
            }
        }
        let without = b64(header_of(known, |header| drop(header.remove("alg"))));
        assert_eq!(known.set.verify(&format!("{without}.{payload}.AA"), &POLICY).unwrap_err(), Invalid::Algorithm);
    }
}

#[test]
fn t3_hs256_keyed_with_any_form_of_the_public_key_is_refused() {
    for known in KNOWN.iter() {
        let jwk: Map<String, Value> = serde_json::from_str(&known.key.public_jwk).unwrap();
        let private = josekit::jwk::Jwk::from_bytes(known.key.private_jwk.as_bytes()).unwrap();
        let pem = match known.key.algorithm {
            SigningAlgorithm::RS256 => {
                josekit::jwk::alg::rsa::RsaKeyPair::from_jwk(&private).unwrap().to_pem_public_key()
            }
            SigningAlgorithm::ES256 => {
                josekit::jwk::alg::ec::EcKeyPair::from_jwk(&private).unwrap().to_pem_public_key()
            }
            SigningAlgorithm::EdDSA => {
                josekit::jwk::alg::ed::EdKeyPair::from_jwk(&private).unwrap().to_pem_public_key()
            }
        };
        let member = jwk.get("n").or_else(|| jwk.get("x")).unwrap().as_str().unwrap();
        let forms = [
            pem.clone(),
            String::from_utf8(pem).unwrap().trim().as_bytes().to_vec(),
            known.key.public_jwk.clone().into_bytes(),
            set_of(&[&known.key.public_jwk]).into_bytes(),
            member.as_bytes().to_vec(),
            URL_SAFE_NO_PAD.decode(member).unwrap(),
            vec![b's'; 32],
        ];
        for form in forms {
            let header = header_of(known, |header| drop(header.insert("alg".into(), "HS256".into())));
            let message = format!("{}.{}", b64(header), b64(claims().to_string()));
            let signature = HS256.signer_from_bytes(&form).unwrap().sign(message.as_bytes()).unwrap();
            let forged = format!("{message}.{}", b64(signature));
            assert_eq!(known.set.verify(&forged, &POLICY).unwrap_err(), Invalid::Algorithm);
        }
    }
}

#[test]
fn t3_a_key_is_used_with_its_own_algorithm_only() {
    for known in KNOWN.iter() {
        for other in ["RS256", "PS256", "ES256", "EdDSA", "ES256K", "ES384", "RS384", "RS512", "PS384", "RS1"] {
            if other != known.key.algorithm.as_str() {
                let header = header_of(known, |header| drop(header.insert("alg".into(), other.into())));
                assert!(known.set.verify(&signed_with_header(known, &header), &POLICY).is_err(), "{other}");
            }
        }
        let only = [Algorithm::PS256];
        let policy = Policy { algorithms: &only, ..POLICY };
        assert_eq!(known.set.verify(&known.token(), &policy).unwrap_err(), Invalid::Algorithm);
    }
}

#[test]
fn t3_key_material_and_extensions_in_the_header_are_refused() {
    for known in KNOWN.iter() {
        let own: Value = serde_json::from_str(&known.key.public_jwk).unwrap();
        for (name, value) in [
            ("jwk", own),
            ("jku", json!("https://as.test/t/demo/oauth/jwks")),
            ("x5u", json!("https://as.test/cert")),
            ("x5c", json!(["MIIB"])),
            ("crit", json!([])),
            ("crit", json!(["exp"])),
            ("crit", json!(["b64"])),
            ("b64", json!(false)),
            ("zip", json!("DEF")),
        ] {
            let header = header_of(known, |header| drop(header.insert(name.into(), value)));
            let reason = known.set.verify(&signed_with_header(known, &header), &POLICY).unwrap_err();
            assert_eq!(reason, Invalid::Header(name));
        }
    }
}

#[test]
fn t3_a_foreign_key_is_refused_whatever_kid_it_claims() {
    for known in KNOWN.iter() {
        let foreign = Known::new(known.key.algorithm);
        assert_eq!(known.set.verify(&foreign.token(), &POLICY).unwrap_err(), Invalid::UnknownKey);
        let renamed = Signer::load(known.key.algorithm, known.key.kid.clone(), &foreign.key.private_jwk).unwrap();
        let forged = renamed.sign_jwt("at+jwt", &claims()).unwrap();
        assert_eq!(known.set.verify(&forged, &POLICY).unwrap_err(), Invalid::Signature);
    }
}

#[test]
fn t3_kids_that_are_paths_sql_objects_or_huge_find_nothing() {
    let known = &KNOWN[1];
    for kid in [
        json!("../../../../dev/null"),
        json!("' OR 1=1 --"),
        json!(""),
        json!("k".repeat(300)),
        json!(known.key.kid.as_str().to_lowercase()),
        json!(format!("{}\u{0}", known.key.kid)),
        json!({"kid": known.key.kid.as_str()}),
        json!([known.key.kid.as_str()]),
        json!(0),
        json!(null),
        json!(true),
    ] {
        let header = header_of(known, |header| drop(header.insert("kid".into(), kid.clone())));
        assert!(known.set.verify(&signed_with_header(known, &header), &POLICY).is_err(), "{kid}");
    }
}

#[test]
fn a_signer_of_one_algorithm_does_not_load_another_s_key() {
    for known in KNOWN.iter() {
        for other in SigningAlgorithm::ALL.iter().filter(|other| **other != known.key.algorithm) {
            let fault = Signer::load(*other, Kid::from("k"), &known.key.private_jwk).unwrap_err();
            let private: Map<String, Value> = serde_json::from_str(&known.key.private_jwk).unwrap();
            assert!(!fault.chain().contains(private["d"].as_str().unwrap()));
        }
    }
}
