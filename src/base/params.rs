//! Request parameters, parsed once and by name: a repeated one is refused, an unknown one ignored, an empty one
//! counts as left out (RFC 6749 §3.1, §3.2).

use super::{Code, Refusal};

/// Most parameters of one request.
const MOST: usize = 100;

/// The parameter of the protocol that may be repeated (RFC 8707 §2).
const LISTS: [&str; 1] = ["resource"];

/// Parameters by name.
#[derive(Clone, Default)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Parses `application/x-www-form-urlencoded` text.
    ///
    /// # Errors
    /// `invalid_request`: bad encoding, NUL, too many, or one of them twice.
    pub fn parse(text: &[u8]) -> Result<Self, Refusal> {
        Self::parse_with_lists(text, &LISTS)
    }

    /// As [`Params::parse`], but these are the ones that may be repeated: a page's check boxes.
    ///
    /// # Errors
    /// As [`Params::parse`].
    pub fn parse_with_lists(text: &[u8], lists: &[&str]) -> Result<Self, Refusal> {
        let mut all: Vec<(String, String)> = Vec::new();
        for pair in text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if all.len() == MOST {
                return Err(Refusal::new(Code::InvalidRequest, "too many parameters"));
            }
            let at = pair.iter().position(|byte| *byte == b'=');
            let (name, value) = at.map_or((pair, &[][..]), |at| (&pair[..at], &pair[at + 1..]));
            let (name, value) = (decode(name)?, decode(value)?);
            if !lists.contains(&name.as_str()) && all.iter().any(|(known, _)| *known == name) {
                return Err(Refusal::new(Code::InvalidRequest, "a parameter is repeated").hint(name));
            }
            all.push((name, value));
        }
        Ok(Self(all))
    }

    /// The value of a parameter that is there and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, value)| known == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// The value, even when it is empty: `password=` is a password that is wrong, not one left out.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// As [`Params::get`], refusing when it is left out.
    ///
    /// # Errors
    /// `invalid_request`, naming the parameter.
    pub fn require(&self, name: &'static str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| Refusal::new(Code::InvalidRequest, format!("{name} is missing")))
    }

    /// All values of a parameter that may be repeated.
    pub fn list<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, value)| known == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// All names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl std::fmt::Debug for Params {
    /// Names only: values may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// Decodes `+` and `%xx`; anything that is not UTF-8, a broken escape or NUL is refused.
fn decode(text: &[u8]) -> Result<String, Refusal> {
    let malformed = || Refusal::new(Code::InvalidRequest, "a parameter is not well encoded");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
                let (high, low) = (digit(rest.next()), digit(rest.next()));
                let (Some(high), Some(low)) = (high, low) else { return Err(malformed()) };
                u8::try_from(high * 16 + low).map_err(|_| malformed())?
            }
            0 => return Err(malformed()),
            byte => *byte,
        });
    }
    if bytes.contains(&0) {
        return Err(malformed());
    }
    String::from_utf8(bytes).map_err(|_| malformed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a4_a_repeated_parameter_is_refused_and_resource_is_a_list() {
        assert!(Params::parse(b"a=1&a=2").is_err());
        assert!(Params::parse(b"a=1&%61=2").is_err());
        let params = Params::parse(b"resource=x&resource=y&b=").unwrap();
        assert_eq!(params.list("resource").collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!((params.get("b"), params.raw("b")), (None, Some("")));
    }

    #[test]
    fn bad_encoding_is_refused() {
        for bad in [&b"a=%zz"[..], b"a=%4", b"a=%ff", b"a=%00", b"a=\0", b"%c0%80=1"] {
            assert!(Params::parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(Params::parse(b"a=x+y%20%C3%A9").unwrap().get("a"), Some("x y \u{e9}"));
    }

    #[test]
    fn z1_too_many_parameters_are_refused() {
        let many = (0..20_000).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
        assert!(Params::parse(many.as_bytes()).is_err());
    }
}
