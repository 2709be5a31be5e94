//! JSON documents.

use serde_json::{Value, json};

use super::operation::{Operation, delete, get, patch, post, put};
use super::schema::of;
use crate::http::routes::{
    STORAGE, STORAGE_AGGREGATE, STORAGE_AUDIT, STORAGE_BATCH, STORAGE_COLLECTION, STORAGE_COUNT, STORAGE_DELETE,
    STORAGE_DISTINCT, STORAGE_DOCUMENT, STORAGE_DOCUMENTS, STORAGE_EXPORT, STORAGE_IMPORT, STORAGE_QUERY,
    STORAGE_TRANSACTION, STORAGE_UPDATE, STORAGE_VALIDATE, STORAGE_WATCH,
};

const READ: &str = "storage:read";
const WRITE: &str = "storage:write";
const ADMIN: &str = "storage:admin";

pub(super) fn operations() -> Vec<Operation> {
    let mut all = collections();
    all.extend(documents());
    all.extend(verbs());
    all.extend(streams());
    all
}

fn collections() -> Vec<Operation> {
    let definition = || of("map");
    vec![
        get(STORAGE, "The collections that the token may see").scope(READ).lists("map", ""),
        get(STORAGE_COLLECTION, "A collection's definition").scope(READ).tells_a(200, "map").says(304),
        put(STORAGE_COLLECTION, "Defines a collection")
            .scope(ADMIN)
            .takes_as("application/json", definition())
            .tells_a(200, "map")
            .tells_a(201, "map"),
        patch(STORAGE_COLLECTION, "Changes a definition; what is absent stays")
            .scope(ADMIN)
            .takes_as("application/json", definition())
            .takes_as("application/merge-patch+json", definition())
            .tells_a(200, "map"),
        delete(STORAGE_COLLECTION, "Drops a collection with all its documents")
            .scope(ADMIN)
            .query("confirm", "The collection's name, in place of `If-Match`.")
            .header("If-Match", "The definition's entity tag.")
            .tells_a(200, "map")
            .says(204),
    ]
}

fn documents() -> Vec<Operation> {
    let listed = get(STORAGE_DOCUMENTS, "Finds documents")
        .scope(READ)
        .query("filter", "In the language of documents, as JSON.")
        .query("sort", "Fields, descending with `-`: `-n,s`.")
        .query("fields", "Fields to show: `a,b.c`.")
        .query("limit", "From 0 to 1,000; 50 if absent.")
        .query("skip", "How many to leave out.")
        .query("cursor", "`meta.next` of the page before.")
        .query("count", "`true`: how many there are in all.")
        .lists("map", "next: text|null, count?: int");
    vec![
        listed,
        written(post(STORAGE_DOCUMENTS, "Stores a document"), &["application/json"])
            .header("Idempotency-Key", "The same key brings the same answer.")
            .tells_a(201, "map"),
        written(patch(STORAGE_DOCUMENTS, "Changes all documents that fit"), &["application/json"])
            .query("filter", "Which; `{}` has to be said.")
            .query("all", "`true`: an empty filter is meant.")
            .tells(200, "matched: int, modified: int"),
        delete(STORAGE_DOCUMENTS, "Removes all documents that fit")
            .scope(WRITE)
            .query("filter", "Which; `{}` has to be said.")
            .query("all", "`true`: an empty filter is meant.")
            .tells(200, "deleted: int"),
        get(STORAGE_DOCUMENT, "One document")
            .scope(READ)
            .query("fields", "Fields to show.")
            .tells_a(200, "map")
            .says(304),
        written(put(STORAGE_DOCUMENT, "Stores or replaces a document"), &["application/json"])
            .header("If-None-Match", "`*`: only if there is none.")
            .tells_a(200, "map")
            .tells_a(201, "map"),
        written(
            patch(STORAGE_DOCUMENT, "Changes a document"),
            &["application/json", "application/merge-patch+json", "application/json-patch+json"],
        )
        .tells_a(200, "map"),
        delete(STORAGE_DOCUMENT, "Removes a document").scope(WRITE).header("If-Match", "Its entity tag.").says(204),
    ]
}

/// What takes a document or a change, and answers nothing when that is preferred.
fn written(operation: Operation, media_types: &[&str]) -> Operation {
    let anything: Value = json!({});
    media_types
        .iter()
        .fold(operation.scope(WRITE), |operation, media_type| operation.takes_as(media_type, anything.clone()))
        .header("If-Match", "The entity tag that is changed.")
        .header("Prefer", "`return=minimal`: no body in the answer.")
        .says(204)
}

fn verbs() -> Vec<Operation> {
    let json = "application/json";
    vec![
        post(STORAGE_QUERY, "Finds documents, with a body")
            .scope(READ)
            .takes("filter?: map, sort?: any, projection?: map, skip?: int, limit?: int, cursor?: text, count?: bool")
            .lists("map", "next: text|null, count?: int"),
        post(STORAGE_COUNT, "Counts documents").scope(READ).takes("filter?: map").tells(200, "count: int"),
        post(STORAGE_DISTINCT, "The different values of a field")
            .scope(READ)
            .takes("field: text, filter?: map")
            .tells_a(200, "any"),
        post(STORAGE_AGGREGATE, "Runs a pipeline").scope(READ).takes("pipeline: [map]").tells_a(200, "[any]"),
        post(STORAGE_BATCH, "Stores several documents, all or none")
            .scope(WRITE)
            .takes("documents: [map]")
            .tells_a(201, "any")
            .says(204),
        post(STORAGE_UPDATE, "Changes documents")
            .scope(WRITE)
            .takes_as(json, of("map"))
            .tells_a(200, "map")
            .tells_a(201, "map")
            .says(204),
        post(STORAGE_DELETE, "Removes documents").scope(WRITE).takes_as(json, of("map")).tells(200, "deleted: int"),
        post(STORAGE_TRANSACTION, "Several changes in several collections, all or none")
            .scope(WRITE)
            .takes("operations: [map]")
            .tells_a(200, "any"),
    ]
}

fn streams() -> Vec<Operation> {
    let lines = "application/x-ndjson";
    vec![
        post(STORAGE_IMPORT, "Stores documents, one a line")
            .scope(WRITE)
            .query("on_conflict", "`error`, `skip` or `replace`.")
            .takes_as(lines, of("map"))
            .tells_a(200, "map"),
        get(STORAGE_EXPORT, "All documents, one a line").scope(READ).query("filter", "Which.").answers(
            200,
            lines,
            of("text"),
        ),
        get(STORAGE_WATCH, "Changes as they happen, as server-sent events")
            .scope(READ)
            .query("filter", "Of which documents.")
            .header("Last-Event-ID", "What the caller has seen.")
            .answers(200, "text/event-stream", of("text")),
        post(STORAGE_VALIDATE, "Holds the documents that are there against the schema")
            .scope(ADMIN)
            .takes_as("application/json", of("map"))
            .tells_a(200, "any"),
        get(STORAGE_AUDIT, "Who changed what")
            .scope(ADMIN)
            .query("cursor", "`meta.next` of the page before.")
            .query("limit", "How many.")
            .lists("map", "next?: text|null"),
    ]
}
