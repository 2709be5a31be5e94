//! A link that may stand in a page: what a client or tenant registered must not run script in our origin (W-043).

use std::fmt;

/// An absolute `https` URL (or `http` on a loopback address), without credentials, in its normal spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link(String);

impl Link {
    /// The link, unless it has another scheme (`javascript:`, `data:` …), no host, or credentials in it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let url = url::Url::parse(text).ok()?;
        let loopback = match url.host()? {
            url::Host::Domain(name) => name == "localhost",
            url::Host::Ipv4(address) => address.is_loopback(),
            url::Host::Ipv6(address) => address.is_loopback(),
        };
        let scheme = url.scheme() == "https" || (url.scheme() == "http" && loopback);
        let plain = url.username().is_empty() && url.password().is_none();
        (scheme && plain).then(|| Self(url.into()))
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w043_only_web_links_are_linked() {
        for good in ["https://a.example/x?y#z", "http://localhost:3000/", "http://127.0.0.1/", "http://[::1]:8/"] {
            assert!(Link::parse(good).is_some(), "{good}");
        }
        let bad =
            ["", "x", "/x", "//a.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)", " \tjavascript:alert(1)"];
        let worse = ["data:text/html,x", "http://a.example/", "http://localhost.evil.test/", "https://a@b.example/"];
        for bad in bad.into_iter().chain(worse) {
            assert!(Link::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn w043_a_link_cannot_leave_its_attribute() {
        let link = Link::parse("https://a.example/\"><script>x</script>?\"'<>").unwrap().to_string();
        assert!(!link.contains(['"', '<', '>']), "{link}");
    }
}
