-- Long work: one row a job. Whoever takes it holds a lease that must be renewed, and a fence that
-- no later holder shares: what is written under an older fence is refused.

CREATE TABLE job (
    number      {serial},
    job_id      TEXT NOT NULL UNIQUE,
    kind        TEXT NOT NULL,
    options     TEXT NOT NULL,
    user_name   TEXT,
    area        TEXT NOT NULL,
    once        TEXT UNIQUE,
    state       TEXT NOT NULL,
    run_after   TEXT NOT NULL,
    attempts    {int} NOT NULL,
    fence       {int} NOT NULL,
    holder      TEXT,
    lease_until TEXT,
    cancelling  {int} NOT NULL,
    done        {int} NOT NULL,
    total       {int} NOT NULL,
    step        TEXT,
    result      TEXT,
    error       TEXT,
    created_at  TEXT NOT NULL,
    started_at  TEXT,
    finished_at TEXT
) {strict};
CREATE INDEX job_queue ON job (state, number);
CREATE INDEX job_asker ON job (user_name, number);

-- Exports had a table of their own; what was asked for there goes on here.
INSERT INTO job (
    job_id, kind, options, user_name, area, state, run_after, attempts, fence, cancelling,
    done, total, result, created_at, finished_at
)
SELECT
    export_id, 'export', '{"format":"' || format || '",' || substr(options, 2), user_name, '',
    CASE state WHEN 'done' THEN 'done' ELSE 'queued' END, created_at, 0, 0, 0,
    0, 0,
    CASE state WHEN 'done'
        THEN '{"file":"' || file || '","losses":' || COALESCE(losses, 'null') || '}' END,
    created_at, finished_at
FROM export WHERE state IN ('queued', 'running', 'done') ORDER BY created_at, export_id;
DROP TABLE export;
