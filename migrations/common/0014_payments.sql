-- What is sold, who has paid for it, and what that opens.

-- What a payment opens: scopes, features, claims, quotas, and by which prices it is bought (JSON).
CREATE TABLE plans (
    tenant_id  TEXT   NOT NULL,
    key        TEXT   NOT NULL,
    definition TEXT   NOT NULL,
    version    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, key)
);

-- Who has which plan, and by what: `subscription:…`, `payment:…` or `manual`. Without `valid_until`: for good.
CREATE TABLE entitlements (
    tenant_id   TEXT   NOT NULL,
    subject     TEXT   NOT NULL,
    plan        TEXT   NOT NULL,
    source      TEXT   NOT NULL,
    valid_until BIGINT,
    revoked_at  BIGINT,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, subject, plan, source)
);
CREATE INDEX entitlements_source ON entitlements (tenant_id, source);

-- A tenant's account at Stripe. The key and the webhook secrets are sealed.
CREATE TABLE payment_accounts (
    tenant_id      TEXT   NOT NULL PRIMARY KEY,
    sealed_key     TEXT   NOT NULL,
    sealed_secrets TEXT   NOT NULL,
    livemode       BIGINT NOT NULL,
    settings       TEXT   NOT NULL,
    reconciled_at  BIGINT NOT NULL,
    version        BIGINT NOT NULL,
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL
);

-- Whom Stripe knows by which name.
CREATE TABLE payment_customers (
    tenant_id  TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    stripe_id  TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, subject)
);
CREATE UNIQUE INDEX payment_customers_stripe ON payment_customers (tenant_id, stripe_id);

-- Checkout sessions that were begun here. `idempotency_key` and `request` are digests.
CREATE TABLE checkouts (
    tenant_id       TEXT   NOT NULL,
    id              TEXT   NOT NULL,
    subject         TEXT   NOT NULL,
    client_id       TEXT,
    mode            TEXT   NOT NULL,
    plan            TEXT,
    idempotency_key TEXT   NOT NULL,
    request         TEXT   NOT NULL,
    stripe_id       TEXT,
    url             TEXT,
    status          TEXT   NOT NULL,
    payment_status  TEXT   NOT NULL,
    payment_intent  TEXT,
    subscription_id TEXT,
    version         BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX checkouts_key ON checkouts (tenant_id, subject, idempotency_key);
CREATE UNIQUE INDEX checkouts_stripe ON checkouts (tenant_id, stripe_id);
CREATE INDEX checkouts_payment ON checkouts (tenant_id, payment_intent);

-- Subscriptions as Stripe last told them. Written only over the version that was read before Stripe was asked.
CREATE TABLE subscriptions (
    tenant_id            TEXT   NOT NULL,
    stripe_id            TEXT   NOT NULL,
    subject              TEXT,
    customer             TEXT   NOT NULL,
    status               TEXT   NOT NULL,
    items                TEXT   NOT NULL,
    period_start         BIGINT,
    period_end           BIGINT,
    cancel_at            BIGINT,
    cancel_at_period_end BIGINT NOT NULL,
    schedule_id          TEXT,
    version              BIGINT NOT NULL,
    created_at           BIGINT NOT NULL,
    synced_at            BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, stripe_id)
);
CREATE INDEX subscriptions_subject ON subscriptions (tenant_id, subject);

-- Single payments as Stripe last told them; nothing of a card.
CREATE TABLE payments (
    tenant_id  TEXT   NOT NULL,
    stripe_id  TEXT   NOT NULL,
    subject    TEXT,
    plan       TEXT,
    amount     BIGINT NOT NULL,
    currency   TEXT   NOT NULL,
    status     TEXT   NOT NULL,
    refunded   BIGINT NOT NULL,
    disputed   BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    synced_at  BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, stripe_id)
);
CREATE INDEX payments_subject ON payments (tenant_id, subject);

-- What Stripe told us. An event is a hint about which object to ask for, so that only the object's name is kept.
CREATE TABLE payment_events (
    tenant_id    TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    type         TEXT   NOT NULL,
    object       TEXT   NOT NULL,
    livemode     BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    received_at  BIGINT NOT NULL,
    due_at       BIGINT NOT NULL,
    attempts     BIGINT NOT NULL,
    processed_at BIGINT,
    outcome      TEXT,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX payment_events_due ON payment_events (due_at) WHERE processed_at IS NULL;
CREATE INDEX payment_events_age ON payment_events (received_at);
