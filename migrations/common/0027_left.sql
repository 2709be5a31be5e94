-- Smaller pictures of files: made when they are first asked for, of the bytes that the file has then. They go with the
-- file, and count towards what its owner takes up.
CREATE TABLE thumbnails (
    tenant_id TEXT   NOT NULL,
    file_id   TEXT   NOT NULL,
    name      TEXT   NOT NULL,
    made_of   TEXT   NOT NULL,
    blob_id   TEXT   NOT NULL,
    kind      TEXT   NOT NULL,
    size      BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, file_id, name)
);

-- Erased people whose documents are still to be removed: those lie in a database of their own.
CREATE TABLE owner_erasures (
    tenant_id TEXT   NOT NULL,
    owner     TEXT   NOT NULL,
    due_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, owner)
);
