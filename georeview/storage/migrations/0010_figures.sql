-- What key figures are counted from. All of it is made from the events and can be made anew: a
-- standing is one text that many plots share, and a day has what the events of that day changed.

-- How far the events have been counted, and by which formulas and calendar.
CREATE TABLE figure_head (
    one   {int} PRIMARY KEY NOT NULL CHECK (one = 1),
    seq   {int} NOT NULL,
    basis TEXT NOT NULL
) {strict};

CREATE TABLE figure_standing (
    number   {serial},
    batch    TEXT NOT NULL,
    standing TEXT NOT NULL,
    UNIQUE (batch, standing)
) {strict};

-- By how much the number of plots with a standing changed on a day.
CREATE TABLE figure_day (
    standing {int} NOT NULL,
    day      TEXT NOT NULL,
    n        {int} NOT NULL,
    PRIMARY KEY (standing, day)
) {strict};

-- From which day until before which day a plot had a standing.
CREATE TABLE figure_span (
    fid        {int} NOT NULL,
    from_day   TEXT NOT NULL,
    until_day  TEXT NOT NULL,
    standing   {int} NOT NULL,
    PRIMARY KEY (fid, from_day)
) {strict};
CREATE INDEX figure_span_standing ON figure_span (standing, from_day, until_day, fid);

-- Tables that were published: frozen as they were shown, with the head they were made at.
CREATE TABLE league (
    number       {serial},
    league_id    TEXT NOT NULL UNIQUE,
    batch        TEXT NOT NULL REFERENCES batch (name),
    area         TEXT NOT NULL,
    as_of        TEXT NOT NULL,
    seq          {int} NOT NULL,
    content      TEXT NOT NULL,
    sha256       TEXT NOT NULL,
    head         TEXT NOT NULL,
    actor        TEXT NOT NULL,
    published_at TEXT NOT NULL
) {strict};
CREATE INDEX league_batch ON league (batch, number);

-- Days on which people work other than the packaged calendar says.
CREATE TABLE calendar_override (
    day     TEXT PRIMARY KEY NOT NULL,
    working {int} NOT NULL,
    source  TEXT NOT NULL,
    actor   TEXT NOT NULL,
    set_at  TEXT NOT NULL
) {strict};

-- Draws of negatives that somebody else looks at again; results stand in the ledger.
CREATE TABLE sample (
    number     {serial},
    sample_id  TEXT NOT NULL UNIQUE,
    batch      TEXT NOT NULL REFERENCES batch (name),
    area       TEXT NOT NULL,
    as_of      TEXT NOT NULL,
    seed       TEXT NOT NULL,
    content    TEXT NOT NULL,
    sha256     TEXT NOT NULL,
    actor      TEXT NOT NULL,
    unit       TEXT NOT NULL,
    drawn_at   TEXT NOT NULL
) {strict};
CREATE INDEX sample_batch ON sample (batch, number);

CREATE TABLE sample_plot (
    sample_id TEXT NOT NULL REFERENCES sample (sample_id),
    plot_id   TEXT NOT NULL REFERENCES plot (plot_id),
    place     {int} NOT NULL,
    stratum   TEXT NOT NULL,
    result    TEXT,
    note      TEXT,
    actor     TEXT,
    answered_at TEXT,
    PRIMARY KEY (sample_id, plot_id)
) {strict};
CREATE INDEX sample_plot_plot ON sample_plot (plot_id);
