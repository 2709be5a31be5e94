-- How many organizations a tenant has is counted where the rows are.

CREATE TRIGGER organizations_added AFTER INSERT ON organizations BEGIN
    INSERT INTO tenant_usage (tenant_id, kind, used) VALUES (NEW.tenant_id, 'organizations', 1)
        ON CONFLICT (tenant_id, kind) DO UPDATE SET used = used + 1;
END;
CREATE TRIGGER organizations_removed AFTER DELETE ON organizations BEGIN
    UPDATE tenant_usage SET used = used - 1 WHERE tenant_id = OLD.tenant_id AND kind = 'organizations';
END;
