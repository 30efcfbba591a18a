-- The whole procedure: what steps leave behind beside the mark, who sees a plot once it has been
-- submitted, and since when the clock of the list's due date stands still.
ALTER TABLE plot_state ADD COLUMN submitted_at TEXT;
ALTER TABLE plot_state ADD COLUMN course_text {json} NOT NULL DEFAULT '{}';
ALTER TABLE plot_state ADD COLUMN stopped_on TEXT;

-- A grant may hold for some batches only.
ALTER TABLE person_grant ADD COLUMN batches {json} NOT NULL DEFAULT '[]';

-- Who has a plot open: a lock keeps others from marking it, presence only tells them. Both end by
-- themselves and are no part of the ledger.
CREATE TABLE lease (
    plot_id    TEXT NOT NULL,
    kind       TEXT NOT NULL,
    user_name  TEXT NOT NULL,
    name       TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    PRIMARY KEY (plot_id, kind, user_name)
) {strict};
CREATE INDEX lease_expires ON lease (expires_at);
