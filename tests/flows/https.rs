//! https on both sides: the server with a certificate of the operator's own, and outgoing requests that trust whom
//! the operator trusts and reach what the operator allows.

use std::path::{Path, PathBuf};

use chancery::config::Config;
use chancery::outbound::{FetchError, Outbound};
use chancery::store::tenants::Settings;
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, KeyUsage, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509NameBuilder};
use serde_json::Value;

use super::support::TestApp;

fn key() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

/// An unsigned certificate for a name.
fn certificate(name: &str, serial: u32, key: &PKey<Private>) -> X509Builder {
    let mut subject = X509NameBuilder::new().unwrap();
    subject.append_entry_by_text("CN", name).unwrap();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&BigNum::from_u32(serial).unwrap().to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&subject.build()).unwrap();
    builder.set_pubkey(key).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(1).unwrap()).unwrap();
    builder
}

/// A root of its own, and a certificate from it for this machine: files of the root, the certificate and its key.
pub fn authority(folder: &Path) -> [PathBuf; 3] {
    let (root_key, leaf_key) = (key(), key());
    let mut root = certificate("Test root", 1, &root_key);
    root.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
    root.append_extension(KeyUsage::new().critical().key_cert_sign().build().unwrap()).unwrap();
    let mut leaf = certificate("localhost", 2, &leaf_key);
    let names = SubjectAlternativeName::new().dns("localhost").ip("127.0.0.1").build(&root.x509v3_context(None, None));
    leaf.append_extension(names.unwrap()).unwrap();
    let mut issuer = X509NameBuilder::new().unwrap();
    issuer.append_entry_by_text("CN", "Test root").unwrap();
    let issuer = issuer.build();
    let signed = |mut builder: X509Builder| {
        builder.set_issuer_name(&issuer).unwrap();
        builder.sign(&root_key, MessageDigest::sha256()).unwrap();
        builder.build().to_pem().unwrap()
    };
    let files = ["root.pem", "leaf.pem", "leaf.key"].map(|name| folder.join(name));
    std::fs::write(&files[0], signed(root)).unwrap();
    std::fs::write(&files[1], signed(leaf)).unwrap();
    std::fs::write(&files[2], leaf_key.private_key_to_pem_pkcs8().unwrap()).unwrap();
    files
}

fn outbound(app: &TestApp, change: impl FnOnce(&mut Config)) -> Outbound {
    let mut config = app.app.config.clone();
    change(&mut config);
    Outbound::new(&config, app.clock.clone()).unwrap()
}

#[tokio::test]
async fn c5_a_private_https_server_is_fetched_only_if_it_is_allowed_and_trusted() {
    let mut root = PathBuf::new();
    let app = TestApp::configured(|config| {
        let files = authority(&config.data_dir);
        root.clone_from(&files[0]);
        config.listen = "127.0.0.1:0".to_owned();
        config.http.tls_cert = files[1].display().to_string();
        config.http.tls_key = files[2].display().to_string();
    })
    .await;
    app.tenant("demo", Settings::default()).await;
    let listening = chancery::server::listen(&app.app).await.unwrap();
    let port = listening.address.port();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let server = tokio::spawn(listening.serve(app.app.clone(), stopped));

    let networks = vec!["127.0.0.0/8".to_owned(), "::1/128".to_owned()];
    let allowed = outbound(&app, |config| config.outbound.allow_private.clone_from(&networks));
    let trusted = outbound(&app, |config| config.outbound.extra_root_certificates = vec![root.clone()]);
    let both = outbound(&app, |config| {
        config.outbound.allow_private = networks.clone();
        config.outbound.extra_root_certificates = vec![root.clone()];
    });
    for host in ["localhost", "127.0.0.1"] {
        let url = format!("https://{host}:{port}/t/demo/oauth/jwks");
        assert_eq!(allowed.key_set(&url).await, Err(FetchError::Unreachable));
        assert_eq!(trusted.key_set(&url).await, Err(FetchError::Forbidden));
        let set: Value = serde_json::from_slice(&both.key_set(&url).await.unwrap()).unwrap();
        assert!(!set["keys"].as_array().unwrap().is_empty());
    }
    stop.send(true).unwrap();
    server.await.unwrap();
}
