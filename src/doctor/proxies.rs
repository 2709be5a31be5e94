//! Whether the settings about proxies fit the public URL: limits, notices and the audit trail go by people's addresses.

use ipnet::IpNet;

use super::Finding;
use crate::config::Config;

const CHECK: &str = "proxies";

/// What the settings say.
pub(super) fn configured(config: &Config) -> Finding {
    let trusted = &config.http.trusted_proxies;
    let everybody = |text: &&String| text.parse::<IpNet>().is_ok_and(|network| network.prefix_len() == 0);
    if let Some(all) = trusted.iter().find(everybody) {
        let detail = format!("`http.trusted_proxies` has {all}: everybody may say what address they have");
        return Finding::fail(CHECK, detail, "name the addresses of your proxies alone");
    }
    let own_tls = !config.http.tls_cert.is_empty();
    let (listen, https) = (&config.listen, config.public_url.scheme() == "https");
    match (https, own_tls, trusted.is_empty()) {
        (true, false, true) => {
            let detail = format!(
                "the public URL is https and {listen} is not, so a proxy ends https; none is trusted, so that everybody \
                 has its address in limits, notices and the audit trail"
            );
            let advice = "set `http.trusted_proxies` to its address, as in [\"127.0.0.1/32\"], and let it write \
                          X-Forwarded-For";
            Finding::warn(CHECK, detail, advice)
        }
        (_, _, false) => Finding::ok(CHECK, format!("X-Forwarded-For is believed from {}", trusted.join(", "))),
        (true, true, true) => Finding::ok(CHECK, "https is ended here; there is no proxy to believe"),
        (false, ..) => Finding::ok(CHECK, "on this machine alone, where there is no proxy"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Overrides;
    use crate::doctor::Verdict;

    fn config(url: &str, trusted: &[&str], tls: bool) -> Config {
        let mut config = Config::load(&Overrides { public_url: Some(url.to_owned()), ..Overrides::default() }).unwrap();
        config.http.trusted_proxies = trusted.iter().map(|text| (*text).to_owned()).collect();
        config.http.tls_cert = if tls { "chain.pem".to_owned() } else { String::new() };
        config
    }

    #[test]
    fn https_in_front_of_a_plain_listener_needs_a_trusted_proxy() {
        let public = "https://id.example.com";
        for (url, trusted, tls, verdict) in [
            (public, &[][..], false, Verdict::Warn),
            (public, &["127.0.0.1/32"], false, Verdict::Ok),
            (public, &[], true, Verdict::Ok),
            ("http://localhost:8080", &[], false, Verdict::Ok),
        ] {
            let found = configured(&config(url, trusted, tls));
            assert_eq!(found.verdict, verdict, "{found:?}");
            assert_eq!(found.advice.is_some(), verdict != Verdict::Ok);
        }
    }

    #[test]
    fn w082_to_believe_everybody_is_a_failure() {
        for all in ["0.0.0.0/0", "::/0"] {
            let found = configured(&config("https://id.example.com", &["10.0.0.1", all], true));
            assert_eq!(found.verdict, Verdict::Fail);
            assert!(found.detail.contains(all));
        }
    }
}
