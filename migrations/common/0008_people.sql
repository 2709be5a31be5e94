-- What people and administrators keep with an account, accounts that are gone but may come back, and what is asked of
-- the audit trail about one person.

ALTER TABLE users ADD COLUMN user_metadata TEXT NOT NULL DEFAULT '{}';
ALTER TABLE users ADD COLUMN app_metadata TEXT NOT NULL DEFAULT '{}';
ALTER TABLE users ADD COLUMN deleted_at BIGINT;
ALTER TABLE users ADD COLUMN purge_at BIGINT;
UPDATE users SET deleted_at = updated_at, purge_at = updated_at + 2592000 WHERE status = 'deleted';
CREATE INDEX users_purge ON users (purge_at) WHERE purge_at IS NOT NULL;
CREATE INDEX users_role ON users (tenant_id, role) WHERE role <> 'user';

ALTER TABLE sessions ADD COLUMN remembered BIGINT NOT NULL DEFAULT 0;

CREATE INDEX audit_events_actor ON audit_events (tenant_id, actor, id);
CREATE INDEX audit_events_target ON audit_events (tenant_id, target, id);
