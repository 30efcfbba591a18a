-- What was issued to a county that did not act, and its answer; the events of the plots tell the same.
CREATE TABLE escalation (
    escalation_id TEXT PRIMARY KEY NOT NULL,
    batch         TEXT NOT NULL,
    county        TEXT NOT NULL,
    step          TEXT NOT NULL,
    basis         TEXT NOT NULL,
    clock         TEXT,
    document_no   TEXT NOT NULL,
    issued_on     TEXT NOT NULL,
    reply_due     TEXT,
    text          TEXT NOT NULL,
    facts         TEXT NOT NULL,
    plots         TEXT NOT NULL,
    actor         TEXT NOT NULL,
    unit          TEXT NOT NULL,
    at            TEXT NOT NULL,
    replied_on    TEXT,
    reply         TEXT,
    replied_by    TEXT,
    UNIQUE (batch, county, step, document_no)
) {strict};

-- How many steps the figures suggested when they were looked at last.
CREATE TABLE escalation_proposed (
    batch  TEXT NOT NULL,
    county TEXT NOT NULL,
    n      {int} NOT NULL,
    at     TEXT NOT NULL,
    PRIMARY KEY (batch, county)
) {strict};

-- How a person wants notices by mail, and up to which notice each has been told.
CREATE TABLE mail_wish (
    user_name TEXT PRIMARY KEY NOT NULL,
    wish      TEXT NOT NULL
) {strict};
CREATE TABLE mail_sent (
    user_name TEXT NOT NULL,
    notice    TEXT NOT NULL,
    seq       {int} NOT NULL,
    at        TEXT NOT NULL,
    PRIMARY KEY (user_name, notice)
) {strict};
