-- The outbox of mails. What a mail says is sealed, because it holds links and codes, and is removed once it is sent.
DROP TABLE mails;
CREATE TABLE mails (
    tenant_id     TEXT   NOT NULL,
    id            TEXT   NOT NULL,
    kind          TEXT   NOT NULL,
    recipient     TEXT   NOT NULL,
    recipient_key TEXT   NOT NULL,
    subject       TEXT   NOT NULL,
    content       TEXT   NOT NULL,
    message_id    TEXT   NOT NULL,
    requested     BIGINT NOT NULL,
    requested_by  TEXT,
    state         TEXT   NOT NULL,
    attempts      BIGINT NOT NULL,
    due_at        BIGINT NOT NULL,
    last_error    TEXT,
    created_at    BIGINT NOT NULL,
    sent_at       BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX mails_due ON mails (state, due_at);
CREATE INDEX mails_recipient ON mails (tenant_id, recipient_key, created_at);
CREATE INDEX mails_requested ON mails (tenant_id, requested, created_at);
CREATE INDEX mails_created ON mails (created_at);

-- What a tenant authenticates with to its own mail provider, sealed.
CREATE TABLE mail_secrets (
    tenant_id  TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    sealed     TEXT   NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, name)
);
