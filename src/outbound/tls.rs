//! Whom outgoing requests trust: Mozilla's roots, which travel in the program, and the operator's own.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use super::BadSettings;

/// TLS for a client that also trusts the certificates in these PEM files.
pub(super) fn trusting(files: &[PathBuf]) -> Result<ClientConfig, BadSettings> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for file in files {
        let bad = |why: String| BadSettings::Certificate(format!("{}: {why}", file.display()));
        let before = roots.len();
        for certificate in CertificateDer::pem_file_iter(file).map_err(|error| bad(error.to_string()))? {
            let certificate = certificate.map_err(|error| bad(error.to_string()))?;
            roots.add(certificate).map_err(|error| bad(error.to_string()))?;
        }
        if roots.len() == before {
            return Err(bad("there is no certificate in it".to_owned()));
        }
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| BadSettings::Certificate(error.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
