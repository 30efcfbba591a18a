-- The register of permits. A plot rests on an entry by ``permit_id``; lists ask for the plots of an
-- entry and for those that name one number.
CREATE TABLE permit (
    permit_id        TEXT PRIMARY KEY NOT NULL,
    number           TEXT NOT NULL,
    name             TEXT,
    kind             TEXT,
    holder           TEXT,
    authority        TEXT,
    granted_on       TEXT,
    valid_to         TEXT,
    plan_consent_no  TEXT,
    flood_assessment TEXT,
    note             TEXT,
    area             TEXT NOT NULL,
    wkb              {geom},
    west             {real},
    south            {real},
    east             {real},
    north            {real},
    source           TEXT,
    withdrawn_on     TEXT,
    revision         {int} NOT NULL,
    created_at       TEXT NOT NULL,
    updated_at       TEXT NOT NULL,
    words            TEXT NOT NULL,
    words_of_holder  TEXT NOT NULL
) {strict};
CREATE INDEX permit_number ON permit (number);
CREATE INDEX permit_valid_to ON permit (valid_to);

-- Who changed what of an entry, old and new; only ever added to.
CREATE TABLE permit_change (
    permit_id TEXT NOT NULL REFERENCES permit (permit_id),
    revision  {int} NOT NULL,
    at        TEXT NOT NULL,
    actor     TEXT NOT NULL,
    unit      TEXT NOT NULL,
    action    TEXT NOT NULL,
    detail    {json} NOT NULL,
    PRIMARY KEY (permit_id, revision)
) {strict};

-- Its documents and photos, by the hash of their bytes.
CREATE TABLE permit_file (
    number     {serial},
    file_id    TEXT NOT NULL UNIQUE,
    permit_id  TEXT NOT NULL REFERENCES permit (permit_id),
    sha256     TEXT NOT NULL,
    kind       TEXT NOT NULL,
    name       TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size       {int} NOT NULL,
    taken_at   TEXT,
    lon        {real},
    lat        {real},
    azimuth    {real},
    note       TEXT,
    actor      TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (permit_id, kind, sha256)
) {strict};

ALTER TABLE plot_state ADD COLUMN permit_id TEXT;
CREATE INDEX plot_state_permit ON plot_state (permit_id) WHERE permit_id IS NOT NULL;
CREATE INDEX plot_state_permit_no ON plot_state (permit_no) WHERE permit_no IS NOT NULL;
