-- Rows of the audit trail are only ever added. A row is given its place in the chain once, and loses what is personal in
-- it when a person is erased; it is removed with its chain, or when the chain begins after it.

CREATE FUNCTION audit_events_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of the audit trail stay as they are';
END $$;

CREATE TRIGGER audit_events_stay BEFORE UPDATE ON audit_events FOR EACH ROW
WHEN (NOT (
    NEW.tenant_id = OLD.tenant_id AND NEW.id = OLD.id AND NEW.at = OLD.at AND NEW.action = OLD.action
    AND NEW.result = OLD.result AND NEW.actor IS NOT DISTINCT FROM OLD.actor
    AND NEW.target IS NOT DISTINCT FROM OLD.target AND NEW.request_id IS NOT DISTINCT FROM OLD.request_id
    AND (OLD.seq IS NULL
        OR (NEW.seq IS NOT DISTINCT FROM OLD.seq AND NEW.hash IS NOT DISTINCT FROM OLD.hash
            AND NEW.personal IS NOT DISTINCT FROM OLD.personal
            AND (NEW.salt IS NULL OR NEW.salt IS NOT DISTINCT FROM OLD.salt)))
    AND ((NEW.ip IS NOT DISTINCT FROM OLD.ip AND NEW.user_agent IS NOT DISTINCT FROM OLD.user_agent
            AND NEW.detail = OLD.detail)
        OR (NEW.ip IS NULL AND NEW.user_agent IS NULL AND NEW.detail = 'null' AND NEW.salt IS NULL))
))
EXECUTE FUNCTION audit_events_refuse();

CREATE FUNCTION audit_events_refuse_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM audit_chains c
        WHERE c.tenant_id = OLD.tenant_id AND (OLD.seq IS NULL OR OLD.seq > c.cut_seq)) THEN
        RAISE EXCEPTION 'rows of the audit trail stay where they are';
    END IF;
    RETURN OLD;
END $$;

CREATE TRIGGER audit_events_stay_there BEFORE DELETE ON audit_events FOR EACH ROW
EXECUTE FUNCTION audit_events_refuse_removal();
