//! Whatever is sent to whichever route: the answer is a specified one, in the dialect of its surface and with its
//! request id, and never a 5xx (W-053, W-086, Z1).

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::support::probe::{FORM, NAMES, assert_specified, fitting, places, request, send, world};
use super::support::routes::{self, Route};
use super::support::{Answer, TestApp, encoded};

/// The parameters where the method has them.
async fn with_params(app: &TestApp, (route, method): &(Route, &str), params: &str, what: &str) -> Answer {
    let path = route.at("demo");
    let (target, body) = match *method {
        "GET" => (format!("{path}?{params}"), String::new()),
        _ => (path.clone(), params.to_owned()),
    };
    let sent = request(method, &target, &[FORM], body).unwrap_or_else(|| panic!("{what}: {target:.200}"));
    let answer = send(app, sent).await;
    assert_specified(&answer, &format!("{method} {path}: {what}"), &path);
    answer
}

#[tokio::test]
async fn w053_every_parameter_missing_empty_repeated_over_long_or_not_text_has_its_answer() {
    let world = world().await;
    let long = "x".repeat(9_000);
    for (turn, place) in places().into_iter().enumerate() {
        let fitting = fitting(&place.0);
        // Where no parameter is known to be read, a few in turn: all of them at hundreds of routes would take minutes.
        let foreign = if fitting.is_empty() { 2 } else { NAMES.len() };
        let names = fitting.iter().map(|(name, _)| *name);
        for name in names.chain(NAMES.into_iter().cycle().skip(turn % NAMES.len()).take(foreign)) {
            let rest: Vec<_> = fitting.iter().copied().filter(|(known, _)| *known != name).collect();
            let rest = encoded(&rest);
            for bad in [
                String::new(),
                format!("{name}="),
                name.to_owned(),
                format!("{name}=a&{name}=a"),
                format!("{name}={long}"),
                format!("{name}=%ff%fe"),
                format!("{name}=a%00b"),
                format!("{name}=%zz"),
                format!("{name}=%"),
                format!("{name}[$ne]=a"),
                format!("{name}[]=a&{name}[]=b"),
                format!("{name}=%7B%22a%22%3A%5B1%5D%7D"),
                format!("{name}=%5B%5B%5B%5B"),
                format!("{name}=-1"),
                format!("{name}=99999999999999999999"),
                format!("{name}=%0d%0aSet-Cookie:%20a=b"),
            ] {
                let answer = with_params(&world.app, &place, &format!("{rest}&{bad}"), &format!("{bad:.60}")).await;
                assert!(!answer.header("set-cookie").starts_with("a=b"), "A11: {bad}");
                let encoding = bad.contains("%ff") || bad.contains("%00") || bad.contains("%z") || bad.contains("=a&");
                let reads = place.1 == "POST" && !fitting.is_empty();
                if encoding && reads && name != "resource" {
                    assert!(!answer.status.is_success(), "{} {bad}: {}", place.0.path, answer.body);
                }
            }
        }
    }
}

/// Whether a POST there is a question like GET, whatever its body, or leads strangers to the sign-in before it is read.
fn asks_only(path: &str) -> bool {
    path.ends_with("/tenant") || path.contains("/console")
}

#[tokio::test]
async fn w086_z1_bodies_of_the_wrong_kind_or_size_have_their_answer() {
    let world = world().await;
    let deep = "[".repeat(100_000);
    let many = "a=1&".repeat(20_000);
    let distinct = (0..20_000).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
    let large = "a".repeat(12_000_000);
    let all = places();
    for (route, method) in &all {
        let path = route.at("demo");
        for (kind, body) in [
            ("application/json", r#"{"username":{"$ne":null},"password":["x"],"grant_type":1}"#),
            ("application/json", "[1,2]"),
            ("application/json", deep.as_str()),
            ("text/plain", "grant_type=client_credentials"),
            ("multipart/form-data; boundary=x", "--x\r\n\r\n--x--"),
            ("multipart/form-data", "--x"),
            ("////", "a=b"),
            ("", "a=b"),
            ("application/x-www-form-urlencoded; charset=utf-16", "a=b"),
            ("APPLICATION/X-WWW-FORM-URLENCODED", "=&=&&&==&%26=%3d"),
            ("application/x-www-form-urlencoded", deep.as_str()),
            ("application/x-www-form-urlencoded", many.as_str()),
            ("application/x-www-form-urlencoded", distinct.as_str()),
        ] {
            let sent = request(method, &path, &[("content-type", kind.as_bytes())], body.to_owned()).unwrap();
            let answer = send(&world.app, sent).await;
            assert_specified(&answer, &format!("{method} {path}: {kind} {body:.20}"), &path);
            let is_form = kind.to_ascii_lowercase().starts_with("application/x-www") || path.ends_with("userinfo");
            if *method == "POST" && !is_form && !asks_only(&path) {
                assert!(answer.status.is_client_error(), "{path} reads {kind}: {}", answer.body);
            }
        }
    }
    let posts = all.iter().filter(|(route, method)| *method == "POST" && !asks_only(&route.path));
    for (route, method) in posts {
        let path = route.at("demo");
        let length = large.len().to_string();
        for headers in [vec![FORM], vec![FORM, ("content-length", length.as_bytes())]] {
            let answer = send(&world.app, request(method, &path, &headers, large.clone()).unwrap()).await;
            assert_specified(&answer, &format!("{path}: 12 MB"), &path);
            assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
        }
    }
}

#[tokio::test]
async fn methods_addresses_and_headers_that_are_not_as_usual_have_their_answer() {
    let world = world().await;
    let app = &world.app;
    let long = format!("?a={}", "x".repeat(60_000));
    let many = format!("?{}", "a&".repeat(7_900));
    for route in routes::all() {
        let path = route.at("demo");
        for method in ["PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "HEAD", "FROB", "get", "GET", "POST"] {
            let answer = send(app, request(method, &path, &[FORM], "").unwrap()).await;
            if method != "HEAD" {
                assert_specified(&answer, &format!("{method} {path}"), &path);
            }
            let known = route.methods.contains(method) || ["OPTIONS", "HEAD"].contains(&method);
            assert!(known || answer.status.is_client_error(), "{method} {path}: {}", answer.status);
        }
        for method in &route.methods {
            let plain = send(app, request(method, &path, &[FORM], "").unwrap()).await;
            for name in ["x-http-method-override", "x-http-method", "x-method-override"] {
                let answer = send(app, request(method, &path, &[FORM, (name, b"DELETE")], "").unwrap()).await;
                assert_eq!(answer.status, plain.status, "{name} at {path}");
            }
            for end in [
                "/",
                "//",
                "/..",
                "/../oauth/token",
                "/%2e%2e/token",
                "/.",
                ";x",
                "%00",
                "%ff",
                "%2f",
                "\\",
                &long,
                &many,
            ] {
                let target = format!("{path}{end}");
                let Some(sent) = request(method, &target, &[FORM], "") else { continue };
                let path = sent.uri().path().to_owned();
                let answer = send(app, sent).await;
                assert_specified(&answer, &format!("{method} {target:.200}"), &path);
                if end == long {
                    assert_eq!(answer.status, 414, "{path}");
                }
                if end == "/" && path != "//" {
                    assert_eq!(answer.status, plain.status, "a slash at the end of {path}");
                }
            }
            let header = "x".repeat(20_000);
            for (name, value) in [
                ("accept", &b"application/xml"[..]),
                ("accept", b"*/*;q=0"),
                ("accept", b"\xff\xfe"),
                ("accept-language", b"\xff"),
                ("authorization", b""),
                ("authorization", b"Basic"),
                ("authorization", b"Basic !!"),
                ("authorization", b"Basic AAA6AAA="),
                ("authorization", b"Bearer"),
                ("authorization", b"Bearer \xff"),
                ("authorization", b"Bearer a.b.c"),
                ("authorization", b"Negotiate x"),
                ("authorization", header.as_bytes()),
                ("x-api-key", b"ck_\xff"),
                ("cookie", b"chancery"),
                ("cookie", b"chancery=\xff; chancery=; =; ;;"),
                ("cookie", header.as_bytes()),
                ("origin", b"\xff"),
                ("host", b"\xff"),
                ("host", b"[::"),
                ("x-request-id", b"\xff\""),
                ("if-none-match", b"\"\xff"),
                ("range", b"bytes=9-1"),
                ("expect", b"nothing"),
                ("content-encoding", b"gzip"),
            ] {
                let sent = request(method, &path, &[FORM, (name, value)], encoded(&fitting(&route))).unwrap();
                let what = format!("{method} {path} {name}: {:.30}", String::from_utf8_lossy(value));
                assert_specified(&send(app, sent).await, &what, &path);
            }
        }
    }
}

#[test]
fn w086_random_bytes_in_query_form_headers_and_cookie_never_fault() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let world = runtime.block_on(world());
    let places = places();
    let bytes = || proptest::collection::vec(any::<u8>(), 0..60);
    let name = proptest::sample::select(NAMES.to_vec());
    let value = || prop_oneof![bytes(), "[ -~]{0,40}".prop_map(String::into_bytes), Just(b"\0".to_vec())];
    let sent = (0..places.len(), name, value(), bytes(), value(), value());
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(600) });
    let checked = runner.run(&sent, |(at, name, value, rest, header, cookie)| {
        let (route, method) = &places[at];
        let path = route.at("demo");
        let escaped = value.iter().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat();
        let query = rest.iter().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
        let body = [encoded(&fitting(route)).as_bytes(), b"&", name.as_bytes(), b"=", &value, b"&", &rest].concat();
        let cookie = [b"chancery=", cookie.as_slice()].concat();
        let bearer = [b"Bearer ", header.as_slice()].concat();
        let headers: Vec<(&str, &[u8])> =
            vec![FORM, ("authorization", &bearer), ("cookie", &cookie), ("x-tenant-slug", &header)];
        for kept in 1..=headers.len() {
            let target = format!("{path}?{}&{name}={escaped}&{query}", encoded(&fitting(route)));
            if let Some(request) = request(method, &target, &headers[..kept], body.clone()) {
                assert_specified(&runtime.block_on(send(&world.app, request)), &format!("{method} {target}"), &path);
            }
        }
        Ok(())
    });
    checked.unwrap();
}
