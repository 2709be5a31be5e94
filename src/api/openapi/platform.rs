//! What operators do with the platform, and what strangers may ask of it.

use serde_json::{Map, Value, json};

use super::operation::{Operation, delete, get, pages, patch, post, put};
use super::{paths, problem, schemas};
use crate::http::operator::PLATFORM;
use crate::http::routes::{
    PLAN_OF_TENANT, PLATFORM_DOCS, PLATFORM_KEY, PLATFORM_KEYS, PLATFORM_OPENAPI, PLATFORM_STATS, TENANT,
    TENANT_ACTIVATE, TENANT_BY_DOMAIN, TENANT_CLONE, TENANT_PLAN, TENANT_PLANS, TENANT_REGISTER, TENANT_RESTORE,
    TENANT_SUSPEND, TENANT_USER, TENANTS,
};

const SCHEMAS: &[(&str, &str)] = &[
    (
        "Tenant",
        "id: text, slug: text, name: text, status: 'active'|'suspended'|'deleted', issuer: text, deletion_protected: bool, expires_at: time|null, deleted_at: time|null, restorable_until: time|null, version: int, created_at: time, updated_at: time, settings?: map",
    ),
    (
        "Key",
        "id: text, name: text, prefix: text, scope: text, created_at: time, expires_at: time|null, revoked_at: time|null, last_used_at: time|null, api_key?: text",
    ),
    (
        "Limits",
        "users: int|null, organizations: int|null, clients: int|null, documents: int|null, bytes: int|null, requests_per_minute: int|null, mails_per_day: int|null",
    ),
    (
        "Plan",
        "key: text, name: text, limits: Limits, features: [text], prices: [text], products: [text], rank: int, version: int, created_at: time, updated_at: time",
    ),
    ("PlanOfTenant", "plan: text|null, name: text, limits: Limits, features: [text], used: map"),
    ("Protection", "id: text, deletion_protected: bool"),
    ("Tenants", "total: int, active: int, suspended: int, deleted: int"),
    ("Problem", "type: text, title: text, status: int, request_id: text, detail?: text"),
];

/// What a change of a tenant may name.
const CHANGES: &str = "name?: text, settings?: map, deletion_protected?: bool, expires_at?: time|null";

/// The document of a platform that is reached there.
#[must_use]
pub fn document(base: &str) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Chancery, the platform", "version": env!("CARGO_PKG_VERSION") },
        "servers": [{ "url": base }],
        "paths": paths([("tenants", tenants()), ("plans", plans()), ("platform", operating())]),
        "components": components(base),
    })
}

fn components(base: &str) -> Value {
    let scopes = Map::from_iter([(PLATFORM.to_owned(), json!("Everything that operators do."))]);
    let flow = json!({
        "authorizationUrl": format!("{base}/t/system/oauth/authorize"),
        "tokenUrl": format!("{base}/t/system/oauth/token"),
        "scopes": scopes,
    });
    let mut all = schemas(SCHEMAS);
    all.append(&mut schemas(super::tenant::SCHEMAS));
    json!({
        "schemas": all,
        "responses": { "Problem": problem() },
        "securitySchemes": {
            "token": { "type": "oauth2", "flows": { "authorizationCode": flow } },
            "key": { "type": "apiKey", "in": "header", "name": "X-API-Key" },
        },
    })
}

fn tenants() -> Vec<Operation> {
    vec![
        get(TENANTS, "Lists tenants in the order of their slugs; everybody may read the directory")
            .scope(PLATFORM)
            .query("q", "What slug or name holds.")
            .query("discoverable", "`true`: those alone that want to be found, as everybody may see them.")
            .query("status", "`active`, `suspended` or `deleted`; without it all that are not deleted.")
            .query("cursor", "`meta.next_cursor` of the page before.")
            .query("limit", "From 1 to 200.")
            .lists("Tenant|PublicTenant", "next_cursor: text|null"),
        get(TENANT_BY_DOMAIN, "What an application has to know of the tenant that has a domain")
            .query("domain", "A host name, however it is written.")
            .tells_a(200, "PublicTenant"),
        post(TENANT_REGISTER, "Makes a tenant of one's own, where operators allow it; its owner gets a mail")
            .takes("slug: text, name: text, email: text, password?: text|null, full_name?: text|null, frontend_url?: text|null, domain?: text|null")
            .tells(201, "id: text, slug: text, name: text, issuer: text, verification: 'mailed'"),
        post(TENANTS, "Makes a tenant, and its owner where one is named")
            .scope(PLATFORM)
            .takes("slug: text, name?: text, settings?: map, owner?: map, deletion_protected?: bool, expires_at?: time|null, ttl?: int|null")
            .tells_a(201, "Tenant"),
        get(TENANT, "Shows a tenant, by id or slug").scope(PLATFORM).tells_a(200, "Tenant"),
        patch(TENANT, "Changes what is named; settings are merged")
            .scope(PLATFORM)
            .header("If-Match", "The version that is changed.")
            .takes(CHANGES)
            .tells_a(200, "Tenant"),
        put(TENANT, "The same")
            .scope(PLATFORM)
            .header("If-Match", "The version that is changed.")
            .takes(CHANGES)
            .tells_a(200, "Tenant"),
        delete(TENANT, "Deletes a tenant; it can be restored for some days").scope(PLATFORM).tells_a(200, "Tenant"),
        post(TENANT_SUSPEND, "Lets it answer nobody for now").scope(PLATFORM).tells_a(200, "Tenant"),
        post(TENANT_ACTIVATE, "Lets it answer again").scope(PLATFORM).tells_a(200, "Tenant"),
        post(TENANT_RESTORE, "Brings a deleted one back").scope(PLATFORM).tells_a(200, "Tenant"),
        post(TENANT_CLONE, "Makes a copy with other keys and no tokens; without people only how it is set up")
            .scope(PLATFORM)
            .takes("slug: text, name?: text|null, ttl?: int|null, people?: bool")
            .tells_a(201, "Tenant"),
        get(TENANT_USER, "Whether somebody is protected from deletion").scope(PLATFORM).tells_a(200, "Protection"),
        patch(TENANT_USER, "Protects somebody from deletion, or no longer")
            .scope(PLATFORM)
            .takes("deletion_protected: bool")
            .tells_a(200, "Protection"),
    ]
}

fn plans() -> Vec<Operation> {
    let (if_match, over) = ("If-Match", "The version that is changed.");
    vec![
        get(TENANT_PLANS, "Lists the plans of tenants").scope(PLATFORM).lists("Plan", ""),
        post(TENANT_PLANS, "Makes one")
            .scope(PLATFORM)
            .takes("key: text, name?: text, limits?: map, features?: [text], prices?: [text], products?: [text], rank?: int")
            .tells_a(201, "Plan"),
        get(TENANT_PLAN, "Shows one").scope(PLATFORM).tells_a(200, "Plan"),
        put(TENANT_PLAN, "Gives it other terms")
            .scope(PLATFORM)
            .header(if_match, over)
            .takes("name?: text, limits?: map, features?: [text], prices?: [text], products?: [text], rank?: int")
            .tells_a(200, "Plan"),
        patch(TENANT_PLAN, "Changes what is named; a limit that is null is none")
            .scope(PLATFORM)
            .header(if_match, over)
            .takes("name?: text, limits?: map, features?: [text], prices?: [text], products?: [text], rank?: int")
            .tells_a(200, "Plan"),
        delete(TENANT_PLAN, "Deletes one that no tenant has").scope(PLATFORM).says(204),
        get(PLAN_OF_TENANT, "What a tenant may have, and has").scope(PLATFORM).tells_a(200, "PlanOfTenant"),
        put(PLAN_OF_TENANT, "Gives it another plan, or with null the usual one")
            .scope(PLATFORM)
            .takes("plan: text|null")
            .tells_a(200, "PlanOfTenant"),
    ]
}

fn operating() -> Vec<Operation> {
    vec![
        get(PLATFORM_STATS, "How much there is")
            .scope(PLATFORM)
            .tells(200, "tenants: Tenants, version: text, database: text"),
        get(PLATFORM_KEYS, "Lists the operators' API keys, the oldest first")
            .scope(PLATFORM)
            .query("cursor", "`meta.next_cursor` of the page before.")
            .query("limit", "From 1 to 200.")
            .lists("Key", "next_cursor: text|null"),
        post(PLATFORM_KEYS, "Makes one; it is told this once")
            .scope(PLATFORM)
            .takes("name: text, scope?: text, expires_at?: time|null")
            .tells_a(201, "Key"),
        delete(PLATFORM_KEY, "Ends one at once").scope(PLATFORM).says(204),
        get(PLATFORM_OPENAPI, "This document").answers(200, "application/json", json!({ "type": "object" })),
        pages(PLATFORM_DOCS),
    ]
}
