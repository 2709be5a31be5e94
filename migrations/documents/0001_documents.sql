-- Documents have a file of their own on SQLite, so that their writer never stands in the way of identity's.
-- A collection belongs to one tenant, and its number is in the key of everything: there is no other way to a document.
-- AUTOINCREMENT: a number that led to removed documents never leads to another collection.
CREATE TABLE collections (
    coll       INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id  TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    definition TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (tenant_id, name)
);

CREATE TABLE documents (
    seq     INTEGER PRIMARY KEY,
    coll    INTEGER NOT NULL,
    id      TEXT    NOT NULL,
    rev     INTEGER NOT NULL,
    owner   TEXT,
    created TEXT    NOT NULL,
    updated TEXT    NOT NULL,
    body    BLOB    NOT NULL,
    UNIQUE (coll, id)
);
CREATE INDEX documents_owner ON documents (coll, owner);

-- What was answered to a request that may come again under the same key: `request` is the digest of who asked what
-- under which key, `digest` that of its body.
CREATE TABLE replays (
    tenant_id  TEXT    NOT NULL,
    request    TEXT    NOT NULL,
    digest     TEXT    NOT NULL,
    answer     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, request)
) WITHOUT ROWID;
CREATE INDEX replays_created ON replays (created_at);
