-- An invitation that nobody accepted in time is told of once. Those of before are known to be over.

ALTER TABLE invitations ADD COLUMN expiry_noted BIGINT;
UPDATE invitations SET expiry_noted = 0;
CREATE INDEX invitations_expiry ON invitations (expires_at)
    WHERE accepted_at IS NULL AND cancelled_at IS NULL AND expiry_noted IS NULL;
