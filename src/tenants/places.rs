//! Where a tenant's people may be sent to after something is done: its front end and the origins it listed, nowhere
//! else, so that no link of ours leads to a stranger's site.

use url::Url;

use crate::frame::Link;
use crate::store::tenants::Settings;

/// The address in its normal spelling, if people may be sent there.
#[must_use]
pub fn place(settings: &Settings, url: &str) -> Option<String> {
    let link = Link::parse(url)?.to_string();
    let origin = origin_of(&link)?;
    let mut own = settings.frontend_url.iter().filter_map(|url| origin_of(url));
    (settings.redirect_origins.contains(&origin) || own.any(|own| own == origin)).then_some(link)
}

/// Scheme, host and port of a link.
pub(super) fn origin_of(url: &str) -> Option<String> {
    let link = Link::parse(url)?.to_string();
    Some(Url::parse(&link).ok()?.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s3_people_are_sent_to_listed_origins_only() {
        let settings = Settings {
            frontend_url: Some("https://app.example/start/".to_owned()),
            redirect_origins: vec!["https://other.example:8443".to_owned(), "http://localhost:3000".to_owned()],
            ..Settings::default()
        };
        for good in ["https://app.example/", "https://other.example:8443/a?b#c", "http://localhost:3000/x"] {
            assert_eq!(place(&settings, good).as_deref(), Some(good));
        }
        assert_eq!(place(&settings, "https://APP.example:443/x").as_deref(), Some("https://app.example/x"));
        let sent = place(&settings, "https://app.example\\@evil.test/");
        assert_eq!(sent.as_deref(), Some("https://app.example/@evil.test/"), "browsers read it so, too");
        for bad in [
            "",
            "/x",
            "//app.example",
            "http://app.example/",
            "https://app.example.evil.test/",
            "https://app.example@evil.test/",
            "https://user@app.example/",
            "https://other.example/",
            "javascript:alert(1)",
            "http://localhost:3001/",
        ] {
            assert_eq!(place(&settings, bad), None, "{bad}");
        }
        assert_eq!(place(&Settings::default(), "https://app.example/"), None);
    }
}
