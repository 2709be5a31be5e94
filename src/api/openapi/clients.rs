//! Clients, keys, sessions and grants, as administrators and programs manage them.

use serde_json::json;

use super::operation::{Operation, delete, get, patch, post};
use crate::http::routes::{
    API_KEY, API_KEYS, CLIENT, CLIENT_DISABLE, CLIENT_ENABLE, CLIENT_ROTATE, CLIENT_SECRET, CLIENT_SECRETS, CLIENTS,
    GRANT, GRANTS, RESOURCE_SERVER, RESOURCE_SERVERS, SESSION, SESSIONS, SIGNING_KEY, SIGNING_KEYS,
    SIGNING_KEYS_ROTATE,
};

const READ: &str = "clients:read";
const WRITE: &str = "clients:write";
/// What a key against doing things twice is for.
const ONCE: &str = "A request that comes again under it is answered as the first one was.";

pub(super) fn operations() -> Vec<Operation> {
    vec![
        get(CLIENTS, "Lists clients, by id")
            .scope(READ)
            .query("q", "What an id begins with, or a name has in it.")
            .query("type", "`confidential`, `public` or `service`.")
            .query("status", "`active` or `disabled`.")
            .query("cursor", "`meta.next_cursor` of the page before.")
            .query("limit", "From 1 to 200.")
            .lists("Client", "next_cursor: text|null"),
        post(CLIENTS, "Registers one: the members of RFC 7591, and `type` and `policy`; its secret is told this once")
            .header("Idempotency-Key", ONCE)
            .scope(WRITE)
            .takes_as("application/json", json!({ "type": "object" }))
            .tells_a(201, "Client"),
        get(CLIENT, "Shows one").scope(READ).tells_a(200, "Client"),
        patch(CLIENT, "Changes one (RFC 7396); what is left out stays")
            .scope(WRITE)
            .header("If-Match", "The entity tag that is changed.")
            .takes_as("application/json", json!({ "type": "object" }))
            .tells_a(200, "Client"),
        delete(CLIENT, "Removes one, and ends its tokens and what people allowed it").scope(WRITE).says(204),
        post(CLIENT_ENABLE, "Lets it do something again").scope(WRITE).tells_a(200, "Client"),
        post(CLIENT_DISABLE, "Lets it do nothing; its tokens are refused at once").scope(WRITE).tells_a(200, "Client"),
        post(CLIENT_ROTATE, "Gives another secret, told this once; those before work `overlap` seconds longer")
            .scope(WRITE)
            .takes("overlap?: int")
            .tells(201, "client_id: text, client_secret: text"),
        get(CLIENT_SECRETS, "Its secrets, by how they begin").scope(READ).lists("ClientSecret", ""),
        get(RESOURCE_SERVERS, "Lists the tenant's own APIs").scope(READ).lists("ResourceServer", ""),
        post(RESOURCE_SERVERS, "Adds one: its audience (RFC 8707) and its scopes")
            .header("Idempotency-Key", ONCE)
            .scope(WRITE)
            .takes("audience: text, name?: text, scopes?: [ServerScope], token_lifetime?: int|null, token_format?: text|null")
            .tells_a(201, "ResourceServer"),
        get(RESOURCE_SERVER, "Shows one").scope(READ).tells_a(200, "ResourceServer"),
        patch(RESOURCE_SERVER, "Changes one (RFC 7396); its audience stays")
            .scope(WRITE)
            .takes_as("application/json", json!({ "type": "object" }))
            .tells_a(200, "ResourceServer"),
        delete(RESOURCE_SERVER, "Takes one away; its scopes are worth nothing from then on").scope(WRITE).says(204),
        get(API_KEYS, "Lists API keys, ended ones included, without the keys themselves")
            .scope("keys:write")
            .query("cursor", "`meta.next_cursor` of the page before.")
            .query("limit", "From 1 to 200.")
            .lists("ApiKey", "next_cursor: text|null"),
        post(API_KEYS, "Makes one within one's own scope; it is told this once")
            .header("Idempotency-Key", ONCE)
            .scope("keys:write")
            .takes("name: text, scope: text, expires_at?: time|null")
            .tells_a(201, "ApiKey"),
        delete(API_KEY, "Ends one at once").scope("keys:write").says(204),
        get(SIGNING_KEYS, "The keys that are published").scope("tenant:read").lists("SigningKey", ""),
        post(SIGNING_KEYS_ROTATE, "Lets the next keys sign; those before are published until their tokens are dead")
            .scope("keys:write")
            .takes("alg?: 'RS256'|'ES256'|'EdDSA'")
            .tells_a(200, "[SigningKey]"),
        delete(SIGNING_KEY, "Refuses the tokens of a key that signed before, at once").scope("keys:write").says(204),
        get(SESSIONS, "Where anybody is signed in, the newest first")
            .scope("sessions:read")
            .query("cursor", "`meta.next_cursor` of the page before.")
            .query("limit", "From 1 to 200.")
            .lists("Session", "next_cursor: text|null"),
        delete(SESSION, "Ends one").scope("sessions:revoke").tells(200, "ended: int"),
        get(GRANTS, "What clients may do, the newest first")
            .scope("sessions:read")
            .query("user", "For this person.")
            .query("client", "That was given to this client.")
            .query("cursor", "`meta.next_cursor` of the page before.")
            .query("limit", "From 1 to 200.")
            .lists("Grant", "next_cursor: text|null"),
        delete(GRANT, "Ends one, and every token that was issued from it").scope("sessions:revoke").tells(200, "ended: int"),
        delete(CLIENT_SECRET, "Ends one of them at once").scope(WRITE).says(204),
    ]
}
