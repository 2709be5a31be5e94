-- How many people and clients a tenant has is counted where the rows are: every way of making one counts.
-- A trigger names what it counts; the functions are the same for all.

CREATE FUNCTION count_one_more() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tenant_usage (tenant_id, kind, used) VALUES (NEW.tenant_id, TG_ARGV[0], 1)
        ON CONFLICT (tenant_id, kind) DO UPDATE SET used = tenant_usage.used + 1;
    RETURN NULL;
END
$$;
CREATE FUNCTION count_one_less() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tenant_usage SET used = used - 1 WHERE tenant_id = OLD.tenant_id AND kind = TG_ARGV[0];
    RETURN NULL;
END
$$;

CREATE TRIGGER users_added AFTER INSERT ON users FOR EACH ROW
    WHEN (NEW.status = 'active') EXECUTE FUNCTION count_one_more('users');
CREATE TRIGGER users_raised AFTER UPDATE OF status ON users FOR EACH ROW
    WHEN (NEW.status = 'active' AND OLD.status <> 'active') EXECUTE FUNCTION count_one_more('users');
CREATE TRIGGER users_sunk AFTER UPDATE OF status ON users FOR EACH ROW
    WHEN (NEW.status <> 'active' AND OLD.status = 'active') EXECUTE FUNCTION count_one_less('users');
CREATE TRIGGER users_removed AFTER DELETE ON users FOR EACH ROW
    WHEN (OLD.status = 'active') EXECUTE FUNCTION count_one_less('users');

-- The built-in client, which every tenant has, is none of its own.
CREATE TRIGGER clients_added AFTER INSERT ON clients FOR EACH ROW
    WHEN (NEW.id <> 'account') EXECUTE FUNCTION count_one_more('clients');
CREATE TRIGGER clients_removed AFTER DELETE ON clients FOR EACH ROW
    WHEN (OLD.id <> 'account') EXECUTE FUNCTION count_one_less('clients');
