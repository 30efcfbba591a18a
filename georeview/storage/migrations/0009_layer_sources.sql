-- What stands behind a boundary: the notice that approved it, the scale it was drawn at, and the
-- file it came in, which until now stood where its source belongs.
ALTER TABLE layer ADD COLUMN approval_no TEXT;
ALTER TABLE layer ADD COLUMN scale {int};
ALTER TABLE layer ADD COLUMN file TEXT;
UPDATE layer SET file = source;
