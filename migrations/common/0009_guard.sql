-- What keeps guessers out and owners in.

-- Browsers in which a person has signed in. `remembered_until`: until then no second factor is asked for there.
CREATE TABLE known_devices (
    tenant_id        TEXT   NOT NULL,
    user_id          TEXT   NOT NULL,
    digest           TEXT   NOT NULL,
    remembered_until BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id, digest)
);
CREATE INDEX known_devices_expiry ON known_devices (expires_at);

-- How often something happened since a window began; names are digests of what was typed.
CREATE TABLE counters (
    tenant_id TEXT   NOT NULL,
    name      TEXT   NOT NULL,
    count     BIGINT NOT NULL,
    ends_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, name)
);
CREATE INDEX counters_expiry ON counters (ends_at);
