-- Files. Their bytes lie in the store of blobs under ids of ours; everything else about them is here.

-- `view` is what the language of documents sees of a file, as JSON. `links` grows when signed links are withdrawn.
CREATE TABLE files (
    tenant_id     TEXT   NOT NULL,
    id            TEXT   NOT NULL,
    rev           BIGINT NOT NULL,
    owner         TEXT   NOT NULL,
    blob_id       TEXT   NOT NULL,
    size          BIGINT NOT NULL,
    sniffed       BIGINT NOT NULL,
    view          TEXT   NOT NULL,
    links         BIGINT NOT NULL,
    scan_due      BIGINT NOT NULL,
    downloads     BIGINT NOT NULL,
    downloaded_at BIGINT,
    created       TEXT   NOT NULL,
    updated       TEXT   NOT NULL,
    deleted_at    BIGINT,
    purge_at      BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX files_of ON files (tenant_id, owner);
CREATE INDEX files_purge ON files (purge_at);
CREATE INDEX files_scan ON files (scan_due) WHERE scan_due = 1;

-- Bytes that files are made of: the same bytes once within a tenant, and never shared between tenants.
CREATE TABLE blobs (
    tenant_id  TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    sha256     TEXT   NOT NULL,
    size       BIGINT NOT NULL,
    uses       BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, sha256, size)
);

-- Bytes that no file is made of: not yet, or not any more. What is still here at `ends_at` is removed from the store,
-- and what was reserved for it becomes free.
CREATE TABLE loose_blobs (
    tenant_id      TEXT   NOT NULL,
    id             TEXT   NOT NULL,
    subject        TEXT   NOT NULL,
    reserved_files BIGINT NOT NULL,
    reserved_bytes BIGINT NOT NULL,
    ends_at        BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX loose_blobs_end ON loose_blobs (ends_at);

-- What is taken up, by the whole tenant (subject '') and by each owner.
CREATE TABLE archive_usage (
    tenant_id TEXT   NOT NULL,
    subject   TEXT   NOT NULL,
    files     BIGINT NOT NULL,
    bytes     BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, subject)
);

-- Who may do what with files, where a tenant has said so.
CREATE TABLE archive_rules (
    tenant_id  TEXT   NOT NULL,
    rules      TEXT   NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id)
);

-- Files that arrive in pieces (tus), and the pieces. Their bytes are reserved from the start.
CREATE TABLE uploads (
    tenant_id TEXT   NOT NULL,
    id        TEXT   NOT NULL,
    owner     TEXT   NOT NULL,
    length    BIGINT NOT NULL,
    received  BIGINT NOT NULL,
    pieces    BIGINT NOT NULL,
    about     TEXT   NOT NULL,
    ends_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX uploads_end ON uploads (ends_at);

CREATE TABLE upload_pieces (
    tenant_id TEXT   NOT NULL,
    upload_id TEXT   NOT NULL,
    start     BIGINT NOT NULL,
    length    BIGINT NOT NULL,
    blob_id   TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, upload_id, start)
);
