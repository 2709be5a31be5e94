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

#[test]
fn every_call_says_what_it_does_who_may_make_it_and_how_it_is_refused() {
    for document in [description(), platform()] {
        let known = &document["components"]["securitySchemes"];
        let scopes = known["token"]["flows"]["authorizationCode"]["scopes"].as_object().unwrap();
        let mut seen = 0;
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, told) in item.as_object().unwrap() {
                let what = format!("{method} {path}");
                assert!(told["summary"].as_str().is_some_and(|text| text.len() > 3), "{what} says nothing");
                for refused in ["4XX", "5XX"] {
                    let problem = told["responses"][refused]["$ref"].as_str();
                    assert_eq!(problem, Some("#/components/responses/Problem"), "{what} has no {refused}");
                }
                let answers = told["responses"].as_object().unwrap().keys();
                assert!(answers.filter(|status| status.starts_with(['2', '3'])).count() > 0, "{what} never goes well");
                for way in told["security"].as_array().unwrap_or_else(|| panic!("{what} says not who may")) {
                    for (name, wanted) in way.as_object().unwrap() {
                        assert!(known.get(name).is_some(), "{what} wants {name}, which is nothing");
                        for scope in wanted.as_array().unwrap() {
                            let scope = scope.as_str().unwrap();
                            assert!(scopes.contains_key(scope), "{what} wants the scope {scope}, which nobody has");
                        }
                    }
                }
                seen += 1;
            }
        }
        assert!(seen > 20, "{seen}");
    }
}

#[tokio::test]
async fn s6_a_developer_reads_the_description_as_pages_without_script() {
    let world = World::new().await;
    for base in ["/t/demo", ""] {
        let all = world.app.get(&format!("{base}/api/v1/docs")).await;
        assert_eq!((all.status.as_u16(), all.page()), (200, "api-docs"));
        let policy = all.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert!(!all.body.contains("<script") && !all.body.contains(" style="));
        let wanted = "?group=";
        let groups: BTreeSet<_> =
            all.body.split(wanted).skip(1).map(|rest| rest.split(['"', '#']).next().unwrap()).collect();
        assert!(groups.len() >= 3, "{groups:?}");
        for group in groups {
            let page = world.app.get(&format!("{base}/api/v1/docs?group={group}")).await;
            assert_eq!(page.status.as_u16(), 200, "{group}");
            let ids: Vec<_> = page.body.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
            let different: BTreeSet<_> = ids.iter().collect();
            assert_eq!(ids.len(), different.len(), "{group} has two of one id");
            for anchor in page.body.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
                assert!(different.contains(&anchor), "{group} leads to {anchor}, which is nowhere");
            }
        }
    }
    let found = world.app.get("/t/demo/api/v1/docs?q=rotate+secret").await;
    assert!(found.body.contains("/api/v1/clients/{client}/rotate-secret") && !found.body.contains("/api/v1/mails"));
    assert_eq!(world.app.get("/t/demo/api/v1/docs?group=nothing").await.status.as_u16(), 404);
    assert_eq!(world.app.get("/t/nobody/api/v1/docs").await.status.as_u16(), 404);
}
