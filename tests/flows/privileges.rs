//! Nobody makes themselves somebody: there is no registration, and no form takes a privilege (W-057, W-063).

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::Request;
use chancery::store::users::Role;
use serde_json::json;

use super::support::probe::{assert_specified, places, send, world};
use super::support::routes;
use super::support::{PASSWORD, Person};

/// Everything that takes something, in any order.
const TAKING: &[&str] = &[
    "/api/v1/plans",
    "/api/v1/plans/{key}",
    "/api/v1/tenants/{id}/plan",
    "/api/v1/platform/api-keys",
    "/api/v1/platform/api-keys/{id}",
    "/api/v1/tenants",
    "/api/v1/tenants/register",
    "/api/v1/tenants/{id}",
    "/api/v1/tenants/{id}/activate",
    "/api/v1/tenants/{id}/clone",
    "/api/v1/tenants/{id}/restore",
    "/api/v1/tenants/{id}/suspend",
    "/api/v1/tenants/{id}/users/{user}",
    "/dev/app/logout",
    "/dev/app/refresh",
    "/dev/app/sign-in",
    "/console/api-keys",
    "/console/branding",
    "/console/clients/{client}",
    "/console/invitations",
    "/console/keys",
    "/console/mail",
    "/console/new-client",
    "/console/plan",
    "/console/plans",
    "/console/plans/{key}",
    "/console/providers",
    "/console/settings",
    "/console/organizations",
    "/console/organizations/{id}",
    "/console/webhooks",
    "/console/webhooks/{id}",
    "/console/users/{id}",
    "/console/mails",
    "/console/new-tenant",
    "/console/tenants/{tenant}/api-keys",
    "/console/tenants/{tenant}/branding",
    "/console/tenants/{tenant}/clients/{client}",
    "/console/tenants/{tenant}/invitations",
    "/console/tenants/{tenant}/keys",
    "/console/tenants/{tenant}/mail",
    "/console/tenants/{tenant}/new-client",
    "/console/tenants/{tenant}/plan",
    "/console/tenants/{tenant}/providers",
    "/console/tenants/{tenant}/settings",
    "/console/tenants/{tenant}/organizations",
    "/console/tenants/{tenant}/organizations/{id}",
    "/console/tenants/{tenant}/webhooks",
    "/console/tenants/{tenant}/webhooks/{id}",
    "/console/tenants/{tenant}/users/{id}",
    "/console/tenants/{tenant}/standing",
    "/oauth/authorize",
    "/oauth/introspect",
    "/oauth/logout",
    "/oauth/revoke",
    "/oauth/token",
    "/oauth/userinfo",
    "/consent",
    "/login",
    "/logout",
    "/login/link",
    "/login/passkey",
    "/login/second-factor",
    "/login/email",
    "/login/code",
    "/login/by-link",
    "/api/v1/auth/login",
    "/api/v1/auth/mfa/challenge",
    "/api/v1/auth/mfa/verify",
    "/api/v1/auth/passkeys/begin",
    "/api/v1/auth/passkeys/complete",
    "/api/v1/auth/passwordless/start",
    "/api/v1/auth/passwordless/complete",
    "/api/v1/auth/logout",
    "/api/v1/users/me/mfa/totp",
    "/api/v1/users/me/mfa/totp/confirm",
    "/api/v1/users/me/mfa/recovery-codes",
    "/api/v1/users/me/passkeys",
    "/api/v1/users/me/passkeys/begin",
    "/api/v1/users/me/passkeys/{passkey}",
    "/login/organisation",
    "/login/{provider}",
    "/login/{provider}/backchannel-logout",
    "/account/identities",
    "/account/identities/{provider}",
    "/account/authenticator",
    "/account/passkeys",
    "/account/applications",
    "/account/data",
    "/account/delete",
    "/account/email",
    "/account/files",
    "/account/files/{id}",
    "/account/password",
    "/account/profile",
    "/account/sessions",
    "/api/v1/auth/sessions",
    "/api/v1/auth/sessions/{session}",
    "/api/v1/users/me",
    "/api/v1/users/me/applications/{client}",
    "/api/v1/users/me/export",
    "/api/v1/users/{id}",
    "/api/v1/users/{id}/activate",
    "/api/v1/users/{id}/applications/{client}",
    "/api/v1/users/{id}/mfa",
    "/api/v1/users/{id}/mfa/{factor}",
    "/api/v1/users/{id}/password-reset",
    "/api/v1/users/{id}/role",
    "/api/v1/users/{id}/restore",
    "/api/v1/users/{id}/sessions",
    "/api/v1/users/{id}/sessions/{session}",
    "/api/v1/users/{id}/suspend",
    "/api/v1/api-keys",
    "/api/v1/api-keys/{id}",
    "/api/v1/grants/{id}",
    "/api/v1/keys/rotate",
    "/api/v1/keys/{id}",
    "/api/v1/sessions/{session}",
    "/api/v1/resource-servers",
    "/api/v1/resource-servers/{id}",
    "/api/v1/clients",
    "/api/v1/clients/{client}",
    "/api/v1/clients/{client}/disable",
    "/api/v1/clients/{client}/enable",
    "/api/v1/clients/{client}/rotate-secret",
    "/api/v1/clients/{client}/secrets/{secret}",
    "/api/v1/identity-providers",
    "/api/v1/tenant/branding",
    "/api/v1/tenant/branding:lint",
    "/api/v1/tenant/branding:publish",
    "/api/v1/tenant/branding:rollback",
    "/api/v1/identity-providers/{provider}",
    "/api/v1/users/me/identities/{identity}",
    "/signup",
    "/verify-email",
    "/forgot-password",
    "/reset-password",
    "/confirm-email-change",
    "/undo-email-change",
    "/invite",
    "/api/v1/auth/register",
    "/api/v1/auth/verify-email",
    "/api/v1/auth/verify-email/check",
    "/api/v1/auth/resend-verification",
    "/api/v1/auth/forgot-password",
    "/api/v1/auth/reset-password",
    "/api/v1/auth/confirm-email-change",
    "/api/v1/auth/undo-email-change",
    "/api/v1/users/me/password",
    "/api/v1/users/me/email",
    "/api/v1/users",
    "/api/v1/users/{id}/resend-verification",
    "/api/v1/users:import",
    "/api/v1/mails/{mail}/retry",
    "/api/v1/tenant",
    "/api/v1/tenant/settings",
    "/api/v1/tenant/plan/checkout-sessions",
    "/api/v1/tenant/plan/portal-sessions",
    "/api/v1/tenant/domains",
    "/api/v1/tenant/domains/{domain}",
    "/api/v1/tenant/domains/{domain}/primary",
    "/api/v1/tenant/domains/{domain}/verify",
    "/api/v1/tenant/mail",
    "/api/v1/tenant/mail/test",
    "/api/v1/archive/files",
    "/api/v1/archive/files/{id}",
    "/api/v1/archive/files/{id}/content",
    "/api/v1/archive/files:sign-upload",
    "/api/v1/archive/rules",
    "/api/v1/archive/uploads",
    "/api/v1/archive/uploads/{id}",
    "/api/v1/authorization-requests:check",
    "/api/v1/invitations",
    "/api/v1/invitations/{id}",
    "/api/v1/invitations/{id}/resend",
    "/api/v1/invitations/{id}/accept",
    "/api/v1/storage:transaction",
    "/api/v1/storage/{collection}",
    "/api/v1/storage/{collection}/documents",
    "/api/v1/storage/{collection}/documents/{document}",
    "/api/v1/storage/{collection}/documents:query",
    "/api/v1/storage/{collection}/documents:count",
    "/api/v1/storage/{collection}/documents:distinct",
    "/api/v1/storage/{collection}/documents:aggregate",
    "/api/v1/storage/{collection}/documents:batch",
    "/api/v1/storage/{collection}/documents:update",
    "/api/v1/storage/{collection}/documents:delete",
    "/account/organizations",
    "/login/choose-organization",
    "/api/v1/organizations",
    "/api/v1/organizations/{id}",
    "/api/v1/organizations/{id}/activate",
    "/api/v1/organizations/{id}/invitations",
    "/api/v1/organizations/{id}/invitations/{invitation}",
    "/api/v1/organizations/{id}/invitations/{invitation}/resend",
    "/api/v1/organizations/{id}/join",
    "/api/v1/organizations/{id}/leave",
    "/api/v1/organizations/{id}/members",
    "/api/v1/organizations/{id}/members/{user}",
    "/api/v1/organizations/{id}/members/{user}/role",
    "/api/v1/organizations/{id}/roles",
    "/api/v1/organizations/{id}/roles/{role}",
    "/api/v1/organizations/{id}/suspend",
    "/api/v1/organizations/{id}/transfer-ownership",
    "/api/v1/users/me/invitations/{invitation}",
    "/api/v1/users/me/invitations/{invitation}/accept",
    "/api/v1/payments/account",
    "/api/v1/payments/checkout-sessions",
    "/api/v1/payments/entitlements",
    "/api/v1/payments/plans/{plan}",
    "/api/v1/payments/portal-sessions",
    "/api/v1/payments/refunds",
    "/api/v1/payments/subscription-schedules",
    "/api/v1/payments/subscriptions",
    "/api/v1/payments/subscriptions/{id}",
    "/api/v1/payments/webhooks/stripe",
    "/api/v1/storage/{collection}/documents:import",
    "/api/v1/storage/{collection}/documents:validate",
    "/api/v1/webhooks",
    "/api/v1/webhooks/{id}",
    "/api/v1/webhooks/{id}/deliveries/{delivery}/redeliver",
    "/api/v1/webhooks/{id}/rotate-secret",
    "/api/v1/webhooks/{id}/test",
];

#[tokio::test]
async fn w057_w063_nobody_registers_anything_and_no_form_names_a_privilege() {
    let world = world().await;
    for path in ["/register", "/oauth/register", "/connect/register", "/sign-up", "/api/v1/tenants"] {
        let path = format!("/t/demo{path}");
        let answer = send(&world.app, privileged(&path, "POST", "application/json")).await;
        assert_specified(&answer, &path, &path);
        assert_eq!(answer.status, 404, "{path}");
    }
    // Everything that takes something from a stranger, by name: whoever adds to it looks at W-063.
    let all = routes::all();
    let taking = all.iter().filter(|route| route.methods.iter().any(|method| *method != "GET"));
    let taking: BTreeSet<_> = taking.map(|route| route.path.trim_start_matches("/t/{tenant}")).collect();
    assert_eq!(taking, TAKING.iter().copied().collect());
    // Everything that takes something, shown what nobody may take for themselves.
    for (route, method) in places().into_iter().filter(|(route, method)| *method != "GET" && route.is_of_tenant()) {
        for kind in ["application/json", "application/x-www-form-urlencoded"] {
            let path = route.at("demo");
            let answer = send(&world.app, privileged(&path, method, kind)).await;
            assert_specified(&answer, &format!("{method} {path}"), &path);
        }
    }
    let people = world.app.app.accounts.page(&world.tenant, "", 100).await.unwrap();
    assert!(people.len() >= 2 && people.iter().all(|person| person.role == Role::User), "{people:?}");
    let mut ada = Person::default();
    ada.open(&world.app, "/t/demo/login").await;
    let sent = [
        ("username", "ada@demo.test"),
        ("password", PASSWORD),
        ("role", "owner"),
        ("roles", "admin"),
        ("email_verified", "true"),
        ("tenant_id", "system"),
        ("status", "active"),
        ("scope", "users:write"),
    ];
    assert_eq!(ada.submit(&world.app, "login-form", &sent).await.page(), "account");
    let after = world.app.app.accounts.look_up(&world.tenant, "ada@demo.test").await.unwrap();
    assert_eq!(after.role, Role::User);
}

/// A body full of what is not for strangers to say.
fn privileged(path: &str, method: &str, kind: &str) -> Request<Body> {
    let members = json!({
        "email": "eve@demo.test", "password": "a word or two", "role": "owner", "roles": "admin", "tenant_id": "1",
        "email_verified": true, "status": "active", "plan": "gold", "sub": "1", "scope": "users:write",
    });
    let body = if kind == "application/json" {
        members.to_string()
    } else {
        let pairs = members.as_object().unwrap().iter().map(|(name, value)| (name.clone(), value.to_string()));
        pairs.map(|(name, value)| format!("{name}={}", value.trim_matches('"'))).collect::<Vec<_>>().join("&")
    };
    Request::builder().method(method).uri(path).header("content-type", kind).body(Body::from(body)).unwrap()
}
