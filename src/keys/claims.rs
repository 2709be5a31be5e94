//! The claims of a verified JWT and the checks they must pass before they mean anything (RFC 7519 §4.1, RFC 8725
//! §3.8–3.10).

use serde_json::{Map, Value};

use super::verify::Invalid;
use crate::base::{Seconds, Timestamp};

/// The claims of a token whose signature holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claims(pub Map<String, Value>);

/// What a token must say to be accepted here and now.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// `iss` must be exactly this.
    pub issuer: &'a str,
    /// `aud` must name one of these.
    pub audiences: &'a [&'a str],
    /// The present instant.
    pub now: Timestamp,
    /// How far two clocks may be apart.
    pub leeway: Seconds,
    /// How far ahead `exp` may lie at most, where the time that we must remember a `jti` depends on it.
    pub longest: Option<Seconds>,
}

impl Claims {
    /// A claim that is a string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// A claim that is a `NumericDate` (RFC 7519 §2), which may have a fraction; a string is none.
    #[must_use]
    pub fn instant(&self, name: &str) -> Option<Timestamp> {
        let value = self.0.get(name)?;
        #[expect(clippy::cast_possible_truncation, reason = "a float beyond i64 becomes its end, which is as far off")]
        value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds.floor() as i64)).map(Timestamp)
    }

    /// Whom the token is for; `None` when `aud` is absent or has anything but strings in it.
    #[must_use]
    pub fn audiences(&self) -> Option<Vec<&str>> {
        match self.0.get("aud")? {
            Value::String(one) => Some(vec![one]),
            Value::Array(many) => many.iter().map(Value::as_str).collect(),
            _ => None,
        }
    }

    /// Whether the token is for this audience.
    #[must_use]
    pub fn is_for(&self, audience: &str) -> bool {
        self.audiences().is_some_and(|all| all.contains(&audience))
    }

    /// Checks issuer, audience, subject and times. `exp` and `sub` must be there.
    ///
    /// # Errors
    /// The first claim that is not as it must be.
    pub fn check(&self, expected: &Expected) -> Result<(), Invalid> {
        self.check_parties(expected)?;
        self.check_times(expected)
    }

    /// As [`Claims::check`] without the times, for `id_token_hint`, which is accepted when expired (OIDC RP-Initiated
    /// Logout §2).
    ///
    /// # Errors
    /// The first claim that is not as it must be.
    pub fn check_parties(&self, expected: &Expected) -> Result<(), Invalid> {
        if self.text("iss") != Some(expected.issuer) {
            return Err(Invalid::Claim("iss"));
        }
        let audiences = self.audiences().ok_or(Invalid::Claim("aud"))?;
        if !audiences.iter().any(|audience| expected.audiences.contains(audience)) {
            return Err(Invalid::Claim("aud"));
        }
        match self.text("sub") {
            Some(subject) if !subject.is_empty() => Ok(()),
            _ => Err(Invalid::Claim("sub")),
        }
    }

    fn check_times(&self, expected: &Expected) -> Result<(), Invalid> {
        let Expected { now, leeway, longest, .. } = *expected;
        let exp = self.instant("exp").ok_or(Invalid::Claim("exp"))?;
        if now >= exp.plus(leeway) {
            return Err(Invalid::Expired);
        }
        if longest.is_some_and(|longest| exp > now.plus(longest).plus(leeway)) {
            return Err(Invalid::Claim("exp"));
        }
        for name in ["nbf", "iat"] {
            if self.0.contains_key(name) {
                let from = self.instant(name).ok_or(Invalid::Claim(name))?;
                if from > now.plus(leeway) {
                    return Err(Invalid::NotYet);
                }
            }
        }
        Ok(())
    }
}
