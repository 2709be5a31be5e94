-- Whose browser it is stands beside its data, so that one look-up finds the browser, its sign-in and its person.

ALTER TABLE browser_sessions ADD COLUMN session_id TEXT;
