//! The description of the API (`OpenAPI` 3.1) tells of every route, and of no other. That each answer is as described is
//! held wherever a test calls the API.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::described::description;
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
    let mounted: BTreeSet<_> = routes::all()
        .into_iter()
        .filter_map(|route| Some((route.path.strip_prefix("/t/{tenant}")?.to_owned(), route.methods)))
        .filter(|(path, _)| path.starts_with("/api/v1"))
        .flat_map(|(path, methods)| methods.into_iter().map(move |method| (path.clone(), method.to_lowercase())))
        .collect();
    let described: BTreeSet<_> = description()["paths"]
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
    let mut found = Vec::new();
    walk(description(), &mut found);
    assert!(found.len() > 50);
    for reference in found {
        assert!(description().pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
}
