-- What is good for one use: mailed links, codes, ceremonies that somebody has begun. Only digests are kept.
CREATE TABLE one_time_secrets (
    tenant_id  TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    digest     TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    browser    TEXT,
    data       TEXT   NOT NULL,
    attempts   BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT,
    PRIMARY KEY (tenant_id, kind, digest)
);
CREATE INDEX one_time_secrets_subject ON one_time_secrets (tenant_id, subject, kind);
CREATE INDEX one_time_secrets_expiry ON one_time_secrets (expires_at);
