//! The description of everything below `{T}/api/v1` as `OpenAPI` 3.1. Its paths are those of the routers; the flows hold
//! every answer of the API against it.

mod administration;
mod archive;
mod audit;
mod clients;
mod entering;
mod operation;
mod organizations;
mod own;
mod payments;
mod platform;
mod schema;
mod storage;
mod tenant;
mod webhooks;

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use self::operation::Operation;
pub use self::platform::document as platform_document;
use self::schema::object;
use crate::app::App;
use crate::clients::scopes;
use crate::http::Tenant;
use crate::http::routes::{API_DOCS, AUTHORIZE, METADATA_AGE, OPENAPI, TOKEN};
use crate::tenants::TenantContext;

/// What is answered more than once.
const SCHEMAS: &[(&str, &str)] = &[
    (
        "User",
        "id: text, email: text|null, email_verified: bool, username: text|null, status: text, role: Role, profile: map, created_at: time, updated_at: time, last_login_at: time|null",
    ),
    (
        "Person",
        "id: text, email?: text, email_verified: bool, username?: text, status: text, role: Role, has_password: bool, user_metadata: map, app_metadata?: map, deletion_protected?: bool, created_at: time, updated_at: time, last_login_at?: time",
    ),
    ("Proof", "id: text, auth_time: time, expires_at: time, amr: [text], acr: text"),
    (
        "SignedIn",
        "session: Proof, user_id: text, access_token?: text, token_type?: 'Bearer', expires_in?: int, refresh_token?: text, scope?: text, id_token?: text, csrf_token?: text, recovery_codes?: [text]",
    ),
    (
        "SecondFactorDue",
        "mfa_required: bool, enrolment_required: bool, mfa_token: text, methods: [text], expires_in: int",
    ),
    ("Ceremony", "ceremony: text, options: map"),
    ("TotpSetup", "secret: text, otpauth_uri: text, qr: text"),
    ("Session", "id: text, user_id?: text, current: bool, created_at: time, last_seen_at?: time|null, ip?: text|null"),
    ("Activity", "id: text"),
    (
        "Identity",
        "id: text, provider: text, provider_name: text, name: text|null, created_at: time, last_used_at: time|null",
    ),
    ("Application", "client_id: text, name: text, logo_uri?: text, scope: text, since: time, active: bool"),
    ("Passkey", "id: text, name: text, created_at: time, last_used_at: time|null"),
    (
        "Invitation",
        "id: text, email: text, role: Role, status: 'pending'|'accepted'|'cancelled'|'expired', invited_by: text, created_at: time, sent_at: time, expires_at: time",
    ),
    ("Brand", "version: int, published_at: time, published_by: text, brand: map"),
    ("Branding", "published: any, draft: any"),
    (
        "Client",
        "client_id: text, client_name: text, type: 'confidential'|'public'|'service', status: 'active'|'disabled', policy: map, grant_types: [text], scope: text, client_id_issued_at: int, updated_at: time, client_secret?: text, client_secret_expires_at?: int",
    ),
    ("ServerScope", "scope: text, description?: map"),
    (
        "ResourceServer",
        "id: text, audience: text, name: text, scopes: [ServerScope], token_lifetime?: int, token_format?: 'jwt'|'opaque'",
    ),
    (
        "ApiKey",
        "id: text, name: text, prefix: text, scope: text, status: 'active'|'expired'|'revoked', created_at: time, expires_at?: time, revoked_at?: time, last_used_at?: time, api_key?: text",
    ),
    ("SigningKey", "kid: text, alg: text, state: text, created_at: time, activates_at: time, retires_at: time|null"),
    (
        "Grant",
        "id: text, client_id: text, user_id: text|null, session_id: text|null, scope: text, resource: [text], created_at: time, expires_at: time",
    ),
    ("ClientSecret", "id: text, prefix: text, status: 'active'|'expired', created_at: time, expires_at: time|null"),
    (
        "Organization",
        "id: text, slug: text, name: text, status: 'active'|'suspended', metadata: map, settings: OrganizationSettings, protected: bool, role: text|null, permissions: [text], created_at: time, updated_at: time",
    ),
    ("OrganizationSettings", "domains: [text], second_factor: bool"),
    (
        "Member",
        "user_id: text, name: text|null, picture: text|null, role: text, joined_at: time, email?: text|null, status?: text",
    ),
    (
        "OrganizationInvitation",
        "id: text, email: text, role: text, status: 'pending'|'accepted'|'cancelled'|'expired', invited_by: text, created_at: time, sent_at: time, expires_at: time",
    ),
    (
        "OrganizationRole",
        "name: text, description: text, permissions: [text], built_in: bool, created_at?: time, updated_at?: time",
    ),
    (
        "OrganizationEvent",
        "id: text, at: time, action: text, actor: text|null, target: text|null, result: text, detail: any",
    ),
    ("WaitingInvitation", "id: text, organization: map, role: text, expires_at: time"),
    ("Mail", "id: text, state: 'waiting'|'sent'|'dead'"),
    ("Provider", "id: text, slug: text, name: text"),
    ("OfferedProvider", "slug: text, name: text, type: text, login_url: text"),
    (
        "Event",
        "id: text, at: time, action: text, actor: text|null, target: text|null, result: text, detail: any, ip: text|null, user_agent: text|null, request_id: text|null, seal: Seal|null",
    ),
    ("Seal", "seq: int, hash: text, personal: text, salt: text|null"),
    ("Misfit", "seq: int, id: text|null, what: text"),
    (
        "Refusal",
        "id: text, at: time, request_id: text, endpoint: text, client_id: text|null, code: text, description: text, rule: text, registered: text|null, received: text|null",
    ),
    (
        "CheckedRule",
        "rule: text, kept: bool, registered: text|null, received: text|null, code?: text, description?: text",
    ),
    ("Problem", "type: text, title: text, status: int, request_id: text, detail?: text"),
];

/// The document, with the tenant's own addresses.
pub async fn get(tenant: Tenant) -> Response {
    ([(CACHE_CONTROL, METADATA_AGE)], Json(document(&tenant))).into_response()
}

/// The document.
#[must_use]
pub fn document(tenant: &TenantContext) -> Value {
    let rooms = [
        ("sign-in", entering::operations()),
        ("own account", own::operations()),
        ("administration", administration::operations()),
        ("audit", audit::operations()),
        ("tenant", tenant::operations()),
        ("clients", clients::operations()),
        ("organizations", organizations::operations()),
        ("storage", storage::operations()),
        ("archive", archive::operations()),
        ("payments", payments::operations()),
        ("webhooks", webhooks::operations()),
        (
            "description",
            vec![
                operation::get(OPENAPI, "This document").answers(200, "application/json", json!({ "type": "object" })),
                operation::pages(API_DOCS),
            ],
        ),
    ];
    let paths = paths(rooms);
    json!({
        "openapi": "3.1.0",
        "info": { "title": format!("{} on Chancery", tenant.name), "version": env!("CARGO_PKG_VERSION") },
        "servers": [{ "url": tenant.issuer }],
        "paths": paths,
        "components": components(tenant),
    })
}

/// What the platform itself can do, for operators and for strangers.
pub async fn platform(State(app): State<App>) -> Response {
    ([(CACHE_CONTROL, METADATA_AGE)], Json(platform::document(app.config.base()))).into_response()
}

fn paths<const N: usize>(rooms: [(&str, Vec<Operation>); N]) -> Map<String, Value> {
    let mut paths = Map::new();
    for (tag, operations) in rooms {
        for operation in operations {
            let at = paths.entry(operation.path).or_insert_with(|| json!({}));
            let method = operation.method;
            at[method] = operation.described(tag);
        }
    }
    paths
}

fn schemas(all: &[(&str, &str)]) -> Map<String, Value> {
    all.iter().map(|(name, members)| ((*name).to_owned(), object(members))).collect()
}

/// How refusals are told.
fn problem() -> Value {
    let problem = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
    json!({ "description": "Why not (RFC 9457).", "content": { "application/problem+json": problem } })
}

fn components(tenant: &TenantContext) -> Value {
    let mut schemas = schemas(SCHEMAS);
    schemas.append(&mut self::schemas(tenant::SCHEMAS));
    schemas.append(&mut self::schemas(&webhooks::SCHEMAS));
    schemas.insert("Role".to_owned(), json!({ "enum": ["owner", "admin", "support", "user"] }));
    let own = tenant.settings.own_scopes();
    let known: Map<String, Value> =
        scopes::offered(&own).into_iter().map(|scope| (scope.to_owned(), scope.into())).collect();
    let machines = json!({ "tokenUrl": format!("{}{TOKEN}", tenant.issuer), "scopes": known });
    let mut people = machines.clone();
    people["authorizationUrl"] = format!("{}{AUTHORIZE}", tenant.issuer).into();
    json!({
        "schemas": schemas,
        "responses": { "Problem": problem() },
        "securitySchemes": {
            "token": { "type": "oauth2", "flows": { "authorizationCode": people, "clientCredentials": machines } },
            "key": { "type": "apiKey", "in": "header", "name": "X-API-Key" },
            "cookie": { "type": "apiKey", "in": "cookie", "name": "chancery" },
        },
    })
}
