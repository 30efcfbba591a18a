-- A store as the released code of schema 0001 kept it: what an upgrade must take over whole.
BEGIN;
CREATE TABLE migration (name TEXT PRIMARY KEY NOT NULL, sha256 TEXT NOT NULL);
CREATE TABLE batch (
    name         TEXT PRIMARY KEY NOT NULL,
    area         TEXT NOT NULL,
    review_due   TEXT,
    rectify_due  TEXT,
    hard         INTEGER NOT NULL,
    created_at   TEXT NOT NULL
) STRICT;
CREATE TABLE import_file (
    number     INTEGER PRIMARY KEY,
    import_id  TEXT NOT NULL UNIQUE,
    batch      TEXT NOT NULL REFERENCES batch (name),
    file       TEXT NOT NULL,
    sha256     TEXT NOT NULL,
    report     TEXT NOT NULL,
    actor      TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE TABLE plot (
    fid        INTEGER PRIMARY KEY,
    plot_id    TEXT NOT NULL UNIQUE,
    batch      TEXT NOT NULL REFERENCES batch (name),
    source_id  TEXT NOT NULL,
    row_no     INTEGER NOT NULL,
    wkb        BLOB NOT NULL,
    source_wkb BLOB NOT NULL,
    source_crs TEXT NOT NULL,
    fields     TEXT NOT NULL,
    extra      TEXT NOT NULL,
    flags      TEXT NOT NULL,
    west       REAL NOT NULL,
    south      REAL NOT NULL,
    east       REAL NOT NULL,
    north      REAL NOT NULL,
    UNIQUE (batch, source_id)
) STRICT;
CREATE TABLE event (
    prev_hash   TEXT NOT NULL,
    seq         INTEGER PRIMARY KEY NOT NULL,
    event_id    TEXT NOT NULL,
    plot_id     TEXT NOT NULL,
    version     INTEGER NOT NULL,
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
) STRICT;
CREATE TABLE head (
    one       INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
    seq       INTEGER NOT NULL,
    hash      TEXT NOT NULL,
    area_seq  INTEGER NOT NULL,
    facts_seq INTEGER NOT NULL,
    probe     INTEGER NOT NULL
) STRICT;
CREATE TABLE idempotency (
    user_name   TEXT NOT NULL,
    route       TEXT NOT NULL,
    plot_id     TEXT NOT NULL,
    key         TEXT NOT NULL,
    body_sha256 TEXT NOT NULL,
    seq         INTEGER NOT NULL,
    PRIMARY KEY (user_name, route, plot_id, key)
) STRICT;
CREATE TABLE plot_state (
    fid              INTEGER PRIMARY KEY NOT NULL REFERENCES plot (fid),
    plot_id          TEXT NOT NULL UNIQUE,
    version          INTEGER NOT NULL,
    seq              INTEGER NOT NULL,
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
    undo             TEXT NOT NULL,
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
    size_m2          REAL NOT NULL,
    band             TEXT,
    suggestion       TEXT,
    lon              REAL NOT NULL,
    lat              REAL NOT NULL,
    risk             TEXT NOT NULL,
    list_county      TEXT GENERATED ALWAYS AS (COALESCE(county, found_county)) STORED,
    list_township    TEXT GENERATED ALWAYS AS (COALESCE(township, found_township)) STORED
) STRICT;
CREATE TABLE facts (
    plot_id       TEXT PRIMARY KEY NOT NULL REFERENCES plot (plot_id),
    computed_at   TEXT NOT NULL,
    layers        TEXT NOT NULL,
    area_m2       REAL,
    in_m2         REAL,
    in_share      REAL,
    water_share   REAL,
    edge_m        REAL,
    band          TEXT,
    river         TEXT,
    river_code    TEXT,
    river_m       REAL,
    bank          TEXT,
    chainage_m    REAL,
    county        TEXT,
    county_name   TEXT,
    county_share  REAL,
    multi_county  INTEGER NOT NULL,
    township      TEXT,
    township_name TEXT,
    lon           REAL NOT NULL,
    lat           REAL NOT NULL,
    suggestion    TEXT,
    detail        TEXT NOT NULL
) STRICT;
CREATE TABLE facts_past (
    replaced_by   INTEGER NOT NULL,
    plot_id       TEXT NOT NULL,
    computed_at   TEXT NOT NULL,
    layers        TEXT NOT NULL,
    area_m2       REAL,
    in_m2         REAL,
    in_share      REAL,
    water_share   REAL,
    edge_m        REAL,
    band          TEXT,
    river         TEXT,
    river_code    TEXT,
    river_m       REAL,
    bank          TEXT,
    chainage_m    REAL,
    county        TEXT,
    county_name   TEXT,
    county_share  REAL,
    multi_county  INTEGER NOT NULL,
    township      TEXT,
    township_name TEXT,
    lon           REAL NOT NULL,
    lat           REAL NOT NULL,
    suggestion    TEXT,
    detail        TEXT NOT NULL,
    PRIMARY KEY (plot_id, replaced_by)
) STRICT;
CREATE TABLE evidence (
    number      INTEGER PRIMARY KEY,
    evidence_id TEXT NOT NULL UNIQUE,
    plot_id     TEXT NOT NULL REFERENCES plot (plot_id),
    sha256      TEXT NOT NULL,
    kind        TEXT NOT NULL,
    name        TEXT NOT NULL,
    media_type  TEXT NOT NULL,
    size        INTEGER NOT NULL,
    taken_at    TEXT,
    lon         REAL,
    lat         REAL,
    azimuth     REAL,
    actor       TEXT NOT NULL,
    created_at  TEXT NOT NULL
) STRICT;
CREATE TABLE layer (
    number       INTEGER PRIMARY KEY,
    layer_id     TEXT NOT NULL UNIQUE,
    kind         TEXT NOT NULL,
    name         TEXT NOT NULL,
    version      TEXT NOT NULL,
    valid_from   TEXT,
    source       TEXT NOT NULL,
    sha256       TEXT NOT NULL,
    crs_original TEXT NOT NULL,
    accuracy_m   REAL NOT NULL,
    features     INTEGER NOT NULL,
    west         REAL NOT NULL,
    south        REAL NOT NULL,
    east         REAL NOT NULL,
    north        REAL NOT NULL,
    created_at   TEXT NOT NULL,
    actor        TEXT NOT NULL,
    is_current   INTEGER NOT NULL,
    UNIQUE (kind, name, version)
) STRICT;
CREATE TABLE layer_feature (
    number   INTEGER PRIMARY KEY,
    layer_id TEXT NOT NULL REFERENCES layer (layer_id),
    wkb      BLOB NOT NULL,
    code     TEXT,
    name     TEXT,
    props    TEXT NOT NULL
) STRICT;
CREATE TABLE scene (
    scene_id   TEXT PRIMARY KEY NOT NULL,
    name       TEXT NOT NULL,
    role       TEXT NOT NULL,
    date       TEXT NOT NULL,
    sensor     TEXT,
    sha256     TEXT NOT NULL,
    info       TEXT NOT NULL,
    created_at TEXT NOT NULL,
    actor      TEXT NOT NULL
) STRICT;
CREATE TABLE person (
    user_name     TEXT PRIMARY KEY NOT NULL,
    name          TEXT NOT NULL,
    unit          TEXT NOT NULL,
    password_hash TEXT,
    disabled      INTEGER NOT NULL
) STRICT;
CREATE TABLE person_grant (
    user_name TEXT NOT NULL REFERENCES person (user_name),
    place     INTEGER NOT NULL,
    role      TEXT NOT NULL,
    area      TEXT NOT NULL,
    PRIMARY KEY (user_name, place)
) STRICT;
CREATE TABLE session (
    token_sha256 TEXT PRIMARY KEY NOT NULL,
    user_name    TEXT NOT NULL REFERENCES person (user_name),
    created_at   TEXT NOT NULL,
    expires_at   TEXT NOT NULL
) STRICT;
CREATE TABLE failure (
    number INTEGER PRIMARY KEY,
    who    TEXT NOT NULL,
    at     TEXT NOT NULL
) STRICT;
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
) STRICT;
CREATE VIRTUAL TABLE plot_box USING rtree (fid, west, east, south, north);
INSERT INTO migration (name, sha256) VALUES ('0001_start', 'a335735ac7e849340908fb166aedb6fadda2403c10937ff627cdf0ae8c524a65');
INSERT INTO batch (name, area, review_due, rectify_due, hard, created_at) VALUES ('2023-1', '5119', '2023-06-30', '2023-11-30', 1, '2023-04-10T02:00:00+00:00');
INSERT INTO import_file (number, import_id, batch, file, sha256, report, actor, created_at) VALUES (1, 'import-2023-1-0', '2023-1', 'plots-0.shp', '0000000000000000000000000000000000000000000000000000000000000000', '{}', 'system', '2023-04-10T02:00:00+00:00');
INSERT INTO plot (fid, plot_id, batch, source_id, row_no, wkb, source_wkb, source_crs, fields, extra, flags, west, south, east, north) VALUES (1, '2023-1-0-0000000', '2023-1', 'BZ00000000', 1, X'0103000000010000000500000074FE193313D65A40703E5EA60421404074FE193313D65A40FEB3CFC111214040FB14F3010BD65A40FEB3CFC111214040FB14F3010BD65A40703E5EA60421404074FE193313D65A40703E5EA604214040', X'0103000000010000000500000074FE193313D65A40703E5EA60421404074FE193313D65A40FEB3CFC111214040FB14F3010BD65A40FEB3CFC111214040FB14F3010BD65A40703E5EA60421404074FE193313D65A40703E5EA604214040', 'EPSG:4490', '{"source_id":"BZ00000000","type_issued":"疑似采砂"}', '{"BZ":"原样保留"}', '[]', 107.34442185152504, 32.2579544029403, 107.34492185152504, 32.258354402940299);
INSERT INTO plot (fid, plot_id, batch, source_id, row_no, wkb, source_wkb, source_crs, fields, extra, flags, west, south, east, north) VALUES (2, '2023-1-0-0000001', '2023-1', 'BZ00000001', 2, X'010300000001000000050000003477A39DA1A85A4014D66CB5782C40403477A39DA1A85A40A24BDED0852C4040BB8D7C6C99A85A40A24BDED0852C4040BB8D7C6C99A85A4014D66CB5782C40403477A39DA1A85A4014D66CB5782C4040', X'010300000001000000050000003477A39DA1A85A4014D66CB5782C40403477A39DA1A85A40A24BDED0852C4040BB8D7C6C99A85A40A24BDED0852C4040BB8D7C6C99A85A4014D66CB5782C40403477A39DA1A85A4014D66CB5782C4040', 'EPSG:4490', '{"source_id":"BZ00000001","type_issued":"疑似采砂"}', '{"BZ":"原样保留"}', '[]', 106.6343642441124, 32.347433736937234, 106.63486424411241, 32.347833736937233);
INSERT INTO plot (fid, plot_id, batch, source_id, row_no, wkb, source_wkb, source_crs, fields, extra, flags, west, south, east, north) VALUES (3, '2023-1-0-0000002', '2023-1', 'BZ00000002', 3, X'010300000001000000050000001FD185DB37DD5A40BB953D69523940401FD185DB37DD5A40490BAF845F394040A6E75EAA2FDD5A40490BAF845F394040A6E75EAA2FDD5A40BB953D69523940401FD185DB37DD5A40BB953D6952394040', X'010300000001000000050000001FD185DB37DD5A40BB953D69523940401FD185DB37DD5A40490BAF845F394040A6E75EAA2FDD5A40490BAF845F394040A6E75EAA2FDD5A40BB953D69523940401FD185DB37DD5A40BB953D6952394040', 'EPSG:4490', '{"source_id":"BZ00000002","type_issued":"疑似采砂"}', '{"BZ":"原样保留"}', '[]', 107.45603427188925, 32.44782748705935, 107.45653427188925, 32.448227487059349);
INSERT INTO plot (fid, plot_id, batch, source_id, row_no, wkb, source_wkb, source_crs, fields, extra, flags, west, south, east, north) VALUES (4, '2023-1-0-0000003', '2023-1', 'BZ00000003', 4, X'0103000000010000000500000034A7230143AF5A403616A24DA905404034A7230143AF5A40C48B1369B6054040BBBDFCCF3AAF5A40C48B1369B6054040BBBDFCCF3AAF5A403616A24DA905404034A7230143AF5A403616A24DA9054040', X'0103000000010000000500000034A7230143AF5A403616A24DA905404034A7230143AF5A40C48B1369B6054040BBBDFCCF3AAF5A40C48B1369B6054040BBBDFCCF3AAF5A403616A24DA905404034A7230143AF5A403616A24DA9054040', 'EPSG:4490', '{"source_id":"BZ00000003","type_issued":"疑似采砂"}', '{"BZ":"原样保留"}', '[]', 106.7379646270919, 32.04422922529595, 106.7384646270919, 32.04462922529595);
INSERT INTO plot (fid, plot_id, batch, source_id, row_no, wkb, source_wkb, source_crs, fields, extra, flags, west, south, east, north) VALUES (5, '2023-1-0-0000004', '2023-1', 'BZ00000004', 5, X'01030000000100000005000000A156999A23AF5A403514D716699A3F40A156999A23AF5A4051FFB94D839A3F40286D72691BAF5A4051FFB94D839A3F40286D72691BAF5A403514D716699A3F40A156999A23AF5A403514D716699A3F40', X'01030000000100000005000000A156999A23AF5A403514D716699A3F40A156999A23AF5A4051FFB94D839A3F40286D72691BAF5A4051FFB94D839A3F40286D72691BAF5A403514D716699A3F40A156999A23AF5A403514D716699A3F40', 'EPSG:4490', '{"source_id":"BZ00000004","type_issued":"疑似采砂"}', '{"BZ":"原样保留"}', '[]', 106.73604808973744, 31.603166034230714, 106.73654808973744, 31.603566034230713);
INSERT INTO plot (fid, plot_id, batch, source_id, row_no, wkb, source_wkb, source_crs, fields, extra, flags, west, south, east, north) VALUES (6, '2023-1-0-0000005', '2023-1', 'BZ00000005', 6, X'01030000000100000005000000A0F438D0E5C75A4090BC45E0F21E4040A0F438D0E5C75A401E32B7FBFF1E4040270B129FDDC75A401E32B7FBFF1E4040270B129FDDC75A4090BC45E0F21E4040A0F438D0E5C75A4090BC45E0F21E4040', X'01030000000100000005000000A0F438D0E5C75A4090BC45E0F21E4040A0F438D0E5C75A401E32B7FBFF1E4040270B129FDDC75A401E32B7FBFF1E4040270B129FDDC75A4090BC45E0F21E4040A0F438D0E5C75A4090BC45E0F21E4040', 'EPSG:4490', '{"source_id":"BZ00000005","type_issued":"疑似采砂"}', '{"BZ":"原样保留"}', '[]', 107.12290169488971, 32.241786989260731, 107.12340169488971, 32.242186989260731);
INSERT INTO event (prev_hash, seq, event_id, plot_id, version, action, actor, unit, role, observed_at, recorded_at, body, before, after, hash) VALUES ('0000000000000000000000000000000000000000000000000000000000000000', 1, 'i-2023-1-0-0000000', '2023-1-0-0000000', 1, 'import', 'city-5119', 'unit-5119', 'city', '2023-04-10T02:00:00+00:00', '2023-04-10T02:00:00.000+00:00', '{"batch":"2023-1","row":1,"source_id":"BZ00000000"}', '{"area":"","stage":null}', '{"area":"5119","stage":"imported"}', '4b8ec3a05672ba01233e020149152093f395295549a4be245cdc3b58c6195416');
INSERT INTO event (prev_hash, seq, event_id, plot_id, version, action, actor, unit, role, observed_at, recorded_at, body, before, after, hash) VALUES ('4b8ec3a05672ba01233e020149152093f395295549a4be245cdc3b58c6195416', 2, 'd-2023-1-0-0000000', '2023-1-0-0000000', 2, 'dispatch', 'city-5119', 'unit-5119', 'city', '2023-04-10T02:00:00+00:00', '2023-04-10T02:00:00.000+00:00', '{"auto":true,"county":"511902"}', '{"area":"5119","county":null,"stage":"imported"}', '{"area":"511902","county":"511902","stage":"at_county"}', '52797a7bb508632b4a1b8e6f0e1b79148320a17b9220e88c71ef42d662373c98');
INSERT INTO event (prev_hash, seq, event_id, plot_id, version, action, actor, unit, role, observed_at, recorded_at, body, before, after, hash) VALUES ('52797a7bb508632b4a1b8e6f0e1b79148320a17b9220e88c71ef42d662373c98', 3, 'i-2023-1-0-0000001', '2023-1-0-0000001', 1, 'import', 'city-5119', 'unit-5119', 'city', '2023-04-10T02:00:00+00:00', '2023-04-10T02:00:00.000+00:00', '{"batch":"2023-1","row":2,"source_id":"BZ00000001"}', '{"area":"","stage":null}', '{"area":"5119","stage":"imported"}', 'e8b4d0a4dc9565034cb26b90af58d15d38a708892436144144035b75c99441bd');
INSERT INTO event (prev_hash, seq, event_id, plot_id, version, action, actor, unit, role, observed_at, recorded_at, body, before, after, hash) VALUES ('e8b4d0a4dc9565034cb26b90af58d15d38a708892436144144035b75c99441bd', 4, 'd-2023-1-0-0000001', '2023-1-0-0000001', 2, 'dispatch', 'city-5119', 'unit-5119', 'city', '2023-04-10T02:00:00+00:00', '2023-04-10T02:00:00.000+00:00', '{"auto":true,"county":"511903"}', '{"area":"5119","county":null,"stage":"imported"}', '{"area":"511903","county":"511903","stage":"at_county"}', '9cc57174c5dccef75fa474dadf12ce7789324c5062a9f9e8950535d74f5fc2fd');
INSERT INTO event (prev_hash, seq, event_id, plot_id, version, action, actor, unit, role, observed_at, recorded_at, body, before, after, hash) VALUES ('9cc57174c5dccef75fa474dadf12ce7789324c5062a9f9e8950535d74f5fc2fd', 5, 'i-2023-1-0-0000002', '2023-1-0-0000002', 1, 'import', 'city-5119', 'unit-5119', 'city', '2023-04-10T02:00:00+00:00', '2023-04-10T02:00:00.000+00:00', '{"batch":"2023-1","row":3,"source_id":"BZ00000002"}', '{"area":"","stage":null}', '{"area":"5119","stage":"imported"}', '7e161dda79289688531027b1bf2f4cc019e2e91d6166009d3758a2c20f653a97');
INSERT INTO event (prev_hash, seq, event_id, plot_id, version, action, actor, unit, role, observed_at, recorded_at, body, before, after, hash) VALUES ('7e161dda79289688531027b1bf2f4cc019e2e91d6166009d3758a2c20f653a97', 6, 'd-2023-1-0-0000002', '2023-1-0-0000002', 2, 'dispatch', 'city-5119', 'unit-5119', 'city', '2023-04-10T02:00:00+00:00', '2023-04-10T02:00:00.000+00:00', '{"auto":true,"county":"511921"}', '{"area":"5119","county":null,"stage":"imported"}', '{"area":"511921","county":"511921","stage":"at_county"}', 'c90328cbdbd00ccc2c623018ab202fc531435e9a706eb9f03471a880a45ea76a');
INSERT INTO event (prev_hash, seq, event_id, plot_id, version, action, actor, unit, role, observed_at, recorded_at, body, before, after, hash) VALUES ('c90328cbdbd00ccc2c623018ab202fc531435e9a706eb9f03471a880a45ea76a', 7, 'i-2023-1-0-0000003', '2023-1-0-0000003', 1, 'import', 'city-5119', 'unit-5119', 'city', '2023-04-10T02:00:00+00:00', '2023-04-10T02:00:00.000+00:00', '{"batch":"2023-1","row":4,"source_id":"BZ00000003"}', '{"area":"","stage":null}', '{"area":"5119","stage":"imported"}', 'fe60f65dfc8e2fda8558081ecd91cc55a0ffae6d9064537afe108fe5e620b577');
INSERT INTO event (prev_hash, seq, event_id, plot_id, version, action, actor, unit, role, observed_at, recorded_at, body, before, after, hash) VALUES ('fe60f65dfc8e2fda8558081ecd91cc55a0ffae6d9064537afe108fe5e620b577', 8, 'd-2023-1-0-0000003', '2023-1-0-0000003', 2, 'dispatch', 'city-5119', 'unit-5119', 'city', '2023-04-10T02:00:00+00:00', '2023-04-10T02:00:00.000+00:00', '{"auto":true,"county":"511922"}', '{"area":"5119","county":null,"stage":"imported"}', '{"area":"511922","county":"511922","stage":"at_county"}', '00d658737219022fb8d795fd36f78799f98b9bcaa89af056d5c564bf411bb925');
INSERT INTO event (prev_hash, seq, event_id, plot_id, version, action, actor, unit, role, observed_at, recorded_at, body, before, after, hash) VALUES ('00d658737219022fb8d795fd36f78799f98b9bcaa89af056d5c564bf411bb925', 9, 'i-2023-1-0-0000004', '2023-1-0-0000004', 1, 'import', 'city-5119', 'unit-5119', 'city', '2023-04-10T02:00:00+00:00', '2023-04-10T02:00:00.000+00:00', '{"batch":"2023-1","row":5,"source_id":"BZ00000004"}', '{"area":"","stage":null}', '{"area":"5119","stage":"imported"}', '9c42c7d98c2d98265ee7ea65131661afaf0597124eef66636246fe99097764ea');
INSERT INTO event (prev_hash, seq, event_id, plot_id, version, action, actor, unit, role, observed_at, recorded_at, body, before, after, hash) VALUES ('9c42c7d98c2d98265ee7ea65131661afaf0597124eef66636246fe99097764ea', 10, 'd-2023-1-0-0000004', '2023-1-0-0000004', 2, 'dispatch', 'city-5119', 'unit-5119', 'city', '2023-04-10T02:00:00+00:00', '2023-04-10T02:00:00.000+00:00', '{"auto":true,"county":"511923"}', '{"area":"5119","county":null,"stage":"imported"}', '{"area":"511923","county":"511923","stage":"at_county"}', 'cd7af84cebb37c6f72a927baab53525fd597e5c21c759fb02a4e526e567791f7');
INSERT INTO event (prev_hash, seq, event_id, plot_id, version, action, actor, unit, role, observed_at, recorded_at, body, before, after, hash) VALUES ('cd7af84cebb37c6f72a927baab53525fd597e5c21c759fb02a4e526e567791f7', 11, 'i-2023-1-0-0000005', '2023-1-0-0000005', 1, 'import', 'city-5119', 'unit-5119', 'city', '2023-04-10T02:00:00+00:00', '2023-04-10T02:00:00.000+00:00', '{"batch":"2023-1","row":6,"source_id":"BZ00000005"}', '{"area":"","stage":null}', '{"area":"5119","stage":"imported"}', '553441af793ad58031c92904b870649e91a7720ac9ae6a41c62540e416a53c3c');
INSERT INTO event (prev_hash, seq, event_id, plot_id, version, action, actor, unit, role, observed_at, recorded_at, body, before, after, hash) VALUES ('553441af793ad58031c92904b870649e91a7720ac9ae6a41c62540e416a53c3c', 12, 'd-2023-1-0-0000005', '2023-1-0-0000005', 2, 'dispatch', 'city-5119', 'unit-5119', 'city', '2023-04-10T02:00:00+00:00', '2023-04-10T02:00:00.000+00:00', '{"auto":true,"county":"511902"}', '{"area":"5119","county":null,"stage":"imported"}', '{"area":"511902","county":"511902","stage":"at_county"}', 'b6a70997cbb53606c7ff0945c0cde489c34b6beeef648c3db2e100fabd1982db');
INSERT INTO event (prev_hash, seq, event_id, plot_id, version, action, actor, unit, role, observed_at, recorded_at, body, before, after, hash) VALUES ('b6a70997cbb53606c7ff0945c0cde489c34b6beeef648c3db2e100fabd1982db', 13, '18ab9e57614b52c277a33442', '2023-1-0-0000000', 2, 'attach', 'county-511902', 'unit-511902', 'county', '2023-04-10T02:00:00+00:00', '2023-04-10T02:00:00.000+00:00', '{"evidence_id":"f89c14d47a398c23da24ff6a","kind":"E_PHOTO","media_type":"image/jpeg","sha256":"e8dfd135a94f5c335398f142a76721959c1d4a4399836bd74048fae96d179d88","size":2056}', '{"stage":"at_county"}', '{}', 'f73466ea5d00214f9f4ca50c86444b72b09f7deea059972fb686cbe877fde81d');
INSERT INTO event (prev_hash, seq, event_id, plot_id, version, action, actor, unit, role, observed_at, recorded_at, body, before, after, hash) VALUES ('f73466ea5d00214f9f4ca50c86444b72b09f7deea059972fb686cbe877fde81d', 14, 'e-1', '2023-1-0-0000000', 3, 'mark', 'county-511902', 'unit-511902', 'county', '2023-04-10T02:00:00+00:00', '2023-04-10T02:00:00.000+00:00', '{"mark":"confirmed","note":"砂场𬇙","violation":"PR42"}', '{"assignee":null,"determination":null,"mark":"pending","marked_at":null,"marked_by":null,"marked_role":null,"marked_unit":null,"note":null,"stage":"at_county","violation":null}', '{"assignee":"county-511902","determination":"problem","mark":"confirmed","marked_at":"2023-04-10T02:00:00.000+00:00","marked_by":"county-511902","marked_role":"county","marked_unit":"unit-511902","note":"砂场𬇙","stage":"in_review","violation":"PR42"}', 'e57e1eab91cbaea0998e2a173e7052b8049edb7e80e521f21f2701a083b8ec7b');
INSERT INTO event (prev_hash, seq, event_id, plot_id, version, action, actor, unit, role, observed_at, recorded_at, body, before, after, hash) VALUES ('e57e1eab91cbaea0998e2a173e7052b8049edb7e80e521f21f2701a083b8ec7b', 15, 'e-2', '2023-1-0-0000000', 4, 'undo_mark', 'county-511902', 'unit-511902', 'county', '2023-04-10T02:00:00+00:00', '2023-04-10T02:00:00.000+00:00', '{}', '{"determination":"problem","mark":"confirmed","marked_at":"2023-04-10T02:00:00.000+00:00","marked_by":"county-511902","marked_role":"county","marked_unit":"unit-511902","note":"砂场𬇙","stage":"in_review","violation":"PR42"}', '{"determination":null,"mark":"pending","marked_at":null,"marked_by":null,"marked_role":null,"marked_unit":null,"note":null,"violation":null}', '216912ad1918706e4a2e72a8dc20f86029306d748a37064501676debc7e75f47');
INSERT INTO event (prev_hash, seq, event_id, plot_id, version, action, actor, unit, role, observed_at, recorded_at, body, before, after, hash) VALUES ('216912ad1918706e4a2e72a8dc20f86029306d748a37064501676debc7e75f47', 16, 'e-3', '2023-1-0-0000000', 5, 'mark', 'county-511902', 'unit-511902', 'county', '2023-04-10T02:00:00+00:00', '2023-04-10T02:00:00.000+00:00', '{"mark":"false_positive","reason":"FP31"}', '{"determination":null,"mark":"pending","marked_at":null,"marked_by":null,"marked_role":null,"marked_unit":null,"reason":null,"reason_source":null,"stage":"in_review"}', '{"determination":"not_problem","mark":"false_positive","marked_at":"2023-04-10T02:00:00.000+00:00","marked_by":"county-511902","marked_role":"county","marked_unit":"unit-511902","reason":"FP31","reason_source":"chosen"}', '59acc35f5b7471d586a25679b44c5d893254d83df4201e67bf79ba0a26731143');
INSERT INTO head (one, seq, hash, area_seq, facts_seq, probe) VALUES (1, 16, '59acc35f5b7471d586a25679b44c5d893254d83df4201e67bf79ba0a26731143', 12, 2, 0);
INSERT INTO idempotency (user_name, route, plot_id, key, body_sha256, seq) VALUES ('', 'attach', '2023-1-0-0000000', 'E_PHOTO e8dfd135a94f5c335398f142a76721959c1d4a4399836bd74048fae96d179d88', 'e8dfd135a94f5c335398f142a76721959c1d4a4399836bd74048fae96d179d88', 13);
INSERT INTO idempotency (user_name, route, plot_id, key, body_sha256, seq) VALUES ('county-511902', 'mark', '2023-1-0-0000000', '1', '0000000000000000000000000000000000000000000000000000000000000000', 14);
INSERT INTO idempotency (user_name, route, plot_id, key, body_sha256, seq) VALUES ('county-511902', 'undo_mark', '2023-1-0-0000000', '2', '0000000000000000000000000000000000000000000000000000000000000000', 15);
INSERT INTO idempotency (user_name, route, plot_id, key, body_sha256, seq) VALUES ('county-511902', 'mark', '2023-1-0-0000000', '3', '0000000000000000000000000000000000000000000000000000000000000000', 16);
INSERT INTO plot_state (fid, plot_id, version, seq, stage, area, county, township, assignee, mark, mark_state, determination, outcome, reason, reason_source, violation, severity, type_actual, note, permit_no, permit_authority, permit_date, permit_valid_to, area_m2, volume_m3, review_mode, marked_by, marked_unit, marked_role, marked_at, undo, updated_at, batch, source_id, type_issued, due_on, words_given, words_found, found_county, found_township, river, size_m2, band, suggestion, lon, lat, risk) VALUES (1, '2023-1-0-0000000', 5, 16, 'in_review', '511902', '511902', NULL, 'county-511902', 'false_positive', 'draft', 'not_problem', NULL, 'FP31', 'chosen', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'county-511902', 'unit-511902', 'county', '2023-04-10T02:00:00.000+00:00', '[{"actor":"county-511902","before":{"determination":null,"mark":"pending","marked_at":null,"marked_by":null,"marked_role":null,"marked_unit":null,"reason":null,"reason_source":null}}]', '2023-04-10T02:00:00.000+00:00', '2023-1', 'BZ00000000', '疑似采砂', '2023-06-30', 'bz00000000
疑似采砂', '恩阳河
长赤镇
南江县', '511921', '511921100', '恩阳河', 111.1, 'unknown', 'FP21', 107.34467185152505, 32.258154402940299, '12999999998888 2023-06-30 BZ00000000');
INSERT INTO plot_state (fid, plot_id, version, seq, stage, area, county, township, assignee, mark, mark_state, determination, outcome, reason, reason_source, violation, severity, type_actual, note, permit_no, permit_authority, permit_date, permit_valid_to, area_m2, volume_m3, review_mode, marked_by, marked_unit, marked_role, marked_at, undo, updated_at, batch, source_id, type_issued, due_on, words_given, words_found, found_county, found_township, river, size_m2, band, suggestion, lon, lat, risk) VALUES (2, '2023-1-0-0000001', 2, 4, 'at_county', '511903', '511903', NULL, NULL, 'pending', 'draft', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '[]', '2023-04-10T02:00:00.000+00:00', '2023-1', 'BZ00000001', '疑似采砂', '2023-06-30', 'bz00000001
疑似采砂', '巴河
长赤镇
南江县', '511902', '511902100', '巴河', 3820.1, 'out', NULL, 106.63461424411241, 32.347633736937233, '13999999961798 2023-06-30 BZ00000001');
INSERT INTO plot_state (fid, plot_id, version, seq, stage, area, county, township, assignee, mark, mark_state, determination, outcome, reason, reason_source, violation, severity, type_actual, note, permit_no, permit_authority, permit_date, permit_valid_to, area_m2, volume_m3, review_mode, marked_by, marked_unit, marked_role, marked_at, undo, updated_at, batch, source_id, type_issued, due_on, words_given, words_found, found_county, found_township, river, size_m2, band, suggestion, lon, lat, risk) VALUES (3, '2023-1-0-0000002', 2, 6, 'at_county', '511921', '511921', NULL, NULL, 'pending', 'draft', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '[]', '2023-04-10T02:00:00.000+00:00', '2023-1', 'BZ00000002', '疑似采砂', '2023-06-30', 'bz00000002
疑似采砂', '巴河
长赤镇
南江县', '511902', '511902100', '巴河', 4369.8, 'critical', NULL, 107.45628427188925, 32.448027487059349, '11999999956301 2023-06-30 BZ00000002');
INSERT INTO plot_state (fid, plot_id, version, seq, stage, area, county, township, assignee, mark, mark_state, determination, outcome, reason, reason_source, violation, severity, type_actual, note, permit_no, permit_authority, permit_date, permit_valid_to, area_m2, volume_m3, review_mode, marked_by, marked_unit, marked_role, marked_at, undo, updated_at, batch, source_id, type_issued, due_on, words_given, words_found, found_county, found_township, river, size_m2, band, suggestion, lon, lat, risk) VALUES (4, '2023-1-0-0000003', 2, 8, 'at_county', '511922', '511922', NULL, NULL, 'pending', 'draft', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '[]', '2023-04-10T02:00:00.000+00:00', '2023-1', 'BZ00000003', '疑似采砂', '2023-06-30', 'bz00000003
疑似采砂', '巴河
长赤镇
南江县', '511921', '511921100', '巴河', 2277.4, 'in', NULL, 106.73821462709191, 32.04442922529595, '10999999977225 2023-06-30 BZ00000003');
INSERT INTO plot_state (fid, plot_id, version, seq, stage, area, county, township, assignee, mark, mark_state, determination, outcome, reason, reason_source, violation, severity, type_actual, note, permit_no, permit_authority, permit_date, permit_valid_to, area_m2, volume_m3, review_mode, marked_by, marked_unit, marked_role, marked_at, undo, updated_at, batch, source_id, type_issued, due_on, words_given, words_found, found_county, found_township, river, size_m2, band, suggestion, lon, lat, risk) VALUES (5, '2023-1-0-0000004', 2, 10, 'at_county', '511923', '511923', NULL, NULL, 'pending', 'draft', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '[]', '2023-04-10T02:00:00.000+00:00', '2023-1', 'BZ00000004', '疑似采砂', '2023-06-30', 'bz00000004
疑似采砂', '巴河
长赤镇
南江县', '511902', '511902100', '巴河', 2144.8, 'out', 'FP21', 106.73629808973743, 31.603366034230714, '13999999978551 2023-06-30 BZ00000004');
INSERT INTO plot_state (fid, plot_id, version, seq, stage, area, county, township, assignee, mark, mark_state, determination, outcome, reason, reason_source, violation, severity, type_actual, note, permit_no, permit_authority, permit_date, permit_valid_to, area_m2, volume_m3, review_mode, marked_by, marked_unit, marked_role, marked_at, undo, updated_at, batch, source_id, type_issued, due_on, words_given, words_found, found_county, found_township, river, size_m2, band, suggestion, lon, lat, risk) VALUES (6, '2023-1-0-0000005', 2, 12, 'at_county', '511902', '511902', NULL, NULL, 'pending', 'draft', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '[]', '2023-04-10T02:00:00.000+00:00', '2023-1', 'BZ00000005', '疑似采砂', '2023-06-30', 'bz00000005
疑似采砂', '巴河
长赤镇
南江县', '511922', '511922100', '巴河', 4939.6, 'unknown', 'PR42', 107.12315169488971, 32.241986989260731, '02999999950603 2023-06-30 BZ00000005');
INSERT INTO facts (plot_id, computed_at, layers, area_m2, in_m2, in_share, water_share, edge_m, band, river, river_code, river_m, bank, chainage_m, county, county_name, county_share, multi_county, township, township_name, lon, lat, suggestion, detail) VALUES ('2023-1-0-0000000', '2023-04-10T02:00:01+00:00', 'mgmt_area=v1', 111.1, 10.5, 0.5, NULL, -3.25, 'unknown', '恩阳河', NULL, 12.0, 'left', NULL, '511921', '南江县', 1.0, 0, '511921100', '长赤镇', 107.34467185152505, 32.258154402940299, 'FP21', '{"hints":[],"area_m2":1.5}');
INSERT INTO facts (plot_id, computed_at, layers, area_m2, in_m2, in_share, water_share, edge_m, band, river, river_code, river_m, bank, chainage_m, county, county_name, county_share, multi_county, township, township_name, lon, lat, suggestion, detail) VALUES ('2023-1-0-0000001', '2023-04-10T02:00:01+00:00', 'mgmt_area=v1', 3820.1, 10.5, 0.5, NULL, -3.25, 'out', '巴河', NULL, 12.0, 'left', NULL, '511902', '南江县', 1.0, 0, '511902100', '长赤镇', 106.63461424411241, 32.347633736937233, NULL, '{"hints":[],"area_m2":1.5}');
INSERT INTO facts (plot_id, computed_at, layers, area_m2, in_m2, in_share, water_share, edge_m, band, river, river_code, river_m, bank, chainage_m, county, county_name, county_share, multi_county, township, township_name, lon, lat, suggestion, detail) VALUES ('2023-1-0-0000002', '2023-04-10T02:00:00+00:00', 'mgmt_area=v0', 4369.8, 10.5, 0.5, NULL, -3.25, 'critical', '巴河', NULL, 12.0, 'left', NULL, '511902', '南江县', 1.0, 0, '511902100', '长赤镇', 107.45628427188925, 32.448027487059349, NULL, '{"hints":[],"area_m2":1.5}');
INSERT INTO facts (plot_id, computed_at, layers, area_m2, in_m2, in_share, water_share, edge_m, band, river, river_code, river_m, bank, chainage_m, county, county_name, county_share, multi_county, township, township_name, lon, lat, suggestion, detail) VALUES ('2023-1-0-0000003', '2023-04-10T02:00:00+00:00', 'mgmt_area=v0', 2277.4, 10.5, 0.5, NULL, -3.25, 'in', '巴河', NULL, 12.0, 'left', NULL, '511921', '南江县', 1.0, 0, '511921100', '长赤镇', 106.73821462709191, 32.04442922529595, NULL, '{"hints":[],"area_m2":1.5}');
INSERT INTO facts (plot_id, computed_at, layers, area_m2, in_m2, in_share, water_share, edge_m, band, river, river_code, river_m, bank, chainage_m, county, county_name, county_share, multi_county, township, township_name, lon, lat, suggestion, detail) VALUES ('2023-1-0-0000004', '2023-04-10T02:00:00+00:00', 'mgmt_area=v0', 2144.8, 10.5, 0.5, NULL, -3.25, 'out', '巴河', NULL, 12.0, 'left', NULL, '511902', '南江县', 1.0, 0, '511902100', '长赤镇', 106.73629808973743, 31.603366034230714, 'FP21', '{"hints":[],"area_m2":1.5}');
INSERT INTO facts (plot_id, computed_at, layers, area_m2, in_m2, in_share, water_share, edge_m, band, river, river_code, river_m, bank, chainage_m, county, county_name, county_share, multi_county, township, township_name, lon, lat, suggestion, detail) VALUES ('2023-1-0-0000005', '2023-04-10T02:00:00+00:00', 'mgmt_area=v0', 4939.6, 10.5, 0.5, NULL, -3.25, 'unknown', '巴河', NULL, 12.0, 'left', NULL, '511922', '南江县', 1.0, 0, '511922100', '长赤镇', 107.12315169488971, 32.241986989260731, 'PR42', '{"hints":[],"area_m2":1.5}');
INSERT INTO facts_past (replaced_by, plot_id, computed_at, layers, area_m2, in_m2, in_share, water_share, edge_m, band, river, river_code, river_m, bank, chainage_m, county, county_name, county_share, multi_county, township, township_name, lon, lat, suggestion, detail) VALUES (2, '2023-1-0-0000000', '2023-04-10T02:00:00+00:00', 'mgmt_area=v0', 1394.7, 10.5, 0.5, NULL, -3.25, 'critical', '恩阳河', NULL, 12.0, 'left', NULL, '511902', '南江县', 1.0, 0, '511902100', '长赤镇', 107.34467185152505, 32.258154402940299, NULL, '{"hints":[],"area_m2":1.5}');
INSERT INTO facts_past (replaced_by, plot_id, computed_at, layers, area_m2, in_m2, in_share, water_share, edge_m, band, river, river_code, river_m, bank, chainage_m, county, county_name, county_share, multi_county, township, township_name, lon, lat, suggestion, detail) VALUES (2, '2023-1-0-0000001', '2023-04-10T02:00:00+00:00', 'mgmt_area=v0', 2467.6, 10.5, 0.5, NULL, -3.25, 'in', '巴河', NULL, 12.0, 'left', NULL, '511923', '南江县', 1.0, 0, '511923100', '长赤镇', 106.63461424411241, 32.347633736937233, 'PR42', '{"hints":[],"area_m2":1.5}');
INSERT INTO evidence (number, evidence_id, plot_id, sha256, kind, name, media_type, size, taken_at, lon, lat, azimuth, actor, created_at) VALUES (1, 'f89c14d47a398c23da24ff6a', '2023-1-0-0000000', 'e8dfd135a94f5c335398f142a76721959c1d4a4399836bd74048fae96d179d88', 'E_PHOTO', '现场.jpg', 'image/jpeg', 2056, '2023-05-17T10:21:33+08:00', 107.1002, 31.560000000000002, 270.0, 'county-511902', '2023-04-10T02:00:00+00:00');
INSERT INTO layer (number, layer_id, kind, name, version, valid_from, source, sha256, crs_original, accuracy_m, features, west, south, east, north, created_at, actor, is_current) VALUES (1, 'river-1', 'river', '河流', 'v1', NULL, 'river.zip', 'abababababababababababababababababababababababababababababababab', 'EPSG:4490', 5.0, 1, 106.0, 31.0, 107.0, 32.0, '2023-04-10T02:00:00+00:00', 'gis', 1);
INSERT INTO layer_feature (number, layer_id, wkb, code, name, props) VALUES (1, 'river-1', X'010300000001000000050000003477A39DA1A85A4014D66CB5782C40403477A39DA1A85A40A24BDED0852C4040BB8D7C6C99A85A40A24BDED0852C4040BB8D7C6C99A85A4014D66CB5782C40403477A39DA1A85A4014D66CB5782C4040', 'R1', '巴河', '{"CC":5}');
INSERT INTO scene (scene_id, name, role, date, sensor, sha256, info, created_at, actor) VALUES ('after-2023-02-11-1a2b3c4d', '影像', 'after', '2023-02-11', NULL, 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', '{"footprint":{"type":"Polygon","coordinates":[[[106.6348642441124,32.347433736937234],[106.6348642441124,32.34783373693723],[106.6343642441124,32.34783373693723],[106.6343642441124,32.347433736937234],[106.6348642441124,32.347433736937234]]]}}', '2023-04-10T02:00:00+00:00', 'gis');
INSERT INTO person (user_name, name, unit, password_hash, disabled) VALUES ('li', '李', '巴州区', '$argon2id$v=19$m=65536,t=3,p=4$WRJ1qbNrcqwkoSu6ekGqlQ$LyTebiJ0nMciesQmzZ+C7SnyP/69rRGfbn0CfTLxHuY', 0);
INSERT INTO person_grant (user_name, place, role, area) VALUES ('li', 0, 'county', '511902');
INSERT INTO session (token_sha256, user_name, created_at, expires_at) VALUES ('5c572d59b8867226976f8a2e4d1465608280666a031742094f91cbb416e03261', 'li', '2023-04-10T02:00:00+00:00', '2023-04-10T14:00:00+00:00');
INSERT INTO export (export_id, user_name, format, options, state, file, losses, error, created_at, finished_at) VALUES ('x1', 'li', 'csv', '{"encoding": "utf-8", "crs": "EPSG:4490", "batch": "2023-1"}', 'done', 'a.csv', '[]', NULL, '2023-04-10T02:00:00+00:00', '2023-04-10T02:00:00+00:00');
INSERT INTO plot_box SELECT fid, west, east, south, north FROM plot;
CREATE INDEX event_plot ON event (plot_id, seq);
CREATE INDEX plot_state_counts ON plot_state (batch, area, mark);
CREATE INDEX plot_state_risk ON plot_state (list_county, mark, risk, fid);
CREATE INDEX plot_state_source_id ON plot_state (list_county, mark, source_id, fid);
CREATE INDEX plot_state_size ON plot_state (list_county, mark, size_m2, fid);
CREATE INDEX plot_state_updated ON plot_state (list_county, mark, updated_at, fid);
CREATE INDEX plot_state_due ON plot_state (list_county, mark, due_on, fid);
CREATE INDEX evidence_plot ON evidence (plot_id, number);
CREATE INDEX layer_feature_layer ON layer_feature (layer_id, number);
CREATE INDEX session_user ON session (user_name);
CREATE INDEX failure_who ON failure (who, at);
CREATE INDEX export_state ON export (state, created_at);
CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN
    SELECT RAISE(ABORT, 'events are never changed');
END;
CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN
    SELECT RAISE(ABORT, 'events are never removed');
END;
CREATE TRIGGER event_in_order BEFORE INSERT ON event
WHEN new.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM event) BEGIN
    SELECT RAISE(ABORT, 'events follow each other without a gap');
END;
COMMIT;
