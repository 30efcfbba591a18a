-- The guard that keeps signed heads as they are.

CREATE TRIGGER signed_head_no_update BEFORE UPDATE ON signed_head BEGIN
    SELECT RAISE(ABORT, 'signed heads are never changed');
END;
CREATE TRIGGER signed_head_no_delete BEFORE DELETE ON signed_head BEGIN
    SELECT RAISE(ABORT, 'signed heads are never removed');
END;
