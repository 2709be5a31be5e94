-- Finding people among a million: by what they are called, and by what they are.

ALTER TABLE users ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN surname_key TEXT NOT NULL DEFAULT '';
UPDATE users SET name_key = lower(COALESCE(json_extract(profile, '$.name'), '')),
    surname_key = lower(COALESCE(json_extract(profile, '$.family_name'), ''));

CREATE INDEX users_name ON users (tenant_id, name_key, id) WHERE name_key <> '';
CREATE INDEX users_surname ON users (tenant_id, surname_key, id) WHERE surname_key <> '';
CREATE INDEX users_created ON users (tenant_id, created_at, id);
CREATE INDEX users_not_active ON users (tenant_id, status, created_at, id) WHERE status <> 'active';
CREATE INDEX users_unverified ON users (tenant_id, created_at, id) WHERE email_verified = 0;

-- How a secret begins, to recognise it by.
ALTER TABLE client_secrets ADD COLUMN prefix TEXT NOT NULL DEFAULT '';

-- What was answered to a request that may come again under the same key, sealed: `request` is the digest of who asked
-- what under which key, `digest` that of its body. Without an answer it is being done.
CREATE TABLE created_replays (
    tenant_id  TEXT   NOT NULL,
    request    TEXT   NOT NULL,
    digest     TEXT   NOT NULL,
    answer     TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, request)
);
CREATE INDEX created_replays_created ON created_replays (created_at);
