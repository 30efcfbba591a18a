-- A batch may be delivered again, and a file taken back. What a plot was before an event gave it
-- another shape or other values stays beside it; ``replaced_by`` is the number of that event.
CREATE TABLE plot_past (
    replaced_by {int} NOT NULL,
    plot_id     TEXT NOT NULL REFERENCES plot (plot_id),
    batch       TEXT NOT NULL,
    source_id   TEXT NOT NULL,
    row_no      {int} NOT NULL,
    wkb         {geom} NOT NULL,
    source_wkb  {blob} NOT NULL,
    source_crs  TEXT NOT NULL,
    fields      {json} NOT NULL,
    extra       {json} NOT NULL,
    flags       {json} NOT NULL,
    west        {real} NOT NULL,
    south       {real} NOT NULL,
    east        {real} NOT NULL,
    north       {real} NOT NULL,
    PRIMARY KEY (plot_id, replaced_by)
) {strict};

-- A file is one commit, so its events are one range of the ledger.
ALTER TABLE import_file ADD COLUMN first_seq {int};
ALTER TABLE import_file ADD COLUMN last_seq {int};
ALTER TABLE import_file ADD COLUMN retracted_at TEXT;

-- Why a mark should be looked at once more.
ALTER TABLE plot_state ADD COLUMN second_look TEXT;

-- Lists leave out what was withdrawn, and their indexes still answer counts by themselves.
DROP INDEX plot_state_counts;
DROP INDEX plot_state_risk;
DROP INDEX plot_state_source_id;
DROP INDEX plot_state_size;
DROP INDEX plot_state_updated;
DROP INDEX plot_state_due;
CREATE INDEX plot_state_counts ON plot_state (batch, area, mark, list_county, stage);
CREATE INDEX plot_state_risk ON plot_state (list_county, mark, risk, fid, area, stage);
CREATE INDEX plot_state_source_id ON plot_state (list_county, mark, source_id, fid, area, stage);
CREATE INDEX plot_state_size ON plot_state (list_county, mark, size_m2, fid, area, stage);
CREATE INDEX plot_state_updated ON plot_state (list_county, mark, updated_at, fid, area, stage);
CREATE INDEX plot_state_due ON plot_state (list_county, mark, due_on, fid, area, stage);
