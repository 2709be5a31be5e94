//! An authenticator in software: it makes passkeys and answers challenges with real signatures (WebAuthn Level 2 §6),
//! and it can be told to lie.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::sha::sha256;
use openssl::sign::Signer;
use serde_json::{Value, json};

/// User present, user verified.
pub const VERIFIED: u8 = 0x05;

/// One passkey and where it was made.
pub struct Authenticator {
    key: EcKey<Private>,
    id: Vec<u8>,
    user: String,
    counter: u32,
    /// What pages it believes to be on.
    pub origin: String,
    /// What it believes the relying party to be.
    pub party: String,
    /// What it says about its holder.
    pub flags: u8,
    /// What it says it does.
    pub ceremony: &'static str,
}

/// An answer before it is written down.
pub struct Answer {
    /// `clientDataJSON`.
    pub client: Vec<u8>,
    /// `authenticatorData`.
    pub data: Vec<u8>,
    /// Over both.
    pub signature: Vec<u8>,
}

impl Authenticator {
    /// A new one that answers the options of a registration.
    pub fn register(options: &Value) -> (Self, Value) {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let new = Self {
            key: EcKey::generate(&group).unwrap(),
            id: chancery::base::Secret::generate().expose().as_bytes()[..32].to_vec(),
            user: options["publicKey"]["user"]["id"].as_str().unwrap().to_owned(),
            counter: 0,
            origin: "http://localhost:8080".to_owned(),
            party: options["publicKey"]["rp"]["id"].as_str().unwrap().to_owned(),
            flags: VERIFIED,
            ceremony: "webauthn.get",
        };
        let answer = new.attest(options, "webauthn.create");
        (new, answer)
    }

    /// The answer to a registration, as this ceremony.
    pub fn attest(&self, options: &Value, ceremony: &str) -> Value {
        let mut data = self.head(self.flags | 0x40);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        data.extend(self.cose());
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        object.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        object.extend(data);
        let client = self.client_data(options, ceremony);
        json!({
            "id": URL_SAFE_NO_PAD.encode(&self.id), "rawId": URL_SAFE_NO_PAD.encode(&self.id), "type": "public-key",
            "response": {
                "attestationObject": URL_SAFE_NO_PAD.encode(object), "clientDataJSON": URL_SAFE_NO_PAD.encode(client),
            },
        })
    }

    /// The answer to a challenge.
    pub fn answer(&mut self, options: &Value) -> Value {
        let answer = self.sign(options);
        self.written(&answer)
    }

    /// The answer before it is written.
    pub fn sign(&mut self, options: &Value) -> Answer {
        self.counter += 1;
        let (client, data) = (self.client_data(options, self.ceremony), self.head(self.flags));
        let key = PKey::from_ec_key(self.key.clone()).unwrap();
        let mut signer = Signer::new(MessageDigest::sha256(), &key).unwrap();
        signer.update(&data).unwrap();
        signer.update(&sha256(&client)).unwrap();
        Answer { signature: signer.sign_to_vec().unwrap(), client, data }
    }

    /// As it is sent.
    pub fn written(&self, answer: &Answer) -> Value {
        let id = URL_SAFE_NO_PAD.encode(&self.id);
        json!({
            "id": id, "rawId": id, "type": "public-key",
            "response": {
                "authenticatorData": URL_SAFE_NO_PAD.encode(&answer.data),
                "clientDataJSON": URL_SAFE_NO_PAD.encode(&answer.client),
                "signature": URL_SAFE_NO_PAD.encode(&answer.signature),
                "userHandle": self.user,
            },
        })
    }

    /// Another key under the same id.
    pub fn forged(&self) -> Self {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = EcKey::generate(&group).unwrap();
        let (id, user, party) = (self.id.clone(), self.user.clone(), self.party.clone());
        Self {
            key,
            id,
            user,
            party,
            counter: 100,
            origin: self.origin.clone(),
            flags: VERIFIED,
            ceremony: "webauthn.get",
        }
    }

    fn client_data(&self, options: &Value, ceremony: &str) -> Vec<u8> {
        let challenge = &options["publicKey"]["challenge"];
        json!({ "type": ceremony, "challenge": challenge, "origin": self.origin, "crossOrigin": false })
            .to_string()
            .into_bytes()
    }

    fn head(&self, flags: u8) -> Vec<u8> {
        let mut data = sha256(self.party.as_bytes()).to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// The public key as COSE (RFC 9052 §7, RFC 9053 §7.1): EC2, ES256, P-256.
    fn cose(&self) -> Vec<u8> {
        let (mut x, mut y) = (BigNum::new().unwrap(), BigNum::new().unwrap());
        let mut context = BigNumContext::new().unwrap();
        self.key.public_key().affine_coordinates(self.key.group(), &mut x, &mut y, &mut context).unwrap();
        let mut cose = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
        cose.extend(x.to_vec_padded(32).unwrap());
        cose.extend([0x22, 0x58, 0x20]);
        cose.extend(y.to_vec_padded(32).unwrap());
        cose
    }
}
