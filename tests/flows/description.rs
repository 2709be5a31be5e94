//! The description of the API (`OpenAPI` 3.1) tells of every route, and of no other. That each answer is as described is
//! held wherever a test calls the API.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;

use crate::support::described::{description, platform};
use crate::support::{World, routes};

#[tokio::test]
async fn a_developer_reads_at_each_tenant_what_its_api_can_do() {
    let world = World::new().await;
    let answer = world.app.get("/t/demo/api/v1/openapi.json").await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
    let told: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(told["servers"][0]["url"], world.issuer("demo"));
    assert!(told["openapi"].as_str().unwrap().starts_with("3.1"));
}

#[test]
fn every_route_of_the_api_is_described_and_nothing_else_is() {
    same(description(), "/t/{tenant}");
    same(platform(), "");
}

/// The routes below `/api/v1` that begin so, and the operations of a description, are the same.
fn same(description: &Value, prefix: &str) {
    let mounted: BTreeSet<_> = routes::all()
        .into_iter()
        .filter(|route| route.is_of_tenant() != prefix.is_empty())
        .filter_map(|route| Some((route.path.strip_prefix(prefix)?.to_owned(), route.methods)))
        .filter(|(path, _)| path.starts_with("/api/v1") && path != "/api/v1/health")
        .flat_map(|(path, methods)| methods.into_iter().map(move |method| (path.clone(), method.to_lowercase())))
        .collect();
    let described: BTreeSet<_> = description["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| item.as_object().unwrap().keys().map(move |method| (path.clone(), method.clone())))
        .collect();
    let missing: Vec<_> = mounted.difference(&described).collect();
    // The walk over routes does not look for HEAD and OPTIONS.
    let walked = |(_, method): &&(String, String)| !["head", "options"].contains(&method.as_str());
    let invented: Vec<_> = described.difference(&mounted).filter(walked).collect();
    assert!(missing.is_empty() && invented.is_empty(), "missing: {missing:#?}\ninvented: {invented:#?}");
}

#[tokio::test]
async fn an_operator_reads_at_the_platform_what_it_can_do() {
    let world = World::new().await;
    let told: Value = serde_json::from_str(&world.app.get("/api/v1/openapi.json").await.body).unwrap();
    assert_eq!(&told, platform());
    let of_tenant = Request::get("/api/v1/openapi.json").header("x-tenant-slug", "demo");
    let of_tenant = world.app.send(of_tenant.body(Body::empty()).unwrap()).await;
    let of_tenant: Value = serde_json::from_str(&of_tenant.body).unwrap();
    assert_eq!(of_tenant["servers"][0]["url"], world.issuer("demo"), "who names a tenant is told of it");
}

#[test]
fn every_reference_of_the_description_leads_somewhere() {
    fn walk(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
                members.values().for_each(|value| walk(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| walk(value, found)),
            _ => {}
        }
    }
    for document in [description(), platform()] {
        let mut found = Vec::new();
        walk(document, &mut found);
        assert!(found.len() > 20);
        for reference in found {
            assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
        }
    }
}
