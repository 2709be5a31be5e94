-- Sign-in with others: who they are, whom of theirs we know as whom, and which sign-ins here rest on one there.

CREATE TABLE identity_providers (
    tenant_id     TEXT   NOT NULL REFERENCES tenants (id),
    id            TEXT   NOT NULL,
    slug          TEXT   NOT NULL,
    name          TEXT   NOT NULL,
    kind          TEXT   NOT NULL,
    enabled       BIGINT NOT NULL,
    settings      TEXT   NOT NULL,
    sealed_secret TEXT,
    version       BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX identity_providers_slug ON identity_providers (tenant_id, slug);

CREATE TABLE identities (
    tenant_id    TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    provider_id  TEXT   NOT NULL,
    subject      TEXT   NOT NULL,
    user_id      TEXT   NOT NULL,
    name         TEXT,
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX identities_subject ON identities (tenant_id, provider_id, subject);
CREATE INDEX identities_user ON identities (tenant_id, user_id);

-- `hint` is the upstream's ID token, sealed: it names the sign-in there when somebody signs out here.
CREATE TABLE upstream_sessions (
    tenant_id   TEXT   NOT NULL,
    session_id  TEXT   NOT NULL,
    provider_id TEXT   NOT NULL,
    subject     TEXT   NOT NULL,
    sid         TEXT,
    hint        TEXT,
    expires_at  BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, session_id)
);
CREATE INDEX upstream_sessions_subject ON upstream_sessions (tenant_id, provider_id, subject);
CREATE INDEX upstream_sessions_expiry ON upstream_sessions (expires_at);
