//! Secrets at rest: compact JWE (RFC 7516 §7.1) with `dir` and A256GCM. The protected header names purpose and tenant,
//! and the content key is derived for exactly these, so a sealed value that is moved to another row does not open.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use josekit::jwe::JweContentEncryption as _;
use josekit::jwe::enc::A256GCM;
use rand::Rng as _;
use serde::Serialize;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::MasterKey;
use crate::base::{Fault, TenantId};

const IV_LEN: usize = 12;
/// The library verifies whatever tag it is given, even one of a single byte: only the full one is accepted here.
const TAG_LEN: usize = 16;

/// What a sealed value is for. It opens for nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The private half of a tenant's signing key.
    SigningKey,
    /// A seed for one-time passwords.
    TotpSecret,
    /// What we authenticate with to somebody else (upstream providers, mail, payment).
    UpstreamSecret,
    /// What webhooks are signed with.
    WebhookSecret,
    /// What a passkey's sign-in began with, carried by whoever signs in.
    PasskeyCeremony,
    /// A mail, a session or another short-lived record that waits in the store.
    Record,
    /// Where a page of a list ended.
    Cursor,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::SigningKey => "signing-key",
            Self::TotpSecret => "totp-secret",
            Self::UpstreamSecret => "upstream-secret",
            Self::WebhookSecret => "webhook-secret",
            Self::PasskeyCeremony => "passkey-ceremony",
            Self::Record => "record",
            Self::Cursor => "cursor",
        }
    }
}

/// The protected header. Its bytes are never read back: they are made again and must be equal.
#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    enc: &'static str,
    kid: &'a str,
    purpose: &'static str,
    tenant: &'a str,
}

/// Seals and opens secrets with keys derived from the master key.
#[derive(Clone, Debug)]
pub struct Sealer {
    master: MasterKey,
    name: String,
}

impl Sealer {
    /// A sealer under this master key.
    pub fn new(master: MasterKey) -> Result<Self, Fault> {
        Ok(Self { name: master.name()?, master })
    }

    /// Encrypts `secret` for this purpose of this tenant.
    pub fn seal(&self, purpose: Purpose, tenant: &TenantId, secret: &[u8]) -> Result<String, Fault> {
        let header = self.header(purpose, tenant)?;
        let mut iv = [0_u8; IV_LEN];
        rand::rng().fill_bytes(&mut iv);
        let key = self.content_key(purpose, tenant)?;
        let (ciphertext, tag) = A256GCM.encrypt(key.as_ref(), Some(&iv), secret, header.as_bytes())?;
        let tag = tag.ok_or_else(|| Fault::new("sealing gave no tag"))?;
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        Ok(format!("{header}..{}.{}.{}", part(&iv), part(&ciphertext), part(&tag)))
    }

    /// Decrypts what [`Sealer::seal`] gave for the same purpose of the same tenant.
    pub fn open(&self, purpose: Purpose, tenant: &TenantId, sealed: &str) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let refused = || Fault::new(format!("a sealed {} of tenant {tenant} does not open", purpose.as_str()));
        let header = self.header(purpose, tenant)?;
        let [protected, key, iv, ciphertext, tag] = sealed.split('.').collect::<Vec<_>>()[..] else {
            return Err(refused());
        };
        if protected != header || !key.is_empty() {
            return Err(self.explain(protected).unwrap_or_else(refused));
        }
        let part = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| refused());
        let (iv, ciphertext, tag) = (part(iv)?, part(ciphertext)?, part(tag)?);
        if iv.len() != IV_LEN || tag.len() != TAG_LEN {
            return Err(refused());
        }
        let key = self.content_key(purpose, tenant)?;
        A256GCM
            .decrypt(key.as_ref(), Some(&iv), &ciphertext, header.as_bytes(), Some(&tag))
            .map(Zeroizing::new)
            .map_err(|_| refused())
    }

    /// What only this server can make of these parts for this purpose of this tenant: HMAC-SHA256, base64url. No two
    /// lists of parts have the same.
    pub fn mac(&self, purpose: &str, tenant: &TenantId, parts: &[&str]) -> Result<String, Fault> {
        let key = self.master.derive(&["mac", purpose, tenant.as_str()])?;
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_ref())?;
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        Ok(URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    fn content_key(&self, purpose: Purpose, tenant: &TenantId) -> Result<Zeroizing<[u8; 32]>, Fault> {
        self.master.derive(&["seal", purpose.as_str(), tenant.as_str()])
    }

    fn header(&self, purpose: Purpose, tenant: &TenantId) -> Result<String, Fault> {
        let header = Header {
            alg: "dir",
            enc: A256GCM.name(),
            kid: &self.name,
            purpose: purpose.as_str(),
            tenant: tenant.as_str(),
        };
        Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header)?))
    }

    /// An operator who starts with the wrong key file shall read that, and not "altered".
    fn explain(&self, protected: &str) -> Option<Fault> {
        let header = URL_SAFE_NO_PAD.decode(protected).ok()?;
        let header: serde_json::Value = serde_json::from_slice(&header).ok()?;
        let kid = header.get("kid")?.as_str()?;
        (kid != self.name).then(|| {
            Fault::new(format!("this value was sealed with another master key ({kid:?}) than the configured one"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer() -> Sealer {
        Sealer::new(MasterKey::parse(&MasterKey::generate()).unwrap()).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_and_shows_nothing() {
        let (with, tenant) = (sealer(), TenantId::generate());
        let sealed = with.seal(Purpose::TotpSecret, &tenant, b"the secret").unwrap();
        assert_eq!(with.open(Purpose::TotpSecret, &tenant, &sealed).unwrap().as_slice(), b"the secret");
        assert!(!sealed.contains("secret") && !sealed.contains(&URL_SAFE_NO_PAD.encode("the secret")));
        assert_ne!(sealed, with.seal(Purpose::TotpSecret, &tenant, b"the secret").unwrap());
    }

    #[test]
    fn w036_a_value_moved_to_another_tenant_or_purpose_does_not_open() {
        let (with, tenant) = (sealer(), TenantId::generate());
        let sealed = with.seal(Purpose::SigningKey, &tenant, b"x").unwrap();
        let other = TenantId::generate();
        assert!(with.open(Purpose::SigningKey, &other, &sealed).is_err());
        assert!(with.open(Purpose::TotpSecret, &tenant, &sealed).is_err());
        let rest = sealed.split_once('.').unwrap().1;
        let renamed = format!("{}.{rest}", with.header(Purpose::SigningKey, &other).unwrap());
        assert!(with.open(Purpose::SigningKey, &other, &renamed).is_err());
    }

    #[test]
    fn an_altered_or_shortened_value_does_not_open() {
        let (with, tenant) = (sealer(), TenantId::generate());
        let sealed = with.seal(Purpose::Record, &tenant, b"some record").unwrap();
        for at in 0..sealed.len() {
            let mut altered = sealed.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            assert!(with.open(Purpose::Record, &tenant, std::str::from_utf8(&altered).unwrap()).is_err(), "{at}");
            assert!(with.open(Purpose::Record, &tenant, &sealed[..at]).is_err(), "{at}");
        }
        for bad in ["", "....", &format!("{sealed}."), &format!("{sealed}=")] {
            assert!(with.open(Purpose::Record, &tenant, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_wrong_master_key_is_named_as_the_reason() {
        let tenant = TenantId::generate();
        let sealed = sealer().seal(Purpose::Record, &tenant, b"x").unwrap();
        let fault = sealer().open(Purpose::Record, &tenant, &sealed).unwrap_err();
        assert!(fault.chain().contains("another master key"), "{}", fault.chain());
    }
}
