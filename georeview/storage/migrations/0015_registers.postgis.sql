-- The guard that keeps versions as they are.

CREATE TRIGGER register_entry_no_update BEFORE UPDATE ON register_entry
EXECUTE FUNCTION event_refused('entries are never changed');
CREATE TRIGGER register_entry_no_delete BEFORE DELETE OR TRUNCATE ON register_entry
EXECUTE FUNCTION event_refused('entries are never removed');
ALTER TABLE register_entry ENABLE ALWAYS TRIGGER register_entry_no_update;
ALTER TABLE register_entry ENABLE ALWAYS TRIGGER register_entry_no_delete;
