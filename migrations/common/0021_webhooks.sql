-- Whom a tenant tells what happens in it, and what became of telling them.

-- An endpoint. The secrets are sealed; `events` are patterns (JSON), `disabled_because` is what this server found when it
-- gave an endpoint up by itself.
CREATE TABLE webhook_endpoints (
    tenant_id        TEXT   NOT NULL,
    id               TEXT   NOT NULL,
    url              TEXT   NOT NULL,
    description      TEXT   NOT NULL,
    status           TEXT   NOT NULL,
    disabled_because TEXT,
    events           TEXT   NOT NULL,
    scheme           TEXT   NOT NULL,
    sealed_secrets   TEXT   NOT NULL,
    failing_since    BIGINT,
    version          BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    updated_at       BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- Up to where a tenant's audit trail has become deliveries, and its changes of documents, where somebody wants to know of
-- these. Only tenants that have endpoints have a row.
CREATE TABLE webhook_cursors (
    tenant_id TEXT   NOT NULL PRIMARY KEY,
    seq       BIGINT NOT NULL,
    documents BIGINT
);
CREATE INDEX webhook_cursors_documents ON webhook_cursors (tenant_id) WHERE documents IS NOT NULL;

-- One event for one endpoint. The body is kept as it is sent, so that every attempt sends the same bytes. `subject` is the
-- person it tells of; `counted_from` the attempts that were made before it was sent anew by hand.
CREATE TABLE webhook_deliveries (
    tenant_id    TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    endpoint_id  TEXT   NOT NULL,
    event_id     TEXT   NOT NULL,
    event_type   TEXT   NOT NULL,
    body         TEXT   NOT NULL,
    subject      TEXT,
    state        TEXT   NOT NULL,
    attempts     BIGINT NOT NULL,
    counted_from BIGINT NOT NULL,
    due_at       BIGINT NOT NULL,
    last_status  BIGINT,
    last_error   TEXT,
    created_at   BIGINT NOT NULL,
    finished_at  BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX webhook_deliveries_event ON webhook_deliveries (tenant_id, endpoint_id, event_id);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (state, due_at);
CREATE INDEX webhook_deliveries_created ON webhook_deliveries (created_at);
CREATE INDEX webhook_deliveries_subject ON webhook_deliveries (tenant_id, subject);

-- What each attempt came to.
CREATE TABLE webhook_attempts (
    tenant_id   TEXT   NOT NULL,
    delivery_id TEXT   NOT NULL,
    number      BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    status      BIGINT,
    error       TEXT,
    excerpt     TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, delivery_id, number)
);
CREATE INDEX webhook_attempts_at ON webhook_attempts (at);
