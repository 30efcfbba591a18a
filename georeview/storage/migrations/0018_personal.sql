-- Names of third parties stand beside the ledger, so that they can be erased: the event says
-- ``token``, the hash of salt and name. An erased row stays, without name and salt.
CREATE TABLE personal (
    token     TEXT PRIMARY KEY NOT NULL,
    plot_id   TEXT NOT NULL,
    field     TEXT NOT NULL,
    salt      TEXT,
    value     TEXT,
    erased_at TEXT,
    erased_by TEXT,
    reason    TEXT
) {strict};

CREATE INDEX personal_plot ON personal (plot_id);
