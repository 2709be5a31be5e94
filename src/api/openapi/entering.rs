//! Sign-up, sign-in, recovery.

use super::operation::{Operation, get, post};
use crate::http::routes::{
    AUTH_LOGIN, AUTH_LOGOUT, AUTH_MFA_CHALLENGE, AUTH_MFA_VERIFY, AUTH_PASSKEYS_BEGIN, AUTH_PASSKEYS_COMPLETE,
    AUTH_PASSWORDLESS_COMPLETE, AUTH_PASSWORDLESS_START, AUTH_SESSION, CONFIRM_EMAIL, FORGOT, OFFERED_PROVIDERS,
    REGISTER, RESET, UNDO_EMAIL, VERIFY, VERIFY_AGAIN, VERIFY_CHECK, WHOAMI,
};

/// What may be wished for at the end of every sign-in.
const WISH: &str = "client_id?: text|null, scope?: text|null, session?: 'tokens'|'cookie', remember_me?: bool";
const CEREMONY: &str = "ceremony: text, options: map";

pub(super) fn operations() -> Vec<Operation> {
    let with_wish = |own: &str| format!("{own}, {WISH}");
    vec![
        get(WHOAMI, "Who a credential belongs to, and what it may do")
            .scope("")
            .answers(200, "application/json", super::schema::object("sub: text, tenant: text, scope: text, client_id?: text, api_key_id?: text")),
        post(REGISTER, "Signs up; the same answer whoever the address belongs to")
            .takes("email?: text, username?: text|null, password?: text|null, full_name?: text|null, locale?: text|null, redirect?: text|null, metadata?: map|null")
            .tells(202, "status: 'accepted'")
            .tells_a(201, "SignedIn"),
        post(VERIFY, "Proves an address with the link of a mail")
            .takes("token: text, password?: text|null")
            .tells(200, "user: User, redirect_url: text|null, username_taken: bool"),
        post(VERIFY_CHECK, "What a link still needs; it is not used up")
            .takes("token: text")
            .tells(200, "password_required: bool, email_masked: text"),
        post(VERIFY_AGAIN, "Sends the link again").takes("email: text").tells(202, "status: 'accepted'"),
        post(FORGOT, "Sends a link to a new password").takes("email: text").tells(202, "status: 'accepted'"),
        post(RESET, "Sets a new password with the link of a mail")
            .takes("token: text, password: text, password_confirm?: text|null")
            .tells(200, "status: 'password_reset'"),
        post(CONFIRM_EMAIL, "Confirms a new address").takes("token: text").tells(200, "user: User"),
        post(UNDO_EMAIL, "Undoes the change of an address").takes("token: text").tells(200, "user: User"),
        post(AUTH_LOGIN, "Signs in by password")
            .takes(&with_wish("identifier?: text|null, email?: text|null, username?: text|null, password: text"))
            .tells_a(200, "SignedIn|SecondFactorDue"),
        post(AUTH_MFA_CHALLENGE, "Begins a second factor")
            .takes("mfa_token: text, method: text")
            .tells_a(200, "Ceremony|TotpSetup"),
        post(AUTH_MFA_VERIFY, "Shows a second factor")
            .takes("mfa_token: text, method: text, code?: text|null, ceremony?: text|null, credential?: any")
            .tells_a(200, "SignedIn"),
        post(AUTH_PASSKEYS_BEGIN, "Begins a sign-in by passkey").takes("").tells(200, CEREMONY),
        post(AUTH_PASSKEYS_COMPLETE, "Signs in by passkey")
            .takes(&with_wish("ceremony: text, credential: map"))
            .tells_a(200, "SignedIn|SecondFactorDue"),
        post(AUTH_PASSWORDLESS_START, "Sends a code by mail").takes("email: text").tells(202, "flow_token: text, expires_in: int"),
        post(AUTH_PASSWORDLESS_COMPLETE, "Signs in by the code of a mail")
            .takes(&with_wish("flow_token: text, code: text"))
            .tells_a(200, "SignedIn|SecondFactorDue"),
        get(AUTH_SESSION, "The session of a credential")
            .person()
            .tells(200, "user_id: text, tenant: text, session: Proof|null, csrf_token: text|null"),
        post(AUTH_LOGOUT, "Signs out").person().takes("all?: bool").tells(200, "ended: bool"),
        get(OFFERED_PROVIDERS, "Whom people can sign in with")
            .query("email", "Only the one that this address belongs to.")
            .lists("OfferedProvider", ""),
    ]
}
