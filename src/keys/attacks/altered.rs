//! T4: nothing but the text that was signed is accepted.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use serde_json::json;

use super::*;

#[test]
fn t4_signatures_stripped_zero_short_doubled_and_extra_parts_are_refused() {
    for known in KNOWN.iter() {
        let token = known.token();
        let (message, signature) = token.rsplit_once('.').unwrap();
        let (header, payload) = message.split_once('.').unwrap();
        let raw = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let forged = [
            message.to_owned(),
            format!("{message}."),
            format!("{message}.{}", b64(vec![0; raw.len()])),
            format!("{message}.{}", b64(vec![0xff; raw.len()])),
            format!("{message}.{}", b64(&raw[..raw.len() - 1])),
            format!("{message}.{}", b64(&raw[1..])),
            format!("{message}.{}", b64([&raw[..], &raw[..]].concat())),
            format!("{message}.{}", b64([&[0][..], &raw[..]].concat())),
            format!("{message}.{signature}.{signature}"),
            format!("{token}."),
            format!(".{token}"),
            format!("{header}.{payload}.AA.AA.{signature}"),
            format!("{header}..{signature}"),
            format!(".{payload}.{signature}"),
            format!("{token}{token}"),
            String::new(),
            ".".to_owned(),
            "..".to_owned(),
            "....".to_owned(),
        ];
        for bad in forged {
            assert!(known.set.verify(&bad, &POLICY).is_err(), "{bad}");
        }
        assert!(known.set.verify(&"A".repeat(20_000), &POLICY).is_err_and(|reason| reason == Invalid::TooLong));
    }
}

#[test]
fn t4_an_es256_signature_in_der_is_refused() {
    let known = &KNOWN[1];
    let token = known.token();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let raw = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let integer = |number: &[u8]| [&[2, 33, 0][..], number].concat();
    let der = [&[0x30, 70][..], &integer(&raw[..32]), &integer(&raw[32..])].concat();
    assert!(known.set.verify(&format!("{message}.{}", b64(der)), &POLICY).is_err());
}

/// Claims that are serialised with one name twice.
#[derive(serde::Serialize)]
struct Twice {
    sub: &'static str,
    #[serde(rename = "sub")]
    again: &'static str,
}

#[test]
fn t4_an_altered_payload_is_refused_and_a_header_or_payload_with_a_member_twice_too() {
    for known in KNOWN.iter() {
        let token = known.token();
        let [header, _, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!() };
        let mut altered = claims();
        altered["sub"] = json!("admin");
        let forged = format!("{header}.{}.{signature}", b64(altered.to_string()));
        assert_eq!(known.set.verify(&forged, &POLICY).unwrap_err(), Invalid::Signature);

        let twice = header_of(known, |_| ()).replacen('{', "{\"alg\":\"none\",", 1);
        assert_eq!(known.set.verify(&signed_with_header(known, &twice), &POLICY).unwrap_err(), Invalid::Malformed);
    }
    let known = &KNOWN[1];
    let token = known.signer.sign_jwt("at+jwt", &Twice { sub: "u1", again: "admin" }).unwrap();
    assert_eq!(known.set.verify(&token, &POLICY).unwrap_err(), Invalid::Malformed);
}

#[test]
fn t4_a_token_has_one_spelling() {
    for known in KNOWN.iter() {
        let token = known.token();
        for bad in [
            format!(" {token}"),
            format!("{token} "),
            format!("{token}\n"),
            format!("{token}="),
            format!("{token}=="),
            format!("{token}\0"),
            token.replacen('.', "=.", 1),
            token.replace('.', ".\n"),
            token.replace('.', "\u{ff0e}"),
            token.replace('-', "+").replace('_', "/") + "A",
        ] {
            assert!(known.set.verify(&bad, &POLICY).is_err(), "{bad:?}");
        }
    }
}

#[test]
fn t4_unused_bits_of_the_last_character_are_not_a_second_spelling() {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for known in KNOWN.iter() {
        let token = known.token();
        let accepted = ALPHABET.iter().filter(|last| {
            let other = format!("{}{}", &token[..token.len() - 1], char::from(**last));
            known.set.verify(&other, &POLICY).is_ok()
        });
        assert_eq!(accepted.count(), 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn t4_any_single_character_changed_added_or_removed_is_refused(
        which in 0..3_usize, place in any::<prop::sample::Index>(), other in any::<char>(), kind in 0..3,
    ) {
        static TOKENS: LazyLock<Vec<String>> = LazyLock::new(|| KNOWN.iter().map(Known::token).collect());
        let token = &TOKENS[which];
        let at = place.index(token.len());
        let (before, after) = (&token[..at], &token[at + usize::from(kind != 1)..]);
        let changed = if kind == 2 { format!("{before}{after}") } else { format!("{before}{other}{after}") };
        prop_assume!(changed != *token);
        prop_assert!(KNOWN[which].set.verify(&changed, &POLICY).is_err());
    }

    #[test]
    fn t4_no_text_makes_the_verifier_panic(text in "[A-Za-z0-9_.=-]{0,200}|\\PC{0,100}") {
        prop_assert!(KNOWN[1].set.verify(&text, &POLICY).is_err());
    }

    #[test]
    fn no_header_and_payload_make_the_verifier_panic(header in "\\PC{0,80}", payload in any::<Vec<u8>>()) {
        let text = format!("{}.{}.{}", b64(header), b64(payload), b64([1; 64]));
        prop_assert!(KNOWN[1].set.verify(&text, &POLICY).is_err());
    }
}
