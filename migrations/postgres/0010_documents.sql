-- Documents. A collection belongs to one tenant, and its number is in the key of everything: there is no other way to
-- a document. Texts compare by code point, as everywhere in the language.
CREATE TABLE collections (
    coll       BIGSERIAL PRIMARY KEY,
    tenant_id  TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    definition TEXT   NOT NULL,
    version    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (tenant_id, name)
);

CREATE TABLE documents (
    seq     BIGSERIAL PRIMARY KEY,
    coll    BIGINT             NOT NULL,
    id      TEXT   COLLATE "C" NOT NULL,
    rev     BIGINT             NOT NULL,
    owner   TEXT   COLLATE "C",
    created TEXT   COLLATE "C" NOT NULL,
    updated TEXT   COLLATE "C" NOT NULL,
    body    JSONB              NOT NULL,
    UNIQUE (coll, id)
);
CREATE INDEX documents_owner ON documents (coll, owner);

-- What was answered to a request that may come again under the same key: `request` is the digest of who asked what
-- under which key, `digest` that of its body.
CREATE TABLE replays (
    tenant_id  TEXT   NOT NULL,
    request    TEXT   NOT NULL,
    digest     TEXT   NOT NULL,
    answer     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, request)
);
CREATE INDEX replays_created ON replays (created_at);
