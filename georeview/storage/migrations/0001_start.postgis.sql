-- What PostgreSQL says in its own way: the box index, and the guard that keeps events as they are.

CREATE INDEX plot_box ON plot USING gist (wkb);

CREATE FUNCTION event_refused() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE FUNCTION event_followed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    first_seq BIGINT;
    last_seq BIGINT;
    rows_added BIGINT;
BEGIN
    SELECT MIN(seq), MAX(seq), COUNT(*) INTO first_seq, last_seq, rows_added FROM added;
    IF rows_added > 0 AND (
        last_seq - first_seq + 1 <> rows_added
        OR first_seq <> COALESCE((SELECT MAX(seq) FROM event WHERE seq < first_seq), 0) + 1
        OR last_seq <> (SELECT MAX(seq) FROM event)
    ) THEN
        RAISE EXCEPTION 'events follow each other without a gap'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER event_no_update BEFORE UPDATE ON event
EXECUTE FUNCTION event_refused('events are never changed');
CREATE TRIGGER event_no_delete BEFORE DELETE OR TRUNCATE ON event
EXECUTE FUNCTION event_refused('events are never removed');
CREATE TRIGGER event_in_order AFTER INSERT ON event REFERENCING NEW TABLE AS added
EXECUTE FUNCTION event_followed();
-- Also for who replays changes as a replica does. The owner can still take the guards off: the
-- signed heads, whose key is outside, are what tells.
ALTER TABLE event ENABLE ALWAYS TRIGGER event_no_update;
ALTER TABLE event ENABLE ALWAYS TRIGGER event_no_delete;
ALTER TABLE event ENABLE ALWAYS TRIGGER event_in_order;
