-- How many people and clients a tenant has is counted where the rows are: every way of making one counts.

CREATE TRIGGER users_added AFTER INSERT ON users WHEN NEW.status = 'active' BEGIN
    INSERT INTO tenant_usage (tenant_id, kind, used) VALUES (NEW.tenant_id, 'users', 1)
        ON CONFLICT (tenant_id, kind) DO UPDATE SET used = used + 1;
END;
CREATE TRIGGER users_raised AFTER UPDATE OF status ON users
    WHEN NEW.status = 'active' AND OLD.status <> 'active' BEGIN
    INSERT INTO tenant_usage (tenant_id, kind, used) VALUES (NEW.tenant_id, 'users', 1)
        ON CONFLICT (tenant_id, kind) DO UPDATE SET used = used + 1;
END;
CREATE TRIGGER users_sunk AFTER UPDATE OF status ON users
    WHEN NEW.status <> 'active' AND OLD.status = 'active' BEGIN
    UPDATE tenant_usage SET used = used - 1 WHERE tenant_id = OLD.tenant_id AND kind = 'users';
END;
CREATE TRIGGER users_removed AFTER DELETE ON users WHEN OLD.status = 'active' BEGIN
    UPDATE tenant_usage SET used = used - 1 WHERE tenant_id = OLD.tenant_id AND kind = 'users';
END;

-- The built-in client, which every tenant has, is none of its own.
CREATE TRIGGER clients_added AFTER INSERT ON clients WHEN NEW.id <> 'account' BEGIN
    INSERT INTO tenant_usage (tenant_id, kind, used) VALUES (NEW.tenant_id, 'clients', 1)
        ON CONFLICT (tenant_id, kind) DO UPDATE SET used = used + 1;
END;
CREATE TRIGGER clients_removed AFTER DELETE ON clients WHEN OLD.id <> 'account' BEGIN
    UPDATE tenant_usage SET used = used - 1 WHERE tenant_id = OLD.tenant_id AND kind = 'clients';
END;
