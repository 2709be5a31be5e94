-- Second factors and passkeys.

-- Seeds are sealed; `last_step` is the last time step whose code was accepted.
CREATE TABLE totp_factors (
    tenant_id  TEXT   NOT NULL,
    user_id    TEXT   NOT NULL,
    sealed     TEXT   NOT NULL,
    last_step  BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id)
);

CREATE TABLE recovery_codes (
    tenant_id  TEXT   NOT NULL,
    user_id    TEXT   NOT NULL,
    digest     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    used_at    BIGINT,
    PRIMARY KEY (tenant_id, user_id, digest)
);

CREATE TABLE passkeys (
    tenant_id     TEXT   NOT NULL,
    id            TEXT   NOT NULL,
    user_id       TEXT   NOT NULL,
    credential_id TEXT   NOT NULL,
    name          TEXT   NOT NULL,
    credential    TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    last_used_at  BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX passkeys_credential ON passkeys (tenant_id, credential_id);
CREATE INDEX passkeys_user ON passkeys (tenant_id, user_id);

-- Since when a person without a second factor is asked for one.
CREATE TABLE factor_grace (
    tenant_id TEXT   NOT NULL,
    user_id   TEXT   NOT NULL,
    since     BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id)
);
