//! Files.

use serde_json::{Value, json};

use super::operation::{Operation, delete, get, head, options, patch, post, put};
use crate::http::routes::{
    ARCHIVE_CONTENT, ARCHIVE_FILE, ARCHIVE_FILES, ARCHIVE_RULES, ARCHIVE_SIGN_UPLOAD, ARCHIVE_UPLOAD, ARCHIVE_UPLOADS,
    ARCHIVE_USAGE,
};

const READ: &str = "archive:read";
const WRITE: &str = "archive:write";
const ADMIN: &str = "archive:admin";

pub(super) fn operations() -> Vec<Operation> {
    let mut all = files();
    all.extend(contents());
    all.extend(uploads());
    all.extend(governing());
    all
}

fn files() -> Vec<Operation> {
    vec![
        get(ARCHIVE_FILES, "Lists files")
            .scope(READ)
            .query("filter", "In the language of documents, as JSON.")
            .query("sort", "Fields, descending with `-`.")
            .query("limit", "From 0 to 1,000; 50 if absent.")
            .query("cursor", "`meta.next` of the page before.")
            .query("count", "`true`: how many there are in all.")
            .lists("map", "next: text|null, count?: int"),
        bytes(post(ARCHIVE_FILES, "Uploads a file, as it is or in a form"))
            .takes_as("multipart/form-data", json!({ "type": "object" }))
            .tells_a(201, "map"),
        get(ARCHIVE_FILE, "What is known of a file").scope(READ).tells_a(200, "map").says(304),
        post(ARCHIVE_FILE, "With `:sign` after the id, a link that works without a credential")
            .scope(READ)
            .takes("method?: text|null, expires_in?: int|null, download?: text|null")
            .tells(201, "url: text, method: text, expires_at: time")
            .tells_a(200, "map"),
        patch(ARCHIVE_FILE, "Changes what was said of a file")
            .scope(WRITE)
            .takes_as("application/json", json!({ "type": "object" }))
            .takes_as("application/merge-patch+json", json!({ "type": "object" }))
            .tells_a(200, "map"),
        delete(ARCHIVE_FILE, "Removes a file; `?purge=true` for ever")
            .scope(WRITE)
            .query("purge", "`true`: for ever.")
            .says(204),
    ]
}

fn contents() -> Vec<Operation> {
    vec![
        get(ARCHIVE_CONTENT, "The bytes, or a part of them")
            .scope(READ)
            .query("download", "A name to save it by.")
            .query("variant", "A size of smaller pictures that the server is configured to make.")
            .header("Range", "Which part.")
            .header("If-None-Match", "The entity tag that the caller has.")
            .answers(200, "*/*", json!({}))
            .answers(206, "*/*", json!({}))
            .says(304),
        bytes(put(ARCHIVE_CONTENT, "Other bytes")).tells_a(200, "map").tells_a(201, "map"),
    ]
}

fn uploads() -> Vec<Operation> {
    vec![
        options(ARCHIVE_UPLOADS, "What resumable uploads can do here (tus 1.0)").says(204),
        post(ARCHIVE_UPLOADS, "Begins a resumable upload").scope(WRITE).says(201),
        head(ARCHIVE_UPLOAD, "How far it is").scope(WRITE).says(200),
        patch(ARCHIVE_UPLOAD, "The next part")
            .scope(WRITE)
            .takes_as("application/offset+octet-stream", json!({}))
            .says(204),
        delete(ARCHIVE_UPLOAD, "Gives it up").scope(WRITE).says(204),
        options(ARCHIVE_UPLOAD, "What resumable uploads can do here (tus 1.0)").says(204),
    ]
}

fn governing() -> Vec<Operation> {
    vec![
        post(ARCHIVE_SIGN_UPLOAD, "A link to upload by without a credential")
            .scope(WRITE)
            .takes_as("application/json", json!({ "type": "object" }))
            .tells_a(201, "map"),
        get(ARCHIVE_USAGE, "How much is kept, and how much may be").scope(READ).tells_a(200, "map"),
        get(ARCHIVE_RULES, "Who may do what").scope(ADMIN).tells_a(200, "map"),
        put(ARCHIVE_RULES, "Says who may do what")
            .scope(ADMIN)
            .takes_as("application/json", json!({ "type": "object" }))
            .tells_a(200, "map"),
    ]
}

fn bytes(operation: Operation) -> Operation {
    let anything: Value = json!({});
    operation
        .scope(WRITE)
        .takes_as("*/*", anything)
        .header("Content-Digest", "What the bytes have to come to (RFC 9530).")
}
