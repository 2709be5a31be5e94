//! What administrators and programs do for a tenant.

use super::operation::{Operation, delete, get, patch, post, put};
use crate::http::routes::{
    BRANDING, BRANDING_LINT, BRANDING_PREVIEW, BRANDING_PUBLISH, BRANDING_ROLLBACK, BRANDING_VERSIONS, INVITATION,
    INVITATION_ACCEPT, INVITATION_AGAIN, INVITATIONS, MAIL, MAIL_RETRY, MAIL_SETTINGS, MAIL_TEST, MAILS, PROVIDER,
    PROVIDERS, USER, USER_ACTIVATE, USER_RESTORE, USER_SESSION, USER_SESSIONS, USER_SUSPEND, USER_VERIFICATION, USERS,
};
use serde_json::json;

pub(super) fn operations() -> Vec<Operation> {
    let mut all = people();
    all.extend(invitations());
    all.extend(mail());
    all.extend(brand());
    all.extend(providers());
    all
}

fn people() -> Vec<Operation> {
    vec![
        post(USERS, "Makes an account")
            .scope("users:write")
            .takes("email?: text|null, email_verified?: bool, username?: text|null, password?: text|null, password_hash?: text|null, password_never_cut?: bool, full_name?: text|null, locale?: text|null, role?: Role, send_invite?: bool")
            .tells_a(201, "User"),
        get(USER, "Shows somebody").scope("users:read").tells_a(200, "Person"),
        patch(USER, "Changes profile and metadata")
            .scope("users:write")
            .takes_as("application/json", json!({ "type": "object" }))
            .tells_a(200, "Person"),
        delete(USER, "Deletes somebody").scope("users:write").tells(200, "id: text, status: 'deleted', restorable_until: time"),
        post(USER_SUSPEND, "Lets somebody do nothing for now").scope("users:write").tells(200, "id: text, status: 'suspended'"),
        post(USER_ACTIVATE, "Lets a suspended person in again").scope("users:write").tells(200, "id: text, status: 'active'"),
        post(USER_RESTORE, "Brings a deleted person back").scope("users:write").tells(200, "id: text, status: 'active'"),
        post(USER_VERIFICATION, "Sends the link to prove an address again").scope("users:write").tells(202, "status: 'accepted'"),
        get(USER_SESSIONS, "Where somebody is signed in").scope("sessions:read").lists("Session", ""),
        delete(USER_SESSIONS, "Ends all sessions").scope("sessions:revoke").tells(200, "ended: int"),
        delete(USER_SESSION, "Ends one session").scope("sessions:revoke").tells(200, "ended: int"),
    ]
}

fn invitations() -> Vec<Operation> {
    vec![
        get(INVITATIONS, "Lists invitations")
            .scope("users:invite")
            .query("after", "`meta.next` of the page before.")
            .lists("Invitation", "next: text|null"),
        post(INVITATIONS, "Invites somebody")
            .scope("users:invite")
            .takes("email: text, role?: Role")
            .tells_a(201, "Invitation"),
        get(INVITATION, "What the link of a mail leads to")
            .tells(200, "email: text, expires_at: time, account_exists: bool"),
        delete(INVITATION, "Cancels an invitation").scope("users:invite").says(204),
        post(INVITATION_AGAIN, "Sends it again").scope("users:invite").tells_a(200, "Invitation"),
        post(INVITATION_ACCEPT, "Accepts it, with a new account or signed in as the owner of the address")
            .takes("password?: text|null, username?: text|null, full_name?: text|null")
            .tells_a(200, "User")
            .tells_a(201, "User"),
    ]
}

fn mail() -> Vec<Operation> {
    vec![
        get(MAIL_SETTINGS, "The tenant's sender; secrets are not told").scope("tenant:read").tells_a(200, "map"),
        patch(MAIL_SETTINGS, "Changes it; what is absent stays")
            .scope("tenant:write")
            .takes_as("application/json", json!({ "type": "object" }))
            .tells_a(200, "map"),
        post(MAIL_TEST, "Writes a test mail").scope("tenant:write").takes("to: text").tells_a(202, "Mail"),
        get(MAILS, "The outbox, the newest first")
            .scope("tenant:read")
            .query("state", "`waiting`, `sent` or `dead`.")
            .query("after", "`meta.next` of the page before.")
            .query("limit", "From 1 to 100.")
            .lists("Mail", "next: text|null"),
        get(MAIL, "One mail").scope("tenant:read").tells_a(200, "Mail"),
        post(MAIL_RETRY, "Sends a dead one again").scope("tenant:write").tells_a(202, "Mail"),
    ]
}

fn brand() -> Vec<Operation> {
    let draft = "If-Match";
    let over = "The draft that was read, by its `ETag`.";
    vec![
        get(BRANDING, "How pages and mails look and speak: what is published, and the draft")
            .scope("tenant:read")
            .tells_a(200, "Branding"),
        put(BRANDING, "Writes the draft")
            .scope("tenant:write")
            .header(draft, over)
            .takes_as("application/json", json!({ "type": "object" }))
            .tells_a(200, "Branding"),
        patch(BRANDING, "Changes the draft; what is left out stays")
            .scope("tenant:write")
            .header(draft, over)
            .takes_as("application/json", json!({ "type": "object" }))
            .tells_a(200, "Branding"),
        delete(BRANDING, "Throws the draft away").scope("tenant:write").header(draft, over).says(204),
        post(BRANDING_LINT, "What is wrong with a brand; nothing is stored")
            .scope("tenant:read")
            .takes_as("application/json", json!({ "type": "object" }))
            .tells(200, "publishable: bool, findings: [map]"),
        post(BRANDING_PUBLISH, "Publishes the draft").scope("tenant:write").header(draft, over).tells_a(200, "Brand"),
        post(BRANDING_ROLLBACK, "Publishes again what was published under a number")
            .scope("tenant:write")
            .takes("version: int")
            .tells_a(200, "Brand"),
        get(BRANDING_VERSIONS, "What was published, the newest first")
            .scope("tenant:read")
            .query("before", "`meta.next` of the page before.")
            .lists("Brand", "next: text|null"),
        get(BRANDING_PREVIEW, "A page as the draft makes it look, in a sandbox")
            .scope("tenant:read")
            .query("page", "`login`, `consent`, `signup`, `error` or `mail`.")
            .query("lang", "`en`, `es`, `fr` or `de`.")
            .query("of", "`draft` or `published`.")
            .answers(200, "text/html", json!({ "type": "string" })),
    ]
}

fn providers() -> Vec<Operation> {
    vec![
        get(PROVIDERS, "Lists providers that people can sign in with").scope("tenant:read").lists("Provider", ""),
        post(PROVIDERS, "Adds one")
            .scope("tenant:write")
            .takes_as("application/json", json!({ "type": "object" }))
            .tells_a(201, "Provider"),
        get(PROVIDER, "Shows one").scope("tenant:read").tells_a(200, "Provider"),
        patch(PROVIDER, "Changes one; what is left out stays")
            .scope("tenant:write")
            .takes_as("application/json", json!({ "type": "object" }))
            .tells_a(200, "Provider"),
        delete(PROVIDER, "Removes one; the accounts that it made stay").scope("tenant:write").says(204),
    ]
}
