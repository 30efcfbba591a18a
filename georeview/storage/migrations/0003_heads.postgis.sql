-- The guard that keeps signed heads as they are.

CREATE TRIGGER signed_head_no_update BEFORE UPDATE ON signed_head
EXECUTE FUNCTION event_refused('signed heads are never changed');
CREATE TRIGGER signed_head_no_delete BEFORE DELETE OR TRUNCATE ON signed_head
EXECUTE FUNCTION event_refused('signed heads are never removed');
ALTER TABLE signed_head ENABLE ALWAYS TRIGGER signed_head_no_update;
ALTER TABLE signed_head ENABLE ALWAYS TRIGGER signed_head_no_delete;
