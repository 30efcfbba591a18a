"""What is kept for a time only, removed when the time is over."""

from collections.abc import Mapping

from georeview.storage.engine import Connection, Engine

SESSIONS = "DELETE FROM session WHERE expires_at <= :now RETURNING 1"
LEASES = (
    "DELETE FROM plot_lock WHERE until <= :now",
    "DELETE FROM presence WHERE until <= :now",
)
# Looked up answer by answer, for events are many more than the answers of a month. One without a
# user is no answer to a request: it keeps the same photo from lying beside a plot twice, for ever.
ANSWERS = """DELETE FROM idempotency WHERE user_name <> '' AND EXISTS (
    SELECT 1 FROM event e WHERE e.seq = idempotency.seq AND e.recorded_at < :answers_before
) RETURNING 1"""
JOBS = """DELETE FROM job WHERE finished_at < :jobs_before
    AND state IN ('done', 'failed', 'cancelled') RETURNING 1"""


class ExpiryRecords:
    """Everything with an end, over one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def forget(self, *, now: str, answers_before: str, jobs_before: str) -> Mapping[str, int]:
        """Remove what is over: leases, sessions, answers to repeated requests, finished jobs."""
        row = {"now": now, "answers_before": answers_before, "jobs_before": jobs_before}

        def work(connection: Connection) -> Mapping[str, int]:
            for sql in LEASES:
                connection.execute(sql, row)
            gone = {"sessions": SESSIONS, "answers": ANSWERS, "jobs": JOBS}
            return {
                name: len(connection.execute(sql, row).fetchall()) for name, sql in gone.items()
            }

        return self._engine.write(work)
