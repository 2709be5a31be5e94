//! Holds every answer of the API against its description: what is answered has to be described.

use std::sync::OnceLock;

use axum::http::Method;
use axum::http::response::Parts;
use chancery::api::openapi::{document, platform_document};
use chancery::base::Timestamp;
use chancery::store::tenants::{Settings, Tenant};
use chancery::tenants::TenantContext;
use serde_json::{Value, json};

/// The description, as tenant `demo` has it.
pub fn description() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let tenant = Tenant::new("demo".parse().unwrap(), "Demo", Settings::default(), Timestamp(1));
        document(&TenantContext::new(tenant, "http://localhost:8080/t/demo".to_owned()))
    })
}

/// The description of the platform's own API.
pub fn platform() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| platform_document("http://localhost:8080"))
}

/// Panics when an answer from below `/api/v1` is none that its operation describes.
pub fn check((method, path): (&Method, &str), answer: &Parts, body: &[u8]) {
    let below = path.strip_prefix("/t/").and_then(|rest| rest.find('/').map(|at| &rest[at..]));
    let (document, path) = below.map_or((platform(), path), |below| (description(), below));
    if !path.starts_with("/api/v1/") {
        return;
    }
    let Some(operation) = operation(document, method, path.trim_end_matches('/')) else { return };
    let status = answer.status.as_u16();
    let exact = operation["responses"].get(status.to_string());
    let class = || operation["responses"].get(format!("{}XX", status / 100));
    let what = format!("{method} {path} answered {status}");
    let Some(told) = exact.or_else(class) else { panic!("{what}, which is not described") };
    let told = told["$ref"].as_str().map_or(told, |at| document.pointer(at.trim_start_matches('#')).unwrap());
    let Some(content) = told.get("content").and_then(Value::as_object) else {
        assert!(body.is_empty(), "{what} with a body that is not described");
        return;
    };
    // `Prefer: return=minimal` leaves the body out (RFC 7240 §4.2).
    let may_be_empty = operation["parameters"].to_string().contains("\"Prefer\"");
    if *method == Method::HEAD || (may_be_empty && body.is_empty()) {
        return;
    }
    let kind = answer.headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default();
    let described = content.get(essence).or_else(|| content.get("*/*"));
    let Some(described) = described else { panic!("{what} as {kind}, which is not described") };
    if ["application/json", "application/problem+json"].contains(&essence) {
        fits((document, &described["schema"]), body, &what);
    }
}

fn fits((document, schema): (&Value, &Value), body: &[u8], what: &str) {
    let whole = json!({ "allOf": [schema], "components": document["components"] });
    let body: Value = serde_json::from_slice(body).unwrap_or_else(|_| panic!("{what} with no JSON"));
    let validator = jsonschema::validator_for(&whole).unwrap();
    let faults: Vec<_> =
        validator.iter_errors(&body).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{what}, which is not as described: {faults:?}\n{body}");
}

/// The operation that describes this call: of several paths that fit, the one that varies least.
fn operation(document: &'static Value, method: &Method, path: &str) -> Option<&'static Value> {
    let paths = document["paths"].as_object().unwrap();
    let fitting = paths.iter().filter(|(template, _)| fits_path(template, path));
    let (_, item) = fitting.min_by_key(|(template, _)| template.matches('{').count())?;
    item.get(method.as_str().to_lowercase())
}

fn fits_path(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len() && template.iter().zip(&path).all(|(part, given)| fits_part(part, given))
}

/// `{id}:sign` fits `7:sign`, `{id}` does not.
fn fits_part(part: &str, given: &str) -> bool {
    let Some((_, verb)) = part.strip_prefix('{').and_then(|rest| rest.split_once('}')) else { return part == given };
    given.strip_suffix(verb).is_some_and(|name| !name.is_empty() && (!verb.is_empty() || !name.contains(':')))
}
