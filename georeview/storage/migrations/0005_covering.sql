-- Indexes that answer counts by themselves: who sees what (area) is in each of them, so that a
-- count of many plots looks up none.

DROP INDEX plot_state_counts;
DROP INDEX plot_state_risk;
DROP INDEX plot_state_source_id;
DROP INDEX plot_state_size;
DROP INDEX plot_state_updated;
DROP INDEX plot_state_due;
CREATE INDEX plot_state_counts ON plot_state (batch, area, mark, list_county);
CREATE INDEX plot_state_risk ON plot_state (list_county, mark, risk, fid, area);
CREATE INDEX plot_state_source_id ON plot_state (list_county, mark, source_id, fid, area);
CREATE INDEX plot_state_size ON plot_state (list_county, mark, size_m2, fid, area);
CREATE INDEX plot_state_updated ON plot_state (list_county, mark, updated_at, fid, area);
CREATE INDEX plot_state_due ON plot_state (list_county, mark, due_on, fid, area);
