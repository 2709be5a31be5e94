//! `--tls-cert` and `--tls-key`: https without a proxy in front.

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509NameBuilder};
use serde_json::Value;

use crate::browser::{self, Browser};
use crate::support::Place;
use crate::support::people::{Client, HOME};

#[tokio::test]
async fn a_server_with_certificate_and_key_serves_https_itself() {
    let mut place = Place::new().await;
    let (certificate, key) = (place.data_dir.join("cert.pem"), place.data_dir.join("key.pem"));
    let (made, secret) = certificate_for_localhost();
    std::fs::write(&certificate, made.to_pem().unwrap()).unwrap();
    std::fs::write(&key, secret).unwrap();
    place.url = format!("https://localhost:{}", place.port);
    let words = ["--tls-cert", certificate.to_str().unwrap(), "--tls-key", key.to_str().unwrap()];
    place.words = words.map(str::to_owned).to_vec();
    let trusting = browser::http(Some(&made.to_der().unwrap())).unwrap();
    let server = place.start_with(&trusting).await;

    let url = format!("{}/.well-known/openid-configuration", server.issuer("demo"));
    let answer = server.http.get(url).send().await.unwrap();
    assert!(answer.headers().contains_key("strict-transport-security"), "W-132");
    let discovery: Value = answer.json().await.unwrap();
    for member in ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"] {
        assert!(discovery[member].as_str().unwrap().starts_with("https://localhost:"), "{member}");
    }
    let client = Client::of_dev(&server.place, "demo", "service");
    assert_eq!(client.own_token(&server.http).await.unwrap().status, 200);

    let client = Client::register(&server.place, &[]);
    let answer = server.http.get(client.authorize("openid")).send().await.unwrap();
    let cookie = answer.headers().get("set-cookie").expect("a cookie").to_str().unwrap();
    for part in ["__Secure-", "; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/t/demo"] {
        assert!(cookie.contains(part), "{part} is not in {cookie}");
    }
    let mut stranger = Browser::new(&browser::http(None).unwrap(), HOME).unwrap();
    assert!(stranger.open(&server.place.url).await.is_err(), "a certificate that nobody vouches for was accepted");
    let plain = format!("http://localhost:{}/healthz", server.place.port);
    assert!(trusting.get(plain).send().await.is_err(), "plain http was answered");
    server.done().await;
}

/// A certificate that vouches for itself, and its key in PEM.
fn certificate_for_localhost() -> (X509, Vec<u8>) {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "localhost").unwrap();
    let name = name.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&BigNum::from_u32(1).unwrap().to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(2).unwrap()).unwrap();
    let alternative =
        SubjectAlternativeName::new().dns("localhost").build(&builder.x509v3_context(None, None)).unwrap();
    builder.append_extension(alternative).unwrap();
    builder.append_extension(BasicConstraints::new().build().unwrap()).unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    (builder.build(), key.private_key_to_pem_pkcs8().unwrap())
}
