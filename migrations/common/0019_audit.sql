-- The audit trail as a chain per tenant, the ways to look through it, and why requests were refused.

-- Rows are inserted without these; the sealer gives them their place later, once. What is personal in a row enters the
-- chain as a salted digest, so that it can be erased with its salt and the chain still fits.
ALTER TABLE audit_events ADD COLUMN seq BIGINT;
ALTER TABLE audit_events ADD COLUMN salt TEXT;
ALTER TABLE audit_events ADD COLUMN personal TEXT;
ALTER TABLE audit_events ADD COLUMN hash TEXT;
CREATE UNIQUE INDEX audit_events_seq ON audit_events (tenant_id, seq) WHERE seq IS NOT NULL;
CREATE INDEX audit_events_unsealed ON audit_events (id) WHERE seq IS NULL;

-- Each filter by itself is answered from an index, the newest first.
DROP INDEX audit_events_actor;
DROP INDEX audit_events_target;
CREATE INDEX audit_events_at ON audit_events (tenant_id, at, id);
CREATE INDEX audit_events_action ON audit_events (tenant_id, action, at, id);
CREATE INDEX audit_events_result ON audit_events (tenant_id, result, at, id);
CREATE INDEX audit_events_actor ON audit_events (tenant_id, actor, at, id) WHERE actor IS NOT NULL;
CREATE INDEX audit_events_target ON audit_events (tenant_id, target, at, id) WHERE target IS NOT NULL;
CREATE INDEX audit_events_request ON audit_events (tenant_id, request_id, at, id) WHERE request_id IS NOT NULL;

-- The end of each tenant's chain, and where it begins since older rows were removed. `mac` is over all four under a key
-- that is not in the database.
CREATE TABLE audit_chains (
    tenant_id TEXT   NOT NULL PRIMARY KEY,
    seq       BIGINT NOT NULL,
    hash      TEXT   NOT NULL,
    cut_seq   BIGINT NOT NULL,
    cut_hash  TEXT   NOT NULL,
    mac       TEXT   NOT NULL
);

CREATE TABLE refusals (
    tenant_id   TEXT   NOT NULL,
    id          TEXT   NOT NULL,
    at          BIGINT NOT NULL,
    request_id  TEXT   NOT NULL,
    endpoint    TEXT   NOT NULL,
    client_id   TEXT,
    code        TEXT   NOT NULL,
    description TEXT   NOT NULL,
    rule        TEXT   NOT NULL,
    registered  TEXT,
    received    TEXT,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX refusals_request ON refusals (tenant_id, request_id, id);
CREATE INDEX refusals_over ON refusals (at);
