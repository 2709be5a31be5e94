//! `[telemetry]`: where traces go. `default.toml` says what each setting means.

use serde::Deserialize;

use super::Masked;

/// `[telemetry]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telemetry {
    /// Where traces go; empty: nowhere.
    pub otlp_endpoint: String,
    /// What the collector wants to be shown.
    pub otlp_authorization: Masked,
    /// The share of traces that are recorded.
    pub sampling: f64,
    /// What this service is called.
    pub service_name: String,
}

impl Telemetry {
    /// Whether it can be used; the sentence says why not.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let endpoint = &self.otlp_endpoint;
        if !endpoint.is_empty() && !endpoint.starts_with("http://") && !endpoint.starts_with("https://") {
            return Err("telemetry.otlp_endpoint has to be a URL such as http://127.0.0.1:4318");
        }
        if !(0.0..=1.0).contains(&self.sampling) {
            return Err("telemetry.sampling is a share, from 0 to 1");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_go_to_a_url_and_a_share_is_a_share() {
        let with = |otlp_endpoint: &str, sampling| Telemetry {
            otlp_endpoint: otlp_endpoint.to_owned(),
            otlp_authorization: Masked::default(),
            sampling,
            service_name: String::new(),
        };
        assert!(with("", 0.0).check().is_ok() && with("https://otlp.test", 1.0).check().is_ok());
        assert!(with("127.0.0.1:4318", 1.0).check().is_err());
        assert!(with("", 1.1).check().is_err() && with("", f64::NAN).check().is_err());
    }
}
