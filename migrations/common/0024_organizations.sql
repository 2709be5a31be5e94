-- Organizations: people of a tenant who belong together, and what they may do there.
CREATE TABLE organizations (
    tenant_id  TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    slug       TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    name_key   TEXT   NOT NULL,
    status     TEXT   NOT NULL,
    settings   TEXT   NOT NULL,
    metadata   TEXT   NOT NULL,
    protected  BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX organizations_slug ON organizations (tenant_id, slug);

-- `role` is `owner`, `admin`, `member`, `guest`, or the name of a role of the organization's own.
CREATE TABLE organization_members (
    tenant_id       TEXT   NOT NULL,
    organization_id TEXT   NOT NULL,
    user_id         TEXT   NOT NULL,
    role            TEXT   NOT NULL,
    joined_at       BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, organization_id, user_id)
);
CREATE INDEX organization_members_user ON organization_members (tenant_id, user_id, organization_id);

-- Roles of an organization's own: named sets of permissions.
CREATE TABLE organization_roles (
    tenant_id       TEXT   NOT NULL,
    organization_id TEXT   NOT NULL,
    name            TEXT   NOT NULL,
    description     TEXT   NOT NULL,
    permissions     TEXT   NOT NULL,
    version         BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, organization_id, name)
);

-- The domains of `settings.domains`, to be looked up.
CREATE TABLE organization_domains (
    tenant_id       TEXT NOT NULL,
    domain          TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, domain, organization_id)
);

-- Which rows of the audit trail are about an organization.
CREATE TABLE organization_events (
    tenant_id       TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    event_id        TEXT NOT NULL,
    PRIMARY KEY (tenant_id, organization_id, event_id)
);

-- A grant may be for what somebody does in one organization, and ends with that.
ALTER TABLE grants ADD COLUMN organization_id TEXT;
CREATE INDEX grants_organization ON grants (tenant_id, organization_id, user_id) WHERE organization_id IS NOT NULL;

-- An invitation is into the tenant (''), or into one of its organizations; one open invitation per address and place.
ALTER TABLE invitations ADD COLUMN organization_id TEXT NOT NULL DEFAULT '';
ALTER TABLE invitations ADD COLUMN organization_role TEXT NOT NULL DEFAULT '';
DROP INDEX invitations_open;
CREATE UNIQUE INDEX invitations_open ON invitations (tenant_id, organization_id, email_key)
    WHERE accepted_at IS NULL AND cancelled_at IS NULL;
CREATE INDEX invitations_address ON invitations (tenant_id, email_key)
    WHERE accepted_at IS NULL AND cancelled_at IS NULL;
