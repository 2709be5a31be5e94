//! What administrators and programs do for a tenant.

use super::operation::{Operation, delete, get, patch, post, put};
use crate::http::routes::{
    BRANDING, BRANDING_LINT, BRANDING_PREVIEW, BRANDING_PUBLISH, BRANDING_ROLLBACK, BRANDING_VERSIONS, INVITATION,
    INVITATION_ACCEPT, INVITATION_AGAIN, INVITATIONS, MAIL, MAIL_RETRY, MAIL_SETTINGS, MAIL_TEST, MAILS, PROVIDER,
    PROVIDERS, USER, USER_ACTIVATE, USER_APPLICATION, USER_APPLICATIONS, USER_FACTOR, USER_FACTORS,
    USER_PASSWORD_RESET, USER_RESTORE, USER_ROLE, USER_SESSION, USER_SESSIONS, USER_SUSPEND, USER_VERIFICATION, USERS,
    USERS_EXPORT, USERS_IMPORT,
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
            .header("Idempotency-Key", "A request that comes again under it is answered as the first one was.")
            .scope("users:write")
            .takes("email?: text|null, email_verified?: bool, username?: text|null, password?: text|null, password_hash?: text|null, password_never_cut?: bool, full_name?: text|null, locale?: text|null, role?: Role, send_invite?: bool")
            .tells_a(201, "User"),
        get(USERS, "Lists people, the newest first; with `q` by the name that begins like it")
            .scope("users:read")
            .query("q", "How an address, a user name, a name or a family name begins.")
            .query("email", "Of this address.")
            .query("username", "Of this user name.")
            .query("role", "`owner`, `admin`, `support` or `user`.")
            .query("status", "`active`, `suspended` or `deleted`; all but deleted people when absent.")
            .query("verified", "Whether the address is proven: `true` or `false`.")
            .query("created_after", "A time of RFC 3339.")
            .query("cursor", "`meta.next_cursor` of the page before.")
            .query("limit", "From 1 to 200.")
            .lists("Person", "next_cursor: text|null"),
        post(USERS_IMPORT, "Takes people in, one JSON object per line; tells of each line what became of it")
            .scope("users:write")
            .query("dry_run", "`true`: nothing stays.")
            .takes_as("application/x-ndjson", json!({ "type": "string" }))
            .answers(200, "application/x-ndjson", json!({ "type": "string" })),
        get(USERS_EXPORT, "Everybody, one JSON object per line, as they can be taken in elsewhere")
            .scope("users:read")
            .query("include_hashes", "`true`: with passwords' hashes; for owners who signed in just now.")
            .answers(200, "application/x-ndjson", json!({ "type": "string" })),
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
        put(USER_ROLE, "Gives another role, within one's own").scope("users:roles").takes("role: Role").tells_a(200, "Person"),
        post(USER_PASSWORD_RESET, "Mails a link to a new password, or answers it; with `force` the one before ends")
            .scope("users:write")
            .takes("send_mail?: bool, force?: bool")
            .tells(201, "link: text, expires_at: time")
            .tells(202, "status: 'accepted'"),
        get(USER_FACTORS, "Somebody's second factors")
            .scope("users:read")
            .tells(200, "totp: map|null, passkeys: [Passkey], recovery_codes_left: int, required: bool"),
        delete(USER_FACTORS, "Takes all of them away").scope("users:write").tells(200, "removed: int"),
        delete(USER_FACTOR, "Takes one away: `totp`, or a passkey by its id").scope("users:write").tells(200, "removed: int"),
        get(USER_APPLICATIONS, "What applications may do for somebody").scope("sessions:read").lists("Application", ""),
        delete(USER_APPLICATION, "Takes back what one was given").scope("sessions:revoke").tells(200, "client_id: text, ended: bool"),
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
