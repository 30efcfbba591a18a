-- The guard that keeps the access log as it is.

CREATE TRIGGER access_log_no_update BEFORE UPDATE ON access_log
EXECUTE FUNCTION event_refused('the access log is never changed');
CREATE TRIGGER access_log_no_delete BEFORE DELETE OR TRUNCATE ON access_log
EXECUTE FUNCTION event_refused('the access log is never shortened');
ALTER TABLE access_log ENABLE ALWAYS TRIGGER access_log_no_update;
ALTER TABLE access_log ENABLE ALWAYS TRIGGER access_log_no_delete;
