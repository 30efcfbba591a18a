-- What a plot was cut from: issued plots and those there are now are counted apart.
ALTER TABLE plot_state ADD COLUMN parent TEXT;
CREATE INDEX plot_state_parts ON plot_state (batch, fid) WHERE parent IS NOT NULL;
