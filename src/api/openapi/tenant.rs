//! A tenant about itself.

use serde_json::json;

use super::operation::{Operation, delete, get, patch, post, put};
use crate::http::routes::{
    TENANT_CHECKOUTS, TENANT_DOMAIN, TENANT_DOMAIN_PRIMARY, TENANT_DOMAIN_VERIFY, TENANT_DOMAINS, TENANT_FOR_SALE,
    TENANT_INFO, TENANT_PORTAL, TENANT_SETTINGS, TENANT_STATS,
};

/// Schemas of this part, and of the directory at the platform.
pub(super) const SCHEMAS: &[(&str, &str)] = &[
    (
        "PublicTenant",
        "id: text, slug: text, name: text, issuer: text, frontend_url: text|null, language: text|null, branding: map, self_registration: bool, login_methods: [text], plan?: text|null, limits?: map, usage?: TenantUsage",
    ),
    (
        "Domain",
        "domain: text, status: 'pending'|'verified', primary: bool, created_at: time, verified_at: time|null, checked_at: time|null, failing_since: time|null, challenge: map|null",
    ),
    ("PlanForSale", "key: text, name: text, limits: map, features: [text], prices: [map]"),
    ("UserCounts", "total: int, active: int, unverified: int"),
    ("Amount", "count: int, bytes: int"),
    (
        "TenantUsage",
        "users: UserCounts, clients: int, sessions: int, documents: Amount, files: Amount, counted_to: int, limits?: map",
    ),
];

pub(super) fn operations() -> Vec<Operation> {
    vec![
        get(TENANT_INFO, "What everybody may know; limits and usage for who holds `tenant:read`")
            .tells_a(200, "PublicTenant"),
        post(TENANT_INFO, "The same").tells_a(200, "PublicTenant"),
        get(TENANT_SETTINGS, "What is set; the entity tag is its version").scope("tenant:read").tells_a(200, "map"),
        patch(TENANT_SETTINGS, "Merges a patch into it (RFC 7396); null brings a default back")
            .scope("tenant:write")
            .header("If-Match", "The version that is changed.")
            .takes_as("application/json", json!({ "type": "object" }))
            .tells_a(200, "map"),
        get(TENANT_STATS, "How much there is in the tenant; counts stop at `counted_to`")
            .scope("tenant:read")
            .tells_a(200, "TenantUsage"),
        get(TENANT_FOR_SALE, "Plans that can be bought, the lowest first")
            .scope("tenant:read")
            .lists("PlanForSale", ""),
        post(TENANT_CHECKOUTS, "Begins to buy a plan; the answer says where it is paid. For owners and programs")
            .scope("tenant:write")
            .takes("plan: text, success_url: text, cancel_url?: text|null")
            .tells_a(201, "map"),
        post(TENANT_PORTAL, "A page on which what was bought is changed and cancelled. For owners and programs")
            .scope("tenant:write")
            .takes("return_url: text")
            .tells(201, "url: text"),
        get(TENANT_DOMAINS, "Lists the domains that the tenant claims").scope("tenant:read").lists("Domain", ""),
        post(TENANT_DOMAINS, "Claims a domain; the answer says what it has to show")
            .scope("tenant:write")
            .takes("domain: text")
            .tells_a(201, "Domain"),
        delete(TENANT_DOMAIN, "Gives a claim up").scope("tenant:write").says(204),
        post(TENANT_DOMAIN_VERIFY, "Looks whether the domain shows it").scope("tenant:write").tells_a(200, "Domain"),
        put(TENANT_DOMAIN_PRIMARY, "Moves the issuer to a proven domain")
            .scope("tenant:write")
            .tells(200, "issuer: text"),
        delete(TENANT_DOMAIN_PRIMARY, "Moves the issuer back to the platform")
            .scope("tenant:write")
            .tells(200, "issuer: text"),
    ]
}
