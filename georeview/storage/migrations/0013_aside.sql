-- How many records that came too late lie beside a plot until somebody settles them.
ALTER TABLE plot_state ADD COLUMN conflicts {int} NOT NULL DEFAULT 0;
CREATE INDEX plot_state_conflicts ON plot_state (batch, fid) WHERE conflicts > 0;
