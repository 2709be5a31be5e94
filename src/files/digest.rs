//! SHA-256 of a file as headers carry it (RFC 9530), and as the store keeps it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::base::{Code, Refusal};

/// The hexadecimal digest in `Content-Digest` or `Repr-Digest`; other algorithms are passed over.
///
/// # Errors
/// `sha-256` is there and is none.
pub fn read(header: &str) -> Result<Option<String>, Refusal> {
    let malformed = || Refusal::new(Code::InvalidRequest, "the digest cannot be read; it is sha-256=:base64:");
    for member in header.split(',') {
        let Some((name, value)) = member.trim().split_once('=') else { return Err(malformed()) };
        if !name.eq_ignore_ascii_case("sha-256") {
            continue;
        }
        let text = value.trim().strip_prefix(':').and_then(|rest| rest.strip_suffix(':')).ok_or_else(malformed)?;
        return base64(text).map(Some).ok_or_else(malformed);
    }
    Ok(None)
}

/// Base64 of a digest as hexadecimal.
#[must_use]
pub fn base64(text: &str) -> Option<String> {
    let bytes = STANDARD.decode(text).ok().filter(|bytes| bytes.len() == 32)?;
    Some(hex(&bytes))
}

/// The header for this digest.
#[must_use]
pub fn written(sha256: &str) -> String {
    let digit = |c: u8| char::from(c).to_digit(16).unwrap_or_default();
    let bytes: Vec<u8> = sha256
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::try_from(pair.iter().fold(0, |sum, c| sum * 16 + digit(*c))).unwrap_or_default())
        .collect();
    format!("sha-256=:{}:", STANDARD.encode(bytes))
}

/// The header for the digest of these bytes.
#[must_use]
pub fn of(bytes: &[u8]) -> String {
    written(&hex(&Sha256::digest(bytes)))
}

/// Bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|n| char::from(DIGITS[usize::from(n)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const HEADER: &str = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";

    #[test]
    fn a_digest_is_read_as_it_is_written() {
        assert_eq!(written(EMPTY), HEADER);
        assert_eq!(read(HEADER).unwrap().as_deref(), Some(EMPTY));
        assert_eq!(read(&format!("md5=:x:, {HEADER}")).unwrap().as_deref(), Some(EMPTY));
        assert_eq!(read("sha-512=:x:").unwrap(), None);
        for bad in ["", "sha-256", "sha-256=x", "sha-256=:x:", "sha-256=:47DE:"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
