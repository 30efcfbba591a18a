-- The schema, the same for every back end. Column types in braces are filled per dialect;
-- what cannot be said in common stands beside, in 0001_start.<dialect>.sql.
-- Times are ISO 8601 text in UTC, flags are 0 or 1, text compares by its UTF-8 bytes.

CREATE TABLE batch (
    name         TEXT PRIMARY KEY NOT NULL,
    area         TEXT NOT NULL,
    review_due   TEXT,
    rectify_due  TEXT,
    hard         {int} NOT NULL,
    created_at   TEXT NOT NULL
) {strict};

CREATE TABLE import_file (
    number     {serial},
    import_id  TEXT NOT NULL UNIQUE,
    batch      TEXT NOT NULL REFERENCES batch (name),
    file       TEXT NOT NULL,
    sha256     TEXT NOT NULL,
    report     {json} NOT NULL,
    actor      TEXT NOT NULL,
    created_at TEXT NOT NULL
) {strict};

-- A plot as it was taken in; never changed afterwards.
CREATE TABLE plot (
    fid        {serial},
    plot_id    TEXT NOT NULL UNIQUE,
    batch      TEXT NOT NULL REFERENCES batch (name),
    source_id  TEXT NOT NULL,
    row_no     {int} NOT NULL,
    wkb        {geom} NOT NULL,
    source_wkb {blob} NOT NULL,
    source_crs TEXT NOT NULL,
    fields     {json} NOT NULL,
    extra      {json} NOT NULL,
    flags      {json} NOT NULL,
    west       {real} NOT NULL,
    south      {real} NOT NULL,
    east       {real} NOT NULL,
    north      {real} NOT NULL,
    UNIQUE (batch, source_id)
) {strict};

-- The only truth about reviews. Every column but the last is hashed.
CREATE TABLE event (
    prev_hash   TEXT NOT NULL,
    seq         {int} PRIMARY KEY NOT NULL,
    event_id    TEXT NOT NULL,
    plot_id     TEXT NOT NULL,
    version     {int} NOT NULL,
    action      TEXT NOT NULL,
    actor       TEXT NOT NULL,
    unit        TEXT NOT NULL,
    role        TEXT NOT NULL,
    observed_at TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    body        TEXT NOT NULL,
    before      TEXT NOT NULL,
    after       TEXT NOT NULL,
    hash        TEXT NOT NULL
) {strict};
CREATE INDEX event_plot ON event (plot_id, seq);

-- The end of the chain: one row, which is also the lock between processes.
CREATE TABLE head (
    one       {int} PRIMARY KEY NOT NULL CHECK (one = 1),
    seq       {int} NOT NULL,
    hash      TEXT NOT NULL,
    area_seq  {int} NOT NULL,
    facts_seq {int} NOT NULL,
    probe     {int} NOT NULL
) {strict};
INSERT INTO head (one, seq, hash, area_seq, facts_seq, probe)
VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000', 0, 0, 0);

CREATE TABLE idempotency (
    user_name   TEXT NOT NULL,
    route       TEXT NOT NULL,
    plot_id     TEXT NOT NULL,
    key         TEXT NOT NULL,
    body_sha256 TEXT NOT NULL,
    seq         {int} NOT NULL,
    PRIMARY KEY (user_name, route, plot_id, key)
) {strict};

-- The projection: what the events of a plot add up to, and, after it, what lists filter and sort
-- by. All of it can be made anew from event, plot, batch and facts.
CREATE TABLE plot_state (
    fid              {int} PRIMARY KEY NOT NULL REFERENCES plot (fid),
    plot_id          TEXT NOT NULL UNIQUE,
    version          {int} NOT NULL,
    seq              {int} NOT NULL,
    stage            TEXT,
    area             TEXT NOT NULL,
    county           TEXT,
    township         TEXT,
    assignee         TEXT,
    mark             TEXT NOT NULL,
    mark_state       TEXT NOT NULL,
    determination    TEXT,
    outcome          TEXT,
    reason           TEXT,
    reason_source    TEXT,
    violation        TEXT,
    severity         TEXT,
    type_actual      TEXT,
    note             TEXT,
    permit_no        TEXT,
    permit_authority TEXT,
    permit_date      TEXT,
    permit_valid_to  TEXT,
    area_m2          TEXT,
    volume_m3        TEXT,
    review_mode      TEXT,
    marked_by        TEXT,
    marked_unit      TEXT,
    marked_role      TEXT,
    marked_at        TEXT,
    undo             {json} NOT NULL,
    updated_at       TEXT NOT NULL,
    batch            TEXT NOT NULL,
    source_id        TEXT NOT NULL,
    type_issued      TEXT,
    due_on           TEXT NOT NULL,
    words_given      TEXT NOT NULL,
    words_found      TEXT NOT NULL,
    found_county     TEXT,
    found_township   TEXT,
    river            TEXT,
    size_m2          {real} NOT NULL,
    band             TEXT,
    suggestion       TEXT,
    lon              {real} NOT NULL,
    lat              {real} NOT NULL,
    risk             TEXT NOT NULL,
    list_county      TEXT GENERATED ALWAYS AS (COALESCE(county, found_county)) STORED,
    list_township    TEXT GENERATED ALWAYS AS (COALESCE(township, found_township)) STORED
) {strict};
CREATE INDEX plot_state_counts ON plot_state (batch, area, mark);
CREATE INDEX plot_state_risk ON plot_state (list_county, mark, risk, fid);
CREATE INDEX plot_state_source_id ON plot_state (list_county, mark, source_id, fid);
CREATE INDEX plot_state_size ON plot_state (list_county, mark, size_m2, fid);
CREATE INDEX plot_state_updated ON plot_state (list_county, mark, updated_at, fid);
CREATE INDEX plot_state_due ON plot_state (list_county, mark, due_on, fid);

CREATE TABLE facts (
    plot_id       TEXT PRIMARY KEY NOT NULL REFERENCES plot (plot_id),
    computed_at   TEXT NOT NULL,
    layers        TEXT NOT NULL,
    area_m2       {real},
    in_m2         {real},
    in_share      {real},
    water_share   {real},
    edge_m        {real},
    band          TEXT,
    river         TEXT,
    river_code    TEXT,
    river_m       {real},
    bank          TEXT,
    chainage_m    {real},
    county        TEXT,
    county_name   TEXT,
    county_share  {real},
    multi_county  {int} NOT NULL,
    township      TEXT,
    township_name TEXT,
    lon           {real} NOT NULL,
    lat           {real} NOT NULL,
    suggestion    TEXT,
    detail        {json} NOT NULL
) {strict};

-- What was known before; ``replaced_by`` is the head's facts_seq of the write that replaced it.
CREATE TABLE facts_past (
    replaced_by   {int} NOT NULL,
    plot_id       TEXT NOT NULL,
    computed_at   TEXT NOT NULL,
    layers        TEXT NOT NULL,
    area_m2       {real},
    in_m2         {real},
    in_share      {real},
    water_share   {real},
    edge_m        {real},
    band          TEXT,
    river         TEXT,
    river_code    TEXT,
    river_m       {real},
    bank          TEXT,
    chainage_m    {real},
    county        TEXT,
    county_name   TEXT,
    county_share  {real},
    multi_county  {int} NOT NULL,
    township      TEXT,
    township_name TEXT,
    lon           {real} NOT NULL,
    lat           {real} NOT NULL,
    suggestion    TEXT,
    detail        {json} NOT NULL,
    PRIMARY KEY (plot_id, replaced_by)
) {strict};

CREATE TABLE evidence (
    number      {serial},
    evidence_id TEXT NOT NULL UNIQUE,
    plot_id     TEXT NOT NULL REFERENCES plot (plot_id),
    sha256      TEXT NOT NULL,
    kind        TEXT NOT NULL,
    name        TEXT NOT NULL,
    media_type  TEXT NOT NULL,
    size        {int} NOT NULL,
    taken_at    TEXT,
    lon         {real},
    lat         {real},
    azimuth     {real},
    actor       TEXT NOT NULL,
    created_at  TEXT NOT NULL
) {strict};
CREATE INDEX evidence_plot ON evidence (plot_id, number);

CREATE TABLE layer (
    number       {serial},
    layer_id     TEXT NOT NULL UNIQUE,
    kind         TEXT NOT NULL,
    name         TEXT NOT NULL,
    version      TEXT NOT NULL,
    valid_from   TEXT,
    source       TEXT NOT NULL,
    sha256       TEXT NOT NULL,
    crs_original TEXT NOT NULL,
    accuracy_m   {real} NOT NULL,
    features     {int} NOT NULL,
    west         {real} NOT NULL,
    south        {real} NOT NULL,
    east         {real} NOT NULL,
    north        {real} NOT NULL,
    created_at   TEXT NOT NULL,
    actor        TEXT NOT NULL,
    is_current   {int} NOT NULL,
    UNIQUE (kind, name, version)
) {strict};

CREATE TABLE layer_feature (
    number   {serial},
    layer_id TEXT NOT NULL REFERENCES layer (layer_id),
    wkb      {geom} NOT NULL,
    code     TEXT,
    name     TEXT,
    props    {json} NOT NULL
) {strict};
CREATE INDEX layer_feature_layer ON layer_feature (layer_id, number);

CREATE TABLE scene (
    scene_id   TEXT PRIMARY KEY NOT NULL,
    name       TEXT NOT NULL,
    role       TEXT NOT NULL,
    date       TEXT NOT NULL,
    sensor     TEXT,
    sha256     TEXT NOT NULL,
    info       {json} NOT NULL,
    created_at TEXT NOT NULL,
    actor      TEXT NOT NULL
) {strict};

CREATE TABLE person (
    user_name     TEXT PRIMARY KEY NOT NULL,
    name          TEXT NOT NULL,
    unit          TEXT NOT NULL,
    password_hash TEXT,
    disabled      {int} NOT NULL
) {strict};

CREATE TABLE person_grant (
    user_name TEXT NOT NULL REFERENCES person (user_name),
    place     {int} NOT NULL,
    role      TEXT NOT NULL,
    area      TEXT NOT NULL,
    PRIMARY KEY (user_name, place)
) {strict};

CREATE TABLE session (
    token_sha256 TEXT PRIMARY KEY NOT NULL,
    user_name    TEXT NOT NULL REFERENCES person (user_name),
    created_at   TEXT NOT NULL,
    expires_at   TEXT NOT NULL
) {strict};
CREATE INDEX session_user ON session (user_name);

CREATE TABLE failure (
    number {serial},
    who    TEXT NOT NULL,
    at     TEXT NOT NULL
) {strict};
CREATE INDEX failure_who ON failure (who, at);

CREATE TABLE export (
    export_id   TEXT PRIMARY KEY NOT NULL,
    user_name   TEXT NOT NULL,
    format      TEXT NOT NULL,
    options     TEXT NOT NULL,
    state       TEXT NOT NULL,
    file        TEXT,
    losses      TEXT,
    error       TEXT,
    created_at  TEXT NOT NULL,
    finished_at TEXT
) {strict};
CREATE INDEX export_state ON export (state, created_at);
