-- Where the ledger ended at certain moments, signed with a key that lies outside the store. Rows
-- are only ever added; copies of them in other hands are what an altered ledger is found by.

CREATE TABLE signed_head (
    number    {serial},
    store     TEXT NOT NULL,
    seq       {int} NOT NULL,
    hash      TEXT NOT NULL,
    why       TEXT NOT NULL,
    covers    TEXT NOT NULL,
    signed_at TEXT NOT NULL,
    key       TEXT NOT NULL,
    signature TEXT NOT NULL
) {strict};
