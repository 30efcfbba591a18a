-- Who works on which plot, and who looks at it: both hold for a time only, stand outside the ledger,
-- move no version and are carried nowhere.
CREATE TABLE plot_lock (
    plot_id   TEXT PRIMARY KEY NOT NULL,
    user_name TEXT NOT NULL,
    name      TEXT NOT NULL,
    unit      TEXT NOT NULL,
    until     TEXT NOT NULL
) {strict};
CREATE INDEX plot_lock_holder ON plot_lock (user_name);

CREATE TABLE presence (
    page      TEXT PRIMARY KEY NOT NULL,
    plot_id   TEXT NOT NULL,
    user_name TEXT NOT NULL,
    name      TEXT NOT NULL,
    unit      TEXT NOT NULL,
    until     TEXT NOT NULL
) {strict};
