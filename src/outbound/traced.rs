//! A request as part of the trace that it is made in: it carries our place there on (W3C Trace Context §3.2), and is a
//! span of its own. Of its URL no more than the host is told: the rest may be a secret.

use reqwest::header::HeaderValue;
use reqwest::{Client, Request, Response};

use crate::base::trace::{Attribute, Kind, Open};

/// Executes a request.
pub(super) async fn execute(client: &Client, mut request: Request) -> reqwest::Result<Response> {
    let Some(open) = Open::within(Kind::Client) else { return client.execute(request).await };
    if let Ok(place) = HeaderValue::from_str(&open.context().to_string()) {
        request.headers_mut().insert("traceparent", place);
    }
    let (method, host) = (request.method().clone(), request.url().host_str().unwrap_or_default().to_owned());
    let answered = client.execute(request).await;
    let status = answered.as_ref().map(|answer| answer.status().as_u16());
    let failed = status.as_ref().map_or(true, |status| *status >= 400);
    open.end(failed, || {
        let mut about = vec![
            ("http.request.method", Attribute::from(method.as_str())),
            ("server.address", Attribute::from(host.as_str())),
        ];
        about.extend(status.iter().map(|status| ("http.response.status_code", Attribute::from(i64::from(*status)))));
        (format!("{method} {host}"), about)
    });
    answered
}
