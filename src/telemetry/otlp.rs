//! A message of OTLP in JSON (OpenTelemetry Protocol §JSON Protobuf Encoding): ids in hexadecimal, nanoseconds and whole
//! numbers as text.

use serde_json::{Value, json};

use crate::base::trace::{Attribute, Kind, Span};

/// Who has measured.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) service: String,
    pub(super) instance: String,
}

/// What is posted.
pub(super) fn message(resource: &Resource, spans: &[Span]) -> Value {
    let version = env!("CARGO_PKG_VERSION");
    let about = [
        ("service.name", Attribute::Text(resource.service.clone())),
        ("service.version", Attribute::from(version)),
        ("service.instance.id", Attribute::Text(resource.instance.clone())),
    ];
    json!({ "resourceSpans": [{
        "resource": { "attributes": attributes(&about) },
        "scopeSpans": [{
            "scope": { "name": "chancery", "version": version },
            "spans": spans.iter().map(span).collect::<Vec<_>>(),
        }],
    }] })
}

fn span(span: &Span) -> Value {
    let (trace, id) = span.context.ids();
    let kind = match span.kind {
        Kind::Internal => 1,
        Kind::Server => 2,
        Kind::Client => 3,
    };
    let mut told = json!({
        "traceId": trace,
        "spanId": id,
        "name": span.name,
        "kind": kind,
        "startTimeUnixNano": span.time.0.to_string(),
        "endTimeUnixNano": span.time.1.to_string(),
        "attributes": attributes(&span.attributes),
        "status": if span.failed { json!({ "code": 2 }) } else { json!({}) },
    });
    if let Some(parent) = span.parent {
        told["parentSpanId"] = format!("{parent:016x}").into();
    }
    told
}

fn attributes(all: &[(&'static str, Attribute)]) -> Value {
    let value = |attribute: &Attribute| match attribute {
        Attribute::Text(text) => json!({ "stringValue": text }),
        Attribute::Number(number) => json!({ "intValue": number.to_string() }),
    };
    all.iter().map(|(key, attribute)| json!({ "key": key, "value": value(attribute) })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::trace::TraceContext;

    #[test]
    fn a_message_is_as_the_protocol_has_it() {
        let context = TraceContext::of_header("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").unwrap();
        let span = Span {
            context,
            parent: Some(7),
            name: "GET /t/{tenant}/oauth/token".to_owned(),
            kind: Kind::Server,
            time: (1, 1_700_000_000_000_000_001),
            attributes: vec![("http.response.status_code", Attribute::Number(500))],
            failed: true,
        };
        let resource = Resource { service: "chancery".to_owned(), instance: "one".to_owned() };
        let told = message(&resource, &[span]);
        assert_eq!(told["resourceSpans"][0]["resource"]["attributes"][0]["value"]["stringValue"], "chancery");
        let span = &told["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
        assert_eq!(span["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!((&span["spanId"], &span["parentSpanId"]), (&json!("00f067aa0ba902b7"), &json!("0000000000000007")));
        assert_eq!((&span["kind"], &span["status"]["code"]), (&json!(2), &json!(2)));
        assert_eq!(span["endTimeUnixNano"], "1700000000000000001", "too large for a number of JSON");
        assert_eq!(span["attributes"][0]["value"]["intValue"], "500");
    }
}
