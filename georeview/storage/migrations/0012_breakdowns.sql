-- Figures are broken down by what a plot's events say beside its standing. What is counted is made
-- from the events, so it is forgotten here and counted anew when figures are asked for next.
DELETE FROM figure_head;
DELETE FROM figure_day;
DELETE FROM figure_standing;
DROP TABLE figure_span;

-- Who reviews it, where, under which code; empty where there is none.
CREATE TABLE figure_trait (
    number   {serial},
    township TEXT NOT NULL,
    code     TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    UNIQUE (township, code, reviewer)
) {strict};

-- From which day until before which day a plot had a standing and its traits.
CREATE TABLE figure_span (
    fid        {int} NOT NULL,
    from_day   TEXT NOT NULL,
    until_day  TEXT NOT NULL,
    standing   {int} NOT NULL,
    trait      {int} NOT NULL,
    PRIMARY KEY (fid, from_day)
) {strict};
CREATE INDEX figure_span_standing ON figure_span (standing, from_day, until_day, fid);
