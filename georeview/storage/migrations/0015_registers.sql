-- Registers beside the plots: who answers for which reach, findings, referrals to enforcement. A
-- change is a further version; nothing is written over.
CREATE TABLE register_entry (
    register TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    version  {int} NOT NULL,
    state    TEXT NOT NULL,
    area     TEXT NOT NULL,
    plot_id  TEXT REFERENCES plot (plot_id),
    content  TEXT NOT NULL,
    step     TEXT NOT NULL,
    actor    TEXT NOT NULL,
    unit     TEXT NOT NULL,
    at       TEXT NOT NULL,
    PRIMARY KEY (entry_id, version)
) {strict};
CREATE INDEX register_entry_register ON register_entry (register, entry_id, version);
CREATE INDEX register_entry_plot ON register_entry (plot_id);

-- What names third parties stands apart: it can be forgotten.
CREATE TABLE register_personal (
    entry_id TEXT PRIMARY KEY NOT NULL,
    told     TEXT NOT NULL
) {strict};

-- Files of entries; their bytes lie beside the evidence.
CREATE TABLE register_document (
    entry_id TEXT NOT NULL,
    sha256   TEXT NOT NULL,
    name     TEXT NOT NULL,
    size     {int} NOT NULL,
    actor    TEXT NOT NULL,
    at       TEXT NOT NULL,
    PRIMARY KEY (entry_id, sha256)
) {strict};
