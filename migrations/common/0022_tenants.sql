-- How long a tenant lives and what becomes of it after its end, what a domain has to show, and who must not be deleted.

ALTER TABLE tenants ADD COLUMN discoverable BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tenants ADD COLUMN deletion_protected BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tenants ADD COLUMN expires_at BIGINT;
ALTER TABLE tenants ADD COLUMN deleted_at BIGINT;
ALTER TABLE tenants ADD COLUMN purge_at BIGINT;
-- Until when the owner of a tenant that a stranger made has to have answered the mail.
ALTER TABLE tenants ADD COLUMN owner_due BIGINT;
UPDATE tenants SET deleted_at = updated_at, purge_at = updated_at + 2592000 WHERE status = 'deleted';
CREATE INDEX tenants_status ON tenants (status, slug);
CREATE INDEX tenants_discoverable ON tenants (slug) WHERE discoverable = 1;
CREATE INDEX tenants_expire ON tenants (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX tenants_owner_due ON tenants (owner_due) WHERE owner_due IS NOT NULL;
CREATE INDEX tenants_purge ON tenants (purge_at) WHERE purge_at IS NOT NULL;

ALTER TABLE tenant_domains ADD COLUMN challenge TEXT;
ALTER TABLE tenant_domains ADD COLUMN checked_at BIGINT;
ALTER TABLE tenant_domains ADD COLUMN failing_since BIGINT;

ALTER TABLE users ADD COLUMN deletion_protected BIGINT NOT NULL DEFAULT 0;
CREATE INDEX users_standing ON users (tenant_id, status, email_verified);
