-- The guard that keeps what was changed of permits.

CREATE TRIGGER permit_change_no_update BEFORE UPDATE ON permit_change BEGIN
    SELECT RAISE(ABORT, 'what was changed of a permit stays');
END;
CREATE TRIGGER permit_change_no_delete BEFORE DELETE ON permit_change BEGIN
    SELECT RAISE(ABORT, 'what was changed of a permit stays');
END;
