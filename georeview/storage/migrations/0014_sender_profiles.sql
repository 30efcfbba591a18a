-- How lists of an area are read and written: which column is which of our fields, and whose words
-- are which of our codes. Each change is a version of its own; none is ever changed.
CREATE TABLE sender_profile (
    kind       TEXT NOT NULL,
    area       TEXT NOT NULL,
    version    {int} NOT NULL,
    body       TEXT NOT NULL,
    actor      TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (kind, area, version)
) {strict};
