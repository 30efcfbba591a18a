-- Which store this is. Files lie outside the database: a home carries the same number, so that
-- neither is ever used with another one's half. Made once, by each dialect's own randomness.

CREATE TABLE identity (
    one      {int} PRIMARY KEY NOT NULL CHECK (one = 1),
    store_id TEXT NOT NULL
) {strict};
