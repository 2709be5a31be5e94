-- Tenants, people, clients, keys: what has to be known before a token can be issued.

CREATE TABLE tenants (
    id         TEXT   NOT NULL PRIMARY KEY,
    slug       TEXT   NOT NULL UNIQUE,
    name       TEXT   NOT NULL,
    status     TEXT   NOT NULL,
    settings   TEXT   NOT NULL,
    version    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE tenant_domains (
    tenant_id   TEXT   NOT NULL REFERENCES tenants (id),
    domain      TEXT   NOT NULL,
    verified_at BIGINT,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, domain)
);
CREATE UNIQUE INDEX tenant_domains_verified ON tenant_domains (domain) WHERE verified_at IS NOT NULL;

CREATE TABLE users (
    tenant_id      TEXT   NOT NULL REFERENCES tenants (id),
    id             TEXT   NOT NULL,
    email          TEXT,
    email_key      TEXT,
    email_verified BIGINT NOT NULL,
    username       TEXT,
    username_key   TEXT,
    status         TEXT   NOT NULL,
    role           TEXT   NOT NULL,
    profile        TEXT   NOT NULL,
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    last_login_at  BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX users_email ON users (tenant_id, email_key);
CREATE UNIQUE INDEX users_username ON users (tenant_id, username_key);

CREATE TABLE passwords (
    tenant_id  TEXT   NOT NULL,
    user_id    TEXT   NOT NULL,
    hash       TEXT   NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id)
);

CREATE TABLE clients (
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id),
    id         TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    status     TEXT   NOT NULL,
    metadata   TEXT   NOT NULL,
    policy     TEXT   NOT NULL,
    version    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE client_secrets (
    tenant_id  TEXT   NOT NULL,
    client_id  TEXT   NOT NULL,
    digest     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    PRIMARY KEY (tenant_id, client_id, digest)
);

CREATE TABLE api_keys (
    tenant_id    TEXT   NOT NULL REFERENCES tenants (id),
    id           TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    prefix       TEXT   NOT NULL,
    digest       TEXT   NOT NULL,
    scope        TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT,
    revoked_at   BIGINT,
    last_used_at BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX api_keys_digest ON api_keys (tenant_id, digest);

CREATE TABLE signing_keys (
    tenant_id    TEXT   NOT NULL REFERENCES tenants (id),
    kid          TEXT   NOT NULL,
    alg          TEXT   NOT NULL,
    state        TEXT   NOT NULL,
    public_jwk   TEXT   NOT NULL,
    sealed_jwk   TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    activates_at BIGINT NOT NULL,
    retires_at   BIGINT,
    PRIMARY KEY (tenant_id, kid)
);
CREATE UNIQUE INDEX signing_keys_one_per_state ON signing_keys (tenant_id, alg, state)
    WHERE state IN ('next', 'current');
CREATE INDEX signing_keys_due ON signing_keys (state, activates_at);
CREATE INDEX signing_keys_over ON signing_keys (state, retires_at);

CREATE TABLE audit_events (
    tenant_id  TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    action     TEXT   NOT NULL,
    actor      TEXT,
    target     TEXT,
    result     TEXT   NOT NULL,
    detail     TEXT   NOT NULL,
    ip         TEXT,
    user_agent TEXT,
    request_id TEXT,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
