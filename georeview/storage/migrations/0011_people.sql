-- Accounts are looked after by several people: what each of them changed stands in a chain of its
-- own. Other systems come with keys, are told by webhooks, and people are told by notices.

ALTER TABLE person ADD COLUMN email TEXT;
ALTER TABLE person ADD COLUMN lang TEXT NOT NULL DEFAULT 'zh-CN';
ALTER TABLE person ADD COLUMN must_change {int} NOT NULL DEFAULT 0;
ALTER TABLE person ADD COLUMN last_sign_in TEXT;

-- Who gave or took which right. Every column but the last is hashed.
CREATE TABLE access_log (
    prev_hash TEXT NOT NULL,
    number    {int} PRIMARY KEY NOT NULL,
    at        TEXT NOT NULL,
    actor     TEXT NOT NULL,
    action    TEXT NOT NULL,
    subject   TEXT NOT NULL,
    area      TEXT NOT NULL,
    detail    TEXT NOT NULL,
    hash      TEXT NOT NULL
) {strict};

-- Only the hash of a key is kept.
CREATE TABLE access_key (
    key_id     TEXT PRIMARY KEY NOT NULL,
    name       TEXT NOT NULL UNIQUE,
    sha256     TEXT NOT NULL UNIQUE,
    unit       TEXT NOT NULL,
    role       TEXT NOT NULL,
    area       TEXT NOT NULL,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    expires_at TEXT,
    revoked_at TEXT,
    last_used  TEXT
) {strict};

-- ``since`` is the number of the last event that was delivered or did not concern the receiver.
CREATE TABLE webhook (
    webhook_id    TEXT PRIMARY KEY NOT NULL,
    url           TEXT NOT NULL,
    secret        TEXT NOT NULL,
    owner         TEXT NOT NULL,
    created_at    TEXT NOT NULL,
    since         {int} NOT NULL,
    failures      {int} NOT NULL,
    next_at       TEXT NOT NULL,
    delivered_at  TEXT,
    failing_since TEXT,
    last_error    TEXT,
    disabled_at   TEXT
) {strict};

-- What a person or a unit is told of a batch on one day, counted.
CREATE TABLE notice (
    number    {serial},
    kind      TEXT NOT NULL,
    user_name TEXT NOT NULL,
    role      TEXT NOT NULL,
    area      TEXT NOT NULL,
    batch     TEXT NOT NULL,
    day       TEXT NOT NULL,
    plots     {int} NOT NULL,
    plot_id   TEXT NOT NULL,
    actor     TEXT NOT NULL,
    seq       {int} NOT NULL,
    at        TEXT NOT NULL,
    UNIQUE (user_name, role, area, day, kind, batch)
) {strict};

-- ``seq`` is what the notice had come to when it was read.
CREATE TABLE notice_read (
    user_name TEXT NOT NULL,
    notice    TEXT NOT NULL,
    seq       {int} NOT NULL,
    PRIMARY KEY (user_name, notice)
) {strict};

-- How far the ledger has been turned into notices, and each person's notices into mails.
CREATE TABLE notice_done (
    what TEXT PRIMARY KEY NOT NULL,
    seq  {int} NOT NULL,
    at   TEXT NOT NULL
) {strict};
