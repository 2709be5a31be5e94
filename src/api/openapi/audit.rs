//! What happened at a tenant, and what was refused.

use super::operation::{Operation, get, post};
use crate::http::routes::{
    AUDIT_ACTIONS, AUDIT_EVENT, AUDIT_EVENTS, AUDIT_EXPORT, AUDIT_TAIL, AUDIT_VERIFY, AUTHORIZATION_CHECK, REFUSAL,
    REFUSALS,
};
use serde_json::json;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        filtered(get(AUDIT_EVENTS, "Lists what happened, the newest first"))
            .query("limit", "From 1 to 200.")
            .query("cursor", "`meta.next_cursor` of the page before.")
            .lists("Event", "next_cursor: text|null"),
        get(AUDIT_EVENT, "One event").scope("audit:read").tells_a(200, "Event"),
        get(AUDIT_ACTIONS, "The kinds of events that there are").scope("audit:read").tells(200, "actions: [text]"),
        filtered(get(AUDIT_EXPORT, "All of it as a file"))
            .query("format", "`ndjson` or `csv`.")
            .answers(200, "application/x-ndjson", json!({ "type": "string" }))
            .also(200, "text/csv", json!({ "type": "string" })),
        filtered(get(AUDIT_TAIL, "Events as they happen"))
            .header("Last-Event-ID", "The number of the last event that was seen.")
            .answers(200, "text/event-stream", json!({ "type": "string" })),
        get(AUDIT_VERIFY, "Whether every row is as it was written").scope("audit:read").tells(
            200,
            "ok: bool, rows: int, seq: int, hash: text, removed_up_to: int, erased: int, waiting: int, misfit: Misfit|null",
        ),
        get(REFUSALS, "Lists requests that were refused, the newest first")
            .scope("audit:read")
            .query("limit", "From 1 to 200.")
            .query("cursor", "`meta.next_cursor` of the page before.")
            .lists("Refusal", "next_cursor: text|null"),
        get(REFUSAL, "Why a request was refused, by its id").scope("audit:read").tells_a(200, "Refusal"),
        post(AUTHORIZATION_CHECK, "Whether an authorization request keeps all rules, without any effect")
            .scope("clients:read")
            .takes("url?: text|null, parameters?: map|null")
            .tells(
                200,
                "accepted: bool, rules: [CheckedRule], refused: CheckedRule|null, told_by: text|null, scope: text|null",
            ),
    ]
}

fn filtered(operation: Operation) -> Operation {
    operation
        .scope("audit:read")
        .query("action", "Names, or kinds as `user.*`, separated by commas.")
        .query("actor", "Who: a user, client or key id.")
        .query("target", "To whom or what.")
        .query("result", "`success`, or the code of the refusal.")
        .query("request_id", "In which request.")
        .query("from", "Not before this time.")
        .query("to", "Before this time.")
}
