-- Rows of the audit trail are only ever added. A row is given its place in the chain once, and loses what is personal in
-- it when a person is erased; it is removed with its chain, or when the chain begins after it.

CREATE TRIGGER audit_events_stay BEFORE UPDATE ON audit_events
WHEN NOT (
    NEW.tenant_id = OLD.tenant_id AND NEW.id = OLD.id AND NEW.at = OLD.at AND NEW.action = OLD.action
    AND NEW.result = OLD.result AND NEW.actor IS OLD.actor AND NEW.target IS OLD.target
    AND NEW.request_id IS OLD.request_id
    AND (OLD.seq IS NULL
        OR (NEW.seq IS OLD.seq AND NEW.hash IS OLD.hash AND NEW.personal IS OLD.personal
            AND (NEW.salt IS NULL OR NEW.salt IS OLD.salt)))
    AND ((NEW.ip IS OLD.ip AND NEW.user_agent IS OLD.user_agent AND NEW.detail = OLD.detail)
        OR (NEW.ip IS NULL AND NEW.user_agent IS NULL AND NEW.detail = 'null' AND NEW.salt IS NULL))
)
BEGIN
    SELECT RAISE(ABORT, 'rows of the audit trail stay as they are');
END;

CREATE TRIGGER audit_events_stay_there BEFORE DELETE ON audit_events
WHEN EXISTS (SELECT 1 FROM audit_chains c
    WHERE c.tenant_id = OLD.tenant_id AND (OLD.seq IS NULL OR OLD.seq > c.cut_seq))
BEGIN
    SELECT RAISE(ABORT, 'rows of the audit trail stay where they are');
END;
