-- The guard that keeps what was changed of permits.

CREATE TRIGGER permit_change_no_update BEFORE UPDATE ON permit_change
EXECUTE FUNCTION event_refused('what was changed of a permit stays');
CREATE TRIGGER permit_change_no_delete BEFORE DELETE OR TRUNCATE ON permit_change
EXECUTE FUNCTION event_refused('what was changed of a permit stays');
ALTER TABLE permit_change ENABLE ALWAYS TRIGGER permit_change_no_update;
ALTER TABLE permit_change ENABLE ALWAYS TRIGGER permit_change_no_delete;
