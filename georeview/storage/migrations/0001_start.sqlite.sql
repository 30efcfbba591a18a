-- What SQLite says in its own way: the box index, and the guard that keeps events as they are.

CREATE VIRTUAL TABLE plot_box USING rtree (fid, west, east, south, north);
CREATE TRIGGER plot_boxed AFTER INSERT ON plot BEGIN
    INSERT INTO plot_box VALUES (new.fid, new.west, new.east, new.south, new.north);
END;

-- REPLACE deletes before it inserts; recursive_triggers=ON makes it meet the second trigger.
CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN
    SELECT RAISE(ABORT, 'events are never changed');
END;
CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN
    SELECT RAISE(ABORT, 'events are never removed');
END;
CREATE TRIGGER event_in_order BEFORE INSERT ON event
WHEN new.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM event) BEGIN
    SELECT RAISE(ABORT, 'events follow each other without a gap');
END;
