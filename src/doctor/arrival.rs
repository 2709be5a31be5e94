//! What becomes of a request on its way here: asked through the public URL, as a browser would, with an address that is
//! made up. Proxies that pass it on would let everybody choose their own.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Limited};
use ipnet::IpNet;
use serde::Deserialize;
use url::Url;

use super::{Finding, clock};
use crate::app::App;
use crate::base::{Fault, Result, Timestamp};
use crate::http::probe::{self, Arrival};
use crate::outbound::Operated;

const CHECK: &str = "public URL";
/// An address for documentation alone (RFC 5737 §3), which nobody has.
const MADE_UP: &str = "192.0.2.1";
/// How long the way there and back may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest answer.
const MOST: usize = 64 * 1024;

/// What `/readyz` answers, as far as it is looked at.
#[derive(Debug, Deserialize)]
struct Ready {
    service: String,
    arrival: Option<Arrival>,
}

/// An answer, and when whoever gave it thinks it was.
struct Answered {
    ready: Ready,
    date: Option<Timestamp>,
}

/// Asks, and judges how that arrived.
pub(super) async fn look(app: &App) -> Vec<Finding> {
    let base = app.config.base();
    let asked = tokio::time::timeout(PATIENCE, ask(app)).await;
    let asked = asked.unwrap_or_else(|_| Err(Fault::new("no answer in time").into()));
    let answered = match asked {
        Ok(answered) if answered.ready.service == "chancery" => answered,
        Ok(_) => {
            return vec![Finding::fail(
                CHECK,
                format!("{base} is somebody else's"),
                "set `public_url` to this server's",
            )];
        }
        Err(stop) => {
            let detail = format!("{base} does not answer from here: {}", super::reason(&stop));
            let advice = "start the server; else look at the name, the certificate and the proxy of the public URL";
            return vec![Finding::warn(CHECK, detail, advice)];
        }
    };
    let now = app.clock.now();
    let mut findings = vec![Finding::ok(CHECK, format!("{base} leads here"))];
    findings.extend(answered.date.map(|date| clock::judged("whoever answers at the public URL", date.since(now))));
    match answered.ready.arrival {
        Some(arrival) => {
            findings.push(clock::judged("the server", arrival.at.since(now)));
            findings.extend(host(&arrival, &app.config.public_url));
            findings.push(address(&arrival, &app.trusted_proxies, is_behind_proxy(app)));
        }
        None => findings.push(Finding::warn(
            CHECK,
            "the server there did not take this instance's word: it has another master key, or another time",
            "give all processes of an instance the same `keys.master_key` and clocks that agree",
        )),
    }
    findings
}

/// Whether somebody else has to end https.
fn is_behind_proxy(app: &App) -> bool {
    app.config.public_url.scheme() == "https" && app.config.http.tls_cert.is_empty()
}

async fn ask(app: &App) -> Result<Answered> {
    let request = http::Request::get(format!("{}/readyz", app.config.base()))
        .header(probe::TICKET, probe::ticket(app).await?)
        .header("x-forwarded-for", MADE_UP)
        .body(Empty::<Bytes>::new())?;
    let answer = Operated::new(&app.config.outbound)?.send(request).await?;
    let date = answer.headers().get("date").and_then(|date| clock::of_header(date.to_str().ok()?));
    let status = answer.status();
    if !status.is_success() {
        return Err(Fault::new(format!("the answer to /readyz is {status}")).into());
    }
    let body =
        Limited::new(answer.into_body(), MOST).collect().await.map_err(|_| Fault::new("the answer broke off"))?;
    Ok(Answered { ready: serde_json::from_slice(&body.to_bytes())?, date })
}

/// Tenants with domains of their own are found by the host that a request was sent to.
fn host(arrival: &Arrival, public: &Url) -> Option<Finding> {
    let arrived = arrival.host.as_deref()?;
    let name = arrived.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let name = name.map_or(arrived, |(name, _)| name);
    if public.host_str().is_some_and(|known| known.eq_ignore_ascii_case(name)) {
        return None;
    }
    let advice = "let the proxy pass on the host that it was asked for (nginx: `proxy_set_header Host $host`)";
    Some(Finding::fail("host", format!("requests to the public URL arrive as if sent to {arrived}"), advice))
}

/// Whether people's addresses arrive.
fn address(arrival: &Arrival, trusted: &[IpNet], behind_proxy: bool) -> Finding {
    let (check, peer) = ("addresses", &arrival.peer);
    let is_trusted = peer.parse::<IpAddr>().is_ok_and(|peer| trusted.iter().any(|network| network.contains(&peer)));
    let said = arrival.forwarded_for.as_deref().map(|all| all.rsplit(',').next().unwrap_or(all).trim());
    match (is_trusted, said) {
        (true, Some(MADE_UP)) => {
            let detail =
                format!("the proxy at {peer} passes on what callers claim: everybody can choose their address");
            let advice = "let it write X-Forwarded-For itself (nginx: `proxy_set_header X-Forwarded-For $remote_addr`)";
            Finding::fail(check, detail, advice)
        }
        (true, None) => {
            let advice = "let it write X-Forwarded-For with its caller's address";
            Finding::fail(check, format!("the proxy at {peer} does not say who its callers are"), advice)
        }
        (true, Some(_)) => Finding::ok(check, format!("arrive through {peer}: this one is {}", arrival.address)),
        (false, Some(other)) if other != MADE_UP => {
            let detail = format!("a proxy at {peer} tells of {other} and is not believed: all its callers are one");
            Finding::fail(check, detail, format!("set `http.trusted_proxies` to [\"{peer}\"]"))
        }
        (false, _) if behind_proxy => {
            let detail = format!("everybody comes from {peer}, which says nothing of who is behind it");
            let advice = format!("let the proxy write X-Forwarded-For, and set `http.trusted_proxies` to [\"{peer}\"]");
            Finding::fail(check, detail, advice)
        }
        (false, _) => Finding::ok(check, format!("arrive without a proxy: this one is {}", arrival.address)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    fn arrival(peer: &str, forwarded_for: Option<&str>) -> Arrival {
        Arrival {
            peer: peer.to_owned(),
            address: peer.to_owned(),
            forwarded_for: forwarded_for.map(str::to_owned),
            host: Some("id.example.com".to_owned()),
            at: Timestamp(1),
        }
    }

    #[test]
    fn w082_what_proxies_make_of_an_address_is_judged() {
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        for (peer, said, behind_proxy, verdict, word) in [
            ("10.0.0.2", Some("203.0.113.9"), true, Verdict::Ok, "through 10.0.0.2"),
            ("10.0.0.2", Some("192.0.2.1, 203.0.113.9"), true, Verdict::Ok, "through"),
            ("10.0.0.2", Some("192.0.2.1"), true, Verdict::Fail, "choose"),
            ("10.0.0.2", None, true, Verdict::Fail, "does not say"),
            ("172.16.0.2", Some("192.0.2.1, 203.0.113.9"), true, Verdict::Fail, "not believed"),
            ("172.16.0.2", Some("192.0.2.1"), true, Verdict::Fail, "everybody comes from"),
            ("172.16.0.2", None, true, Verdict::Fail, "everybody comes from"),
            ("203.0.113.9", Some("192.0.2.1"), false, Verdict::Ok, "without a proxy"),
        ] {
            let found = address(&arrival(peer, said), &trusted, behind_proxy);
            assert_eq!(found.verdict, verdict, "{found:?}");
            assert!(found.detail.contains(word), "{found:?}");
            assert_eq!(found.advice.is_some(), verdict != Verdict::Ok);
        }
    }

    #[test]
    fn the_host_that_was_asked_for_has_to_arrive() {
        let public: Url = "https://id.example.com".parse().unwrap();
        let found =
            |arrived: &str| host(&Arrival { host: Some(arrived.to_owned()), ..arrival("10.0.0.2", None) }, &public);
        assert!(found("id.example.com").is_none() && found("ID.example.com:443").is_none());
        assert_eq!(found("chancery:8080").unwrap().verdict, Verdict::Fail);
    }
}
