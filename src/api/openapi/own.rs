//! What people do with their own account.

use super::operation::{Operation, delete, get, patch, post};
use crate::http::routes::{
    AUTH_ME, ME, MY_APPLICATION, MY_APPLICATIONS, MY_DATA, MY_EMAIL, MY_EVENTS, MY_IDENTITIES, MY_IDENTITY, MY_MFA,
    MY_PASSKEY, MY_PASSKEYS, MY_PASSKEYS_BEGIN, MY_PASSWORD, MY_RECOVERY_CODES, MY_SESSION, MY_SESSIONS, MY_TOTP,
    MY_TOTP_CONFIRM,
};
use serde_json::json;

pub(super) fn operations() -> Vec<Operation> {
    let own = vec![
        get(ME, "Who I am").tells_a(200, "Person"),
        get(AUTH_ME, "Who I am").tells_a(200, "Person"),
        patch(ME, "Changes profile and metadata; what is not named stays")
            .takes_as("application/json", json!({ "type": "object" }))
            .tells_a(200, "Person"),
        delete(ME, "Deletes my account").tells(200, "id: text, status: 'deleted', restorable_until: time"),
        get(MY_EVENTS, "What happened to my account")
            .query("cursor", "`meta.next_cursor` of the page before.")
            .query("limit", "From 1 to 200.")
            .lists("Activity", "next_cursor: text|null"),
        post(MY_DATA, "All that is kept about me").tells_a(200, "map"),
        post(MY_PASSWORD, "Changes my password")
            .takes("current_password?: text|null, old_password?: text|null, new_password: text, new_password_confirm?: text|null")
            .tells(200, "status: 'password_changed'"),
        post(MY_EMAIL, "Changes my address")
            .takes("email?: text, new_email?: text, current_password?: text|null")
            .tells(202, "status: 'accepted'"),
        get(MY_APPLICATIONS, "The applications that may act for me").lists("map", ""),
        delete(MY_APPLICATION, "Takes back what an application was given").tells(200, "client_id: text, ended: bool"),
        get(MY_SESSIONS, "Where I am signed in").lists("Session", ""),
        delete(MY_SESSIONS, "Signs me out everywhere")
            .query("except", "`current`: but for this session.")
            .tells(200, "ended: int"),
        delete(MY_SESSION, "Ends one session").tells(200, "ended: int"),
        get(MY_IDENTITIES, "My accounts elsewhere").lists("Identity", ""),
        delete(MY_IDENTITY, "Unlinks one").says(204),
        get(MY_MFA, "My second factors").tells(200, "totp: map|null, passkeys: int, recovery_codes_left: int, required: bool"),
        post(MY_TOTP, "Begins to set up an authenticator app").tells_a(201, "TotpSetup"),
        post(MY_TOTP_CONFIRM, "Its first code").takes("code: text").tells(201, "recovery_codes: [text]"),
        delete(MY_TOTP, "Removes it").says(204),
        post(MY_RECOVERY_CODES, "New recovery codes").tells(201, "recovery_codes: [text]"),
        get(MY_PASSKEYS, "My passkeys").lists("Passkey", ""),
        post(MY_PASSKEYS_BEGIN, "Begins to make one").tells_a(201, "Ceremony"),
        post(MY_PASSKEYS, "Keeps what the authenticator made")
            .takes("ceremony: text, credential: map, name?: text")
            .tells_a(201, "Passkey"),
        patch(MY_PASSKEY, "Renames one").takes("name: text").says(204),
        delete(MY_PASSKEY, "Removes one").says(204),
    ];
    own.into_iter().map(Operation::person).collect()
}
