-- The whole procedure: what steps leave behind beside the mark, who sees a plot once it has been
-- submitted, and since when the clock of the list's due date stands still.
ALTER TABLE plot_state ADD COLUMN submitted_at TEXT;
ALTER TABLE plot_state ADD COLUMN course_text {json} NOT NULL DEFAULT '{}';
ALTER TABLE plot_state ADD COLUMN stopped_on TEXT;

-- A grant may hold for some batches only.
ALTER TABLE person_grant ADD COLUMN batches {json} NOT NULL DEFAULT '[]';
