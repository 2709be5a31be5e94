//! Strict verification of a compact JWS (RFC 7515 §5.2, RFC 8725 §3): one form, algorithms we name, keys we hold.
//! Key material in the header is not read but refused, and nothing of the payload is read before the signature holds.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::{Algorithm, Claims, PublicKey};
use crate::base::{Code, Refusal, strict_object};

/// Longer tokens are refused unread. Ours have about 1 KiB.
const MAX_TOKEN: usize = 16 * 1024;
const MAX_HEADER: usize = 2 * 1024;
const MAX_KID: usize = 256;

/// Header parameters that would have the sender choose the key or change what is signed: `crit` and `b64` announce
/// extensions of which we know none (RFC 7515 §4.1.11), the others bring or point to keys (RFC 8725 §3.10).
const REFUSED: &[&str] = &["crit", "b64", "jwk", "jku", "x5u", "x5c", "enc", "zip", "epk"];

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Over the size limit.
    #[error("the token is too long")]
    TooLong,
    /// Not three parts of canonical base64url.
    #[error("the token is not a compact JWS")]
    Malformed,
    /// The header is not what we allow.
    #[error("the header is refused: {0}")]
    Header(&'static str),
    /// `none`, HS*, or one that is not permitted here.
    #[error("the algorithm is not permitted")]
    Algorithm,
    /// Another kind of token.
    #[error("the typ is another one")]
    Typ,
    /// No key, or not exactly one, fits `kid` and `alg`.
    #[error("no key fits")]
    UnknownKey,
    /// Not signed by that key.
    #[error("the signature is wrong")]
    Signature,
    /// `exp` is over.
    #[error("the token is expired")]
    Expired,
    /// `nbf` or `iat` lies ahead.
    #[error("the token is not valid yet")]
    NotYet,
    /// A claim that is absent, of another type, or another value.
    #[error("the claim `{0}` is not as it must be")]
    Claim(&'static str),
}

impl From<Invalid> for Refusal {
    /// RFC 6750 §3.1: one code for all of it; what exactly was wrong is for the log.
    fn from(invalid: Invalid) -> Self {
        let description = match invalid {
            Invalid::Expired => "the token is expired",
            _ => "the token is not valid",
        };
        Self::new(Code::InvalidToken, description).hint(invalid.to_string())
    }
}

/// Which `typ` a token must have, so that one kind of token cannot serve as another (RFC 8725 §3.11).
#[derive(Clone, Copy, Debug)]
pub enum Typ<'a> {
    /// Exactly this, as our own tokens have it.
    Must(&'a str),
    /// One of these, in any case and with or without `application/` (RFC 7515 §4.1.9), or none at all.
    May(&'a [&'a str]),
}

impl Typ<'_> {
    fn admits(self, typ: Option<&str>) -> bool {
        match (self, typ) {
            (Self::Must(wanted), typ) => typ == Some(wanted),
            (Self::May(_), None) => true,
            (Self::May(names), Some(typ)) => {
                let typ = typ.to_ascii_lowercase();
                let short = typ.strip_prefix("application/").unwrap_or(&typ);
                names.iter().any(|name| name.eq_ignore_ascii_case(short))
            }
        }
    }
}

/// What a verifier of a certain kind of token accepts.
#[derive(Clone, Copy, Debug)]
pub struct Policy<'a> {
    /// The algorithms permitted.
    pub algorithms: &'a [Algorithm],
    /// The `typ` wanted.
    pub typ: Typ<'a>,
}

impl Policy<'static> {
    /// `private_key_jwt` (RFC 7523 §2.2): clients rarely set `typ`, so absence is accepted, another kind is not.
    pub const CLIENT_ASSERTION: Self =
        Self { algorithms: Algorithm::ALL, typ: Typ::May(&["jwt", "client-authentication+jwt"]) };
}

/// A token whose signature holds. Its claims are still to be checked.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The header, of which nothing needs to be read any more.
    pub header: Map<String, Value>,
    /// The claims.
    pub claims: Claims,
}

/// A token taken apart: form and header are as the policy wants them, nothing is proven.
pub(super) struct Unverified<'a> {
    header: Map<String, Value>,
    pub(super) algorithm: Algorithm,
    pub(super) kid: Option<String>,
    message: &'a str,
    payload: &'a str,
    signature: Vec<u8>,
}

impl<'a> Unverified<'a> {
    pub(super) fn parse(token: &'a str, policy: &Policy) -> Result<Self, Invalid> {
        if token.len() > MAX_TOKEN {
            return Err(Invalid::TooLong);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(Invalid::Malformed)?;
        let (header, payload) = message.split_once('.').ok_or(Invalid::Malformed)?;
        if header.is_empty() || payload.is_empty() || signature.is_empty() || payload.contains('.') {
            return Err(Invalid::Malformed);
        }
        let signature = decode(signature)?;
        let header = parse_header(header)?;
        let algorithm = permitted(&header, policy)?;
        let kid = text(&header, "kid")?.map(str::to_owned);
        if kid.as_ref().is_some_and(|kid| kid.is_empty() || kid.len() > MAX_KID) {
            return Err(Invalid::Header("kid"));
        }
        if !policy.typ.admits(text(&header, "typ")?) {
            return Err(Invalid::Typ);
        }
        Ok(Self { header, algorithm, kid, message, payload, signature })
    }

    /// Verifies with the key that [`Unverified::kid`] chose.
    pub(super) fn verify(self, key: &PublicKey) -> Result<Verified, Invalid> {
        if key.algorithm != self.algorithm || !key.verifies(self.message.as_bytes(), &self.signature) {
            return Err(Invalid::Signature);
        }
        let claims = strict_object(&decode(self.payload)?).map_err(|_| Invalid::Malformed)?;
        Ok(Verified { header: self.header, claims: Claims(claims) })
    }
}

fn parse_header(part: &str) -> Result<Map<String, Value>, Invalid> {
    if part.len() > MAX_HEADER {
        return Err(Invalid::TooLong);
    }
    let header = strict_object(&decode(part)?).map_err(|_| Invalid::Malformed)?;
    match REFUSED.iter().find(|name| header.contains_key(**name)) {
        Some(name) => Err(Invalid::Header(name)),
        None => Ok(header),
    }
}

fn permitted(header: &Map<String, Value>, policy: &Policy) -> Result<Algorithm, Invalid> {
    let algorithm = text(header, "alg")?.and_then(|name| name.parse::<Algorithm>().ok());
    algorithm.filter(|algorithm| policy.algorithms.contains(algorithm)).ok_or(Invalid::Algorithm)
}

/// The engine refuses padding, white space and stray bits, so each token has one spelling.
fn decode(part: &str) -> Result<Vec<u8>, Invalid> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Invalid::Malformed)
}

fn text<'a>(header: &'a Map<String, Value>, name: &'static str) -> Result<Option<&'a str>, Invalid> {
    header.get(name).map(|value| value.as_str().ok_or(Invalid::Header(name))).transpose()
}
