-- The guard that keeps versions as they are.

CREATE TRIGGER register_entry_no_update BEFORE UPDATE ON register_entry BEGIN
    SELECT RAISE(ABORT, 'entries are never changed');
END;
CREATE TRIGGER register_entry_no_delete BEFORE DELETE ON register_entry BEGIN
    SELECT RAISE(ABORT, 'entries are never removed');
END;
