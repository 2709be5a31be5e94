-- Sessions, authorization requests, grants and the tokens issued from them.

CREATE TABLE browser_sessions (
    tenant_id  TEXT   NOT NULL,
    digest     TEXT   NOT NULL,
    data       TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, digest)
);
CREATE INDEX browser_sessions_expiry ON browser_sessions (expires_at);

CREATE TABLE sessions (
    tenant_id    TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    user_id      TEXT   NOT NULL,
    auth_time    BIGINT NOT NULL,
    amr          TEXT   NOT NULL,
    acr          TEXT   NOT NULL,
    ip           TEXT,
    user_agent   TEXT,
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    ended_at     BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX sessions_user ON sessions (tenant_id, user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE authorization_requests (
    tenant_id  TEXT   NOT NULL,
    digest     TEXT   NOT NULL,
    browser    TEXT   NOT NULL,
    request    TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT,
    PRIMARY KEY (tenant_id, digest)
);
CREATE INDEX authorization_requests_expiry ON authorization_requests (expires_at);

CREATE TABLE consents (
    tenant_id  TEXT   NOT NULL,
    user_id    TEXT   NOT NULL,
    client_id  TEXT   NOT NULL,
    scope      TEXT   NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id, client_id)
);

CREATE TABLE grants (
    tenant_id  TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    client_id  TEXT   NOT NULL,
    user_id    TEXT,
    session_id TEXT,
    scope      TEXT   NOT NULL,
    context    TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX grants_user ON grants (tenant_id, user_id);
CREATE INDEX grants_session ON grants (tenant_id, session_id);
CREATE INDEX grants_expiry ON grants (expires_at);

CREATE TABLE authorization_codes (
    tenant_id  TEXT   NOT NULL,
    digest     TEXT   NOT NULL,
    grant_id   TEXT   NOT NULL,
    request    TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT,
    PRIMARY KEY (tenant_id, digest)
);
CREATE INDEX authorization_codes_expiry ON authorization_codes (expires_at);

CREATE TABLE refresh_tokens (
    tenant_id  TEXT   NOT NULL,
    digest     TEXT   NOT NULL,
    grant_id   TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT,
    PRIMARY KEY (tenant_id, digest)
);
CREATE INDEX refresh_tokens_grant ON refresh_tokens (tenant_id, grant_id);
CREATE INDEX refresh_tokens_expiry ON refresh_tokens (expires_at);

-- Opaque access tokens; JWT access tokens have no row.
CREATE TABLE access_tokens (
    tenant_id  TEXT   NOT NULL,
    digest     TEXT   NOT NULL,
    claims     TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, digest)
);
CREATE INDEX access_tokens_expiry ON access_tokens (expires_at);

-- What must be refused before it expires: a token by its `jti`, everything of a grant, everything of a session.
CREATE TABLE revocations (
    tenant_id  TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    revoked_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, kind, id)
);
CREATE INDEX revocations_time ON revocations (revoked_at);
CREATE INDEX revocations_expiry ON revocations (expires_at);

-- `jti` of client assertions already seen (RFC 7523 §3 no. 7).
CREATE TABLE assertions (
    tenant_id  TEXT   NOT NULL,
    client_id  TEXT   NOT NULL,
    jti        TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, client_id, jti)
);
CREATE INDEX assertions_expiry ON assertions (expires_at);

CREATE TABLE mails (
    tenant_id  TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    recipient  TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    body_text  TEXT   NOT NULL,
    body_html  TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    sent_at    BIGINT,
    PRIMARY KEY (tenant_id, id)
);
