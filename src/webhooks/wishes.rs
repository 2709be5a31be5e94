//! What administrators wish of endpoints, as it is read, and what of it can be.

use serde::{Deserialize, Deserializer};

use super::{catalogue, signature};
use crate::base::{Code, Result, Secret, Stop};
use crate::outbound::Outbound;
use crate::store::Json;
use crate::store::webhooks::{Endpoint, EndpointStatus, Scheme};

/// Most patterns of an endpoint.
const MOST_PATTERNS: usize = 50;
/// Longest URL and longest description, in bytes.
const LONGEST_URL: usize = 2_048;
const LONGEST_DESCRIPTION: usize = 500;

/// An endpoint to be made. It may hold a secret, so it does not print itself.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewEndpoint {
    /// Where messages are posted.
    pub url: String,
    /// For people.
    #[serde(default)]
    pub description: String,
    /// What it is told of: types, `noun.*` or `*`.
    #[serde(default = "everything")]
    pub events: Vec<String>,
    /// How.
    #[serde(default = "standard")]
    pub scheme: Scheme,
    /// A secret that its receiver has already; without one it gets a new one.
    #[serde(default)]
    pub secret: Option<String>,
}

fn everything() -> Vec<String> {
    vec!["*".to_owned()]
}

const fn standard() -> Scheme {
    Scheme::Standard
}

/// What is to be changed (RFC 7396); what is absent stays.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Changes {
    /// Where messages are posted.
    #[serde(deserialize_with = "given")]
    pub url: Option<String>,
    /// For people; `null` empties it.
    #[serde(deserialize_with = "given")]
    pub description: Option<Option<String>>,
    /// What it is told of.
    #[serde(deserialize_with = "given")]
    pub events: Option<Vec<String>>,
    /// How.
    #[serde(deserialize_with = "given")]
    pub scheme: Option<Scheme>,
    /// Whether it is told anything.
    #[serde(deserialize_with = "given")]
    pub status: Option<EndpointStatus>,
}

impl Changes {
    /// An endpoint with them, and what of it is another now.
    pub(super) fn applied(self, before: &Endpoint) -> (Endpoint, Vec<&'static str>) {
        let mut after = before.clone();
        let wakes = self.status == Some(EndpointStatus::Enabled) || self.url.is_some();
        after.url = self.url.unwrap_or(after.url);
        after.description = self.description.map_or(after.description, Option::unwrap_or_default);
        after.events = self.events.map_or(after.events, Json);
        after.scheme = self.scheme.unwrap_or(after.scheme);
        after.status = self.status.unwrap_or(after.status);
        if after.status == EndpointStatus::Enabled && wakes {
            (after.disabled_because, after.failing_since) = (None, None);
        }
        let differs = [
            ("url", after.url != before.url),
            ("description", after.description != before.description),
            ("events", after.events != before.events),
            ("scheme", after.scheme != before.scheme),
            ("status", after.status != before.status),
        ];
        (after, differs.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect())
    }
}

/// A member that is there; what cannot be `null` refuses it.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// How a secret is replaced.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rotation {
    /// For how many seconds the secret before signs besides; 0: not at all.
    pub overlap_seconds: Option<i64>,
}

/// Whether an endpoint can be like that.
pub(super) fn check(endpoint: &Endpoint, outbound: &Outbound) -> Result<()> {
    if endpoint.url.len() > LONGEST_URL {
        return Err(unprocessable("url is 2048 bytes long at most"));
    }
    outbound.check(&endpoint.url).map_err(|why| Stop::refuse(Code::Unprocessable, why.to_string()))?;
    let plain = !endpoint.description.chars().any(char::is_control);
    if endpoint.description.len() > LONGEST_DESCRIPTION || !plain {
        return Err(unprocessable("description is up to 500 bytes without control characters"));
    }
    let patterns = &endpoint.events.0;
    if patterns.is_empty() || patterns.len() > MOST_PATTERNS {
        return Err(unprocessable("events are from 1 to 50 types"));
    }
    if !patterns.iter().all(|pattern| catalogue::is_pattern(pattern)) {
        return Err(unprocessable("each of events is a type of the catalogue, `noun.*` or `*`"));
    }
    Ok(())
}

/// The secret that is brought, if it can sign, or a new one.
pub(super) fn secret_of(new: &NewEndpoint) -> Result<Secret> {
    let Some(brought) = &new.secret else { return Ok(signature::new_secret()) };
    check_secret(brought, new.scheme)?;
    Ok(Secret::new(brought))
}

/// Whether a secret that is brought can sign.
///
/// # Errors
/// It cannot.
pub fn check_secret(brought: &str, scheme: Scheme) -> Result<()> {
    if signature::is_secret(brought) || (scheme == Scheme::Aegis && signature::is_foreign_secret(brought)) {
        return Ok(());
    }
    Err(unprocessable("secret is whsec_ and base64 of 24 to 64 bytes; for aegis-v1 also 24 to 255 characters"))
}

pub(super) fn unprocessable(sentence: &'static str) -> Stop {
    Stop::refuse(Code::Unprocessable, sentence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Clock, TenantId};
    use crate::config::{Config, Overrides};
    use crate::store::webhooks::sample;

    fn refused(change: impl FnOnce(&mut Endpoint)) -> bool {
        let config = Config::load(&Overrides::default()).unwrap();
        let outbound = Outbound::new(&config, Clock::system()).unwrap();
        let mut endpoint = sample(&TenantId::from("demo"), "1");
        change(&mut endpoint);
        check(&endpoint, &outbound).is_err()
    }

    #[test]
    fn w112_only_https_to_somewhere_public_can_be_registered() {
        for good in ["https://hooks.example/a?b=c", "https://hooks.example:8443/", "https://93.184.216.34/"] {
            assert!(!refused(|endpoint| endpoint.url = good.to_owned()), "{good}");
        }
        for bad in [
            "",
            "hooks.example",
            "http://hooks.example/",
            "ftp://hooks.example/",
            "https://user:pass@hooks.example/",
            "https://hooks.example/#x",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://10.0.0.1/",
            "https://192.168.1.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[fd00:ec2::254]/",
        ] {
            assert!(refused(|endpoint| endpoint.url = bad.to_owned()), "{bad}");
        }
        assert!(refused(|endpoint| endpoint.url = format!("https://hooks.example/{}", "x".repeat(2_048))));
    }

    #[test]
    fn an_endpoint_names_what_there_is() {
        for bad in [vec![], vec!["user.created"; 51], vec!["user.created", "nobody.created"], vec![""]] {
            assert!(
                refused(|endpoint| endpoint.events = Json(bad.iter().map(ToString::to_string).collect())),
                "{bad:?}"
            );
        }
        assert!(refused(|endpoint| endpoint.description = "a\nb".to_owned()));
        assert!(refused(|endpoint| endpoint.description = "x".repeat(501)));
    }

    #[test]
    fn what_is_absent_stays_and_what_cannot_be_null_refuses_it() {
        let read = |text: &str| serde_json::from_str::<Changes>(text);
        assert!(read("{}").unwrap().url.is_none());
        assert_eq!(read(r#"{"description": null}"#).unwrap().description, Some(None));
        for bad in [r#"{"url": null}"#, r#"{"status": null}"#, r#"{"events": null}"#, r#"{"secret": "x"}"#] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_secret_that_is_brought_has_to_be_one() {
        let new = |scheme: Scheme, secret: &str| NewEndpoint {
            url: String::new(),
            description: String::new(),
            events: everything(),
            scheme,
            secret: Some(secret.to_owned()),
        };
        let foreign = "f00dcafe-f00dcafe-f00dcafe-f00dcafe";
        assert!(secret_of(&new(Scheme::Aegis, foreign)).is_ok() && secret_of(&new(Scheme::Standard, foreign)).is_err());
        assert!(secret_of(&new(Scheme::Standard, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).is_ok());
        assert!(secret_of(&new(Scheme::Aegis, "short")).is_err());
    }
}
