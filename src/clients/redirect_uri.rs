//! Redirect URIs (RFC 6749 §3.1.2, RFC 8252 §7, RFC 9700 §4.1.3): read once, at registration, by one strict parser;
//! kept as bytes and compared as bytes.

use url::Url;

const MAX_LEN: usize = 2_000;
const LOOPBACK_HOSTS: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];
/// Where a native client's port is its own affair (RFC 8252 §7.3). `localhost` is a name that can be resolved to
/// something else (§8.3), so its port is not free.
const LOOPBACK_LITERALS: [&str; 2] = ["http://127.0.0.1", "http://[::1]"];

/// Which redirect URIs a client may register besides `https` ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permitted {
    /// `http` on loopback.
    pub loopback: bool,
    /// Private-use schemes (RFC 8252 §7.1).
    pub private_use: bool,
}

/// Checks a URI that is about to be registered.
///
/// # Errors
/// A sentence about the rule that it breaks.
pub fn check(text: &str, permitted: Permitted) -> Result<(), &'static str> {
    if text.len() > MAX_LEN {
        return Err("a redirect URI is longer than 2000 characters");
    }
    // What browsers and parsers read differently never gets in: controls, white space, backslashes, non-ASCII.
    if text.bytes().any(|byte| !byte.is_ascii_graphic() || b"\\\"<>^`{|}".contains(&byte)) {
        return Err("a redirect URI has a character that is not allowed in URIs");
    }
    if text.contains('#') {
        return Err("a redirect URI has a fragment");
    }
    let (scheme, rest) = text.split_once(':').ok_or("a redirect URI is not absolute")?;
    match scheme {
        "https" => check_hierarchical(text, rest).map(drop),
        "http" if permitted.loopback => {
            let host = check_hierarchical(text, rest)?;
            let is_loopback = LOOPBACK_HOSTS.contains(&host.as_str());
            if is_loopback { Ok(()) } else { Err("an http redirect URI has to be on 127.0.0.1, [::1] or localhost") }
        }
        "http" => Err("a redirect URI has to be https for this kind of client"),
        _ if is_private_use(scheme) => match (permitted.private_use, rest.is_empty()) {
            (true, false) => Ok(()),
            (true, true) => Err("a redirect URI has nothing after its scheme"),
            (false, _) => Err("only native clients have redirect URIs of their own scheme"),
        },
        _ => Err("a redirect URI has a scheme that is not allowed"),
    }
}

/// A scheme that is a domain name turned round, so it has a dot; none of the dangerous ones has.
fn is_private_use(scheme: &str) -> bool {
    let parts = scheme.split('.').collect::<Vec<_>>();
    let is_label = |label: &&str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    parts.len() > 1 && parts.iter().all(is_label) && scheme.starts_with(|first: char| first.is_ascii_lowercase())
}

/// What is written has to be what every parser makes of it: the host and the path in their one normal form.
fn check_hierarchical(text: &str, rest: &str) -> Result<String, &'static str> {
    let rest = rest.strip_prefix("//").ok_or("a redirect URI has no host")?;
    let url = Url::parse(text).map_err(|_| "a redirect URI is not a URL")?;
    let (authority, path) = rest.find(['/', '?']).map_or((rest, ""), |end| rest.split_at(end));
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    let host = url.host_str().ok_or("a redirect URI has no host")?;
    if authority.contains('@') {
        return Err("a redirect URI has user information");
    }
    let after_host = authority.strip_prefix(host).ok_or("the host of a redirect URI is not in its normal form")?;
    if !(after_host.is_empty() || port(after_host).is_some_and(|(_, rest)| rest.is_empty())) {
        return Err("a redirect URI has a port that is not a number");
    }
    if host.contains('*') || host.ends_with('.') {
        return Err("the host of a redirect URI is not a name");
    }
    if !(path.is_empty() || path == url.path()) {
        return Err("the path of a redirect URI is not in its normal form");
    }
    Ok(host.to_owned())
}

/// Splits `:1234` off the beginning.
fn port(text: &str) -> Option<(u16, &str)> {
    let digits = text.strip_prefix(':')?;
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let (digits, rest) = digits.split_at(end);
    if digits.starts_with('0') {
        return None;
    }
    Some((digits.parse().ok()?, rest))
}

/// Whether the presented URI is the registered one: the same bytes. For a native client the port of a loopback IP
/// literal may be another one or absent (RFC 8252 §7.3), and nothing else may differ.
#[must_use]
pub fn redirect_uri_matches(registered: &str, presented: &str, native: bool) -> bool {
    registered == presented
        || native
            && matches!((without_port(registered), without_port(presented)), (Some(one), Some(other)) if one == other)
}

/// A loopback literal's origin without its port, and what follows.
fn without_port(uri: &str) -> Option<(&'static str, &str)> {
    LOOPBACK_LITERALS.into_iter().find_map(|origin| {
        let rest = uri.strip_prefix(origin)?;
        let rest = if rest.starts_with(':') { port(rest)?.1 } else { rest };
        (rest.is_empty() || rest.starts_with(['/', '?'])).then_some((origin, rest))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WEB: Permitted = Permitted { loopback: false, private_use: false };
    const PUBLIC: Permitted = Permitted { loopback: true, private_use: false };
    const NATIVE: Permitted = Permitted { loopback: true, private_use: true };

    #[test]
    fn https_is_for_everybody() {
        for good in [
            "https://a.test",
            "https://a.test/",
            "https://a.test/cb?x=1&y=%2F",
            "https://a.test:8443/cb",
            "https://xn--bcher-kva.test/cb",
            "https://a.test?x=1",
            "https://a.test/cb*",
        ] {
            assert_eq!(check(good, WEB), Ok(()), "{good}");
        }
    }

    #[test]
    fn loopback_is_for_public_and_native_clients() {
        for uri in ["http://127.0.0.1/cb", "http://[::1]:9/cb", "http://localhost:3000/cb"] {
            assert!(check(uri, WEB).is_err(), "{uri}");
            assert_eq!(check(uri, PUBLIC), Ok(()), "{uri}");
            assert_eq!(check(uri, NATIVE), Ok(()), "{uri}");
        }
        for bad in ["http://localhost.evil.test/cb", "http://127.0.0.2/", "http://127.1/", "http://a.test/", "http:/x"]
        {
            assert!(check(bad, NATIVE).is_err(), "{bad}");
        }
    }

    #[test]
    fn schemes_of_their_own_are_for_native_clients() {
        for uri in ["com.example.app:/cb", "com.example.app://cb"] {
            assert_eq!(check(uri, NATIVE), Ok(()), "{uri}");
            assert!(check(uri, PUBLIC).is_err(), "{uri}");
        }
        for bad in ["myapp:/cb", "com.example.app:", ".app:/cb", "com..app:/cb", "Com.example:/cb", "1.2:/x"] {
            assert!(check(bad, NATIVE).is_err(), "{bad}");
        }
    }

    #[test]
    fn c4_what_could_be_read_in_two_ways_is_refused() {
        for bad in [
            "",
            "/cb",
            "//a.test/cb",
            "a.test",
            "https:a.test",
            "https:/a.test",
            "https:///a.test",
            "https://",
            "https://a.test/#",
            "https://a.test/cb#x",
            "https://user@a.test/",
            "https://a.test@evil.test/",
            "https://a.test\\@evil.test/",
            "https://a.test/\\evil",
            "https://a.test/a b",
            "https://a.test/\n",
            "https://a.test/\0",
            "https://b\u{fc}cher.test/",
            "https://*.a.test/",
            "https://A.test/",
            "HTTPS://a.test/",
            "https://a.test./",
            "https://a.test:/",
            "https://a.test:0443/",
            "https://a.test:99999/",
            "https://a.test/x/../cb",
            "https://a.test/./cb",
            "https://a.test/%2e%2e/cb",
            "https://0x7f.1/",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "blob:https://a.test/x",
            "ftp://a.test/",
        ] {
            assert!(check(bad, NATIVE).is_err(), "{bad:?}");
        }
        assert!(check(&format!("https://a.test/{}", "x".repeat(MAX_LEN)), WEB).is_err());
    }

    #[test]
    fn a3_only_the_port_of_a_loopback_literal_of_a_native_client_varies() {
        let registered = "http://127.0.0.1/cb?x=1";
        for same in ["http://127.0.0.1/cb?x=1", "http://127.0.0.1:1/cb?x=1", "http://127.0.0.1:65535/cb?x=1"] {
            assert!(redirect_uri_matches(registered, same, true), "{same}");
        }
        for other in [
            "http://127.0.0.1:0/cb?x=1",
            "http://127.0.0.1:65536/cb?x=1",
            "http://127.0.0.1:/cb?x=1",
            "http://127.0.0.1:80/cb",
            "http://127.0.0.1:80/CB?x=1",
            "http://127.0.0.1:80/cb?x=1#",
            "http://127.0.0.1:80@evil.test/cb?x=1",
            "http://127.0.0.1:80:80/cb?x=1",
            "http://127.0.0.1.evil.test/cb?x=1",
            "http://127.0.0.2/cb?x=1",
            "http://localhost/cb?x=1",
            "http://[::1]/cb?x=1",
            "https://127.0.0.1/cb?x=1",
        ] {
            assert!(!redirect_uri_matches(registered, other, true), "{other}");
        }
        assert!(!redirect_uri_matches(registered, "http://127.0.0.1:80/cb?x=1", false));
        assert!(!redirect_uri_matches("http://localhost/cb", "http://localhost:80/cb", true));
        assert!(!redirect_uri_matches("https://a.test/cb", "https://a.test:443/cb", true));
    }

    fn uri() -> impl Strategy<Value = String> {
        let origin = prop_oneof![
            Just("http://127.0.0.1"),
            Just("http://[::1]"),
            Just("http://localhost"),
            Just("https://a.test"),
            Just("com.example.app")
        ];
        let port = prop_oneof![Just(String::new()), (0_u32..70_000).prop_map(|port| format!(":{port}"))];
        (origin, port, "[/?@.a-c:]{0,4}").prop_map(|(origin, port, rest)| format!("{origin}{port}{rest}"))
    }

    /// The rule told another way: by an own reading of the text, piece by piece.
    fn differ_in_loopback_port_alone(one: &str, other: &str) -> bool {
        let split = |uri: &str| {
            let authority = uri.strip_prefix("http://")?;
            let end = authority.find(['/', '?']).unwrap_or(authority.len());
            let (authority, rest) = authority.split_at(end);
            let host = ["127.0.0.1", "[::1]"].into_iter().find(|host| authority.starts_with(host))?;
            let port = &authority[host.len()..];
            let fits = port.is_empty()
                || port.strip_prefix(':').is_some_and(|port| {
                    port.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == port)
                });
            fits.then(|| (host.to_owned(), rest.to_owned()))
        };
        matches!((split(one), split(other)), (Some(one), Some(other)) if one == other)
    }

    proptest! {
        #[test]
        fn a1_matching_is_byte_equality_plus_the_loopback_port_rule(one in uri(), other in uri()) {
            prop_assert_eq!(redirect_uri_matches(&one, &other, false), one == other);
            let expected = one == other || differ_in_loopback_port_alone(&one, &other);
            prop_assert_eq!(redirect_uri_matches(&one, &other, true), expected);
            prop_assert!(redirect_uri_matches(&one, &one, false));
        }

        #[test]
        fn a1_any_text_is_judged_without_panic_and_matches_only_itself(one in ".{0,40}", other in ".{0,40}") {
            let _judged = check(&one, NATIVE);
            prop_assert_eq!(redirect_uri_matches(&one, &other, false), one == other);
        }
    }
}
