-- What stands around documents: the indexes that collections declare, how much everybody has, and what has changed.

-- The indexes of a collection as they are kept: a list of {"slot", "index"}. Entries of slot s stand under
-- coll * 16 + s; those of documents with several entries stand under the negative number too.
ALTER TABLE collections ADD COLUMN indexes TEXT NOT NULL DEFAULT '[]';

CREATE TABLE document_entries (
    idx   BIGINT  NOT NULL,
    key   BYTEA  NOT NULL,
    id    TEXT COLLATE "C" NOT NULL,
    edges SMALLINT NOT NULL,
    PRIMARY KEY (idx, key, id)
);

-- What only one document of a collection may have, by its digest.
CREATE TABLE document_claims (
    idx    BIGINT  NOT NULL,
    digest TEXT    NOT NULL,
    id     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (idx, digest)
);

-- How much a tenant (holder ''), a collection ('c:<number>') or an owner ('s:<subject>') has. `changes` numbers the
-- changes of a tenant: its row is the last one that a transaction takes, so the numbers are in the order of commits.
CREATE TABLE document_counters (
    tenant_id TEXT    NOT NULL,
    holder    TEXT    NOT NULL,
    documents BIGINT  NOT NULL,
    bytes     BIGINT  NOT NULL,
    changes   BIGINT  NOT NULL,
    PRIMARY KEY (tenant_id, holder)
);

-- The last changes, for those who watch.
CREATE TABLE document_changes (
    tenant_id TEXT    NOT NULL,
    seq       BIGINT  NOT NULL,
    coll      BIGINT  NOT NULL,
    at        BIGINT  NOT NULL,
    before    TEXT,
    after     TEXT,
    PRIMARY KEY (tenant_id, seq)
);
CREATE INDEX document_changes_at ON document_changes (at);

-- Who changed documents, of collections that want to know.
CREATE TABLE document_audits (
    tenant_id  TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    at         BIGINT  NOT NULL,
    collection TEXT    NOT NULL,
    document   TEXT    NOT NULL,
    action     TEXT    NOT NULL,
    rev        BIGINT  NOT NULL,
    actor      TEXT    NOT NULL,
    request_id TEXT,
    PRIMARY KEY (tenant_id, id)
);
