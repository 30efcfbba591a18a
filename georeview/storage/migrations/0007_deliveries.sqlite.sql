-- The box index follows a plot that another delivery moves.

CREATE TRIGGER plot_moved AFTER UPDATE OF west, south, east, north ON plot BEGIN
    UPDATE plot_box SET west = new.west, east = new.east, south = new.south, north = new.north
    WHERE fid = new.fid;
END;

-- Which events a file brought that came in before this was kept beside it.
UPDATE import_file SET first_seq = r.first_seq, last_seq = r.last_seq FROM (
    SELECT json_extract(body, '$.batch') AS batch, json_extract(body, '$.file_sha256') AS sha256,
        MIN(seq) AS first_seq, MAX(seq) AS last_seq
    FROM event WHERE action = 'import' GROUP BY 1, 2) r
WHERE r.batch = import_file.batch AND r.sha256 = import_file.sha256 AND 1 = (
    SELECT COUNT(*) FROM import_file o
    WHERE o.batch = import_file.batch AND o.sha256 = import_file.sha256);
