-- What an operator allows tenants, by plans; how much of it is in use; and how tenants look and speak.

CREATE TABLE tenant_plans (
    key        TEXT   NOT NULL PRIMARY KEY,
    terms      TEXT   NOT NULL,
    version    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

ALTER TABLE tenants ADD COLUMN plan TEXT;
CREATE INDEX tenants_plan ON tenants (plan) WHERE plan IS NOT NULL;

-- Changed by triggers, whoever adds or removes: no way in can be forgotten.
CREATE TABLE tenant_usage (
    tenant_id TEXT   NOT NULL,
    kind      TEXT   NOT NULL,
    used      BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, kind)
);
INSERT INTO tenant_usage (tenant_id, kind, used)
    SELECT tenant_id, 'users', COUNT(*) FROM users WHERE status = 'active' GROUP BY tenant_id;
INSERT INTO tenant_usage (tenant_id, kind, used)
    SELECT tenant_id, 'clients', COUNT(*) FROM clients WHERE id <> 'account' GROUP BY tenant_id;

-- The brand that pages and mails show, and each that was published before.
ALTER TABLE tenants ADD COLUMN brand TEXT;
CREATE TABLE tenant_brands (
    tenant_id    TEXT   NOT NULL,
    version      BIGINT NOT NULL,
    brand        TEXT   NOT NULL,
    published_at BIGINT NOT NULL,
    published_by TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, version)
);
CREATE TABLE tenant_brand_drafts (
    tenant_id  TEXT   NOT NULL PRIMARY KEY,
    brand      TEXT   NOT NULL,
    version    BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
