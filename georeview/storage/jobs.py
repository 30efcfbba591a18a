"""The queue of long work: one table in the store itself, so that job and data commit together.

A claim is one statement. Whoever holds a job is known by its ``fence``, a number that grows with
every claim: each later statement asks for it, so a worker that was slow to notice that its lease
had ended changes nothing.
"""

from collections.abc import Mapping

from georeview.core.access import Scope
from georeview.core.jobs import LOST_MAX, Claim, JobState, Progress
from georeview.core.rowtext import dump
from georeview.errors import NotFound
from georeview.errors.work import JobAbandoned, JobLost
from georeview.storage.engine import Connection, Engine, Params, Row, listed, parse, statement
from georeview.storage.ports import Json
from georeview.storage.ports.jobs import Job, Lease, NewJob
from georeview.storage.where import Where, held

GIVEN = ("job_id", "kind", "options", "user_name", "area", "created_at", "once")
JOB = (
    "number", *GIVEN, "state", "run_after", "fence", "attempts", "cancelling", "done", "total",
    "step", "result", "error", "started_at", "finished_at",
)  # fmt: skip
ALL_JOBS = statement("SELECT", listed(JOB), "FROM job WHERE")
NEWEST_FIRST = "ORDER BY number DESC LIMIT :limit"
ONCE = statement("SELECT", listed(JOB), "FROM job WHERE once = :once")
COUNTS = "SELECT state, COUNT(*) FROM job GROUP BY state"

ADD = statement(
    "INSERT INTO job (", listed(GIVEN),
    ", state, run_after, attempts, fence, cancelling, done, total) VALUES (",
    listed(GIVEN, ":"), ", 'queued', :created_at, 0, 0, 0, 0, 0)",
    "ON CONFLICT (once) DO NOTHING RETURNING", listed(JOB),
)  # fmt: skip

# A time far ahead of this clock was written by one that has been set back since: nobody waits a
# year for it.
LAPSED = "state = 'running' AND (lease_until <= :now OR lease_until > :beyond)"
DUE = "state = 'queued' AND (run_after <= :now OR run_after > :beyond)"
FREE = statement("((", DUE, ") OR (", LAPSED, "))")
WAITING = statement("SELECT 1 FROM job WHERE", FREE, "LIMIT 1")
# Asked twice: where two claims meet, the second sees the row as the first left it.
CLAIM = statement(
    """UPDATE job SET state = 'running', fence = fence + 1, attempts = attempts + 1,
    holder = :holder, lease_until = :until, started_at = :now, done = 0, total = 0, step = NULL
WHERE number = (SELECT number FROM job WHERE""", FREE, "ORDER BY number LIMIT 1) AND", FREE,
    "RETURNING", listed(JOB),
)  # fmt: skip
CANCEL_LAPSED = statement(
    """UPDATE job SET state = 'cancelled', holder = NULL, lease_until = NULL, finished_at = :now
WHERE cancelling = 1 AND""", LAPSED,
)  # fmt: skip
ABANDON = statement(
    """UPDATE job SET state = 'failed', error = :error, holder = NULL, lease_until = NULL,
    finished_at = :now WHERE attempts >= :most AND""", LAPSED,
)  # fmt: skip

HELD = "WHERE job_id = :job_id AND fence = :fence AND state = 'running' RETURNING fence"
RENEW = statement("UPDATE job SET holder = :holder, lease_until = :until", HELD)
BEAT = statement(
    "UPDATE job SET lease_until = :until, done = :done, total = :total, step = :step", HELD
)
FINISH = statement(
    """UPDATE job SET state = :state, result = :result, error = :error, holder = NULL,
    lease_until = NULL, finished_at = :now""", HELD,
)  # fmt: skip
PUT_BACK = statement(
    """UPDATE job SET state = 'queued', run_after = :run_after, error = :error, holder = NULL,
    lease_until = NULL, attempts = attempts - :uncounted""", HELD,
)  # fmt: skip

BY_ID = statement("SELECT", listed(JOB), "FROM job WHERE job_id = :job_id")
CANCEL_QUEUED = """UPDATE job SET state = 'cancelled', finished_at = :now
WHERE job_id = :job_id AND state = 'queued'"""
CANCEL_RUNNING = "UPDATE job SET cancelling = 1 WHERE job_id = :job_id AND state = 'running'"
RETRY = """UPDATE job SET state = 'queued', run_after = :now, attempts = 0, cancelling = 0,
    error = NULL, finished_at = NULL
WHERE job_id = :job_id AND state IN ('failed', 'cancelled')"""
# A higher fence: whoever works on it by the old options has lost it.
ASK_ANEW = """UPDATE job SET options = :options, area = :area, state = 'queued', run_after = :now, attempts = 0,
    fence = fence + 1, holder = NULL, lease_until = NULL, cancelling = 0, done = 0, total = 0,
    step = NULL, result = NULL, error = NULL, finished_at = NULL
WHERE job_id = :job_id AND NOT EXISTS (SELECT 1 FROM job AS later WHERE later.once = :unless)"""


class JobRecords:
    """The queue over one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # Asking and looking --------------------------------------------------------------------------

    def add(self, job: NewJob) -> Job:
        """Ask for work; where ``once`` is taken, the job that has it is the answer."""

        def work(connection: Connection) -> Job:
            made = connection.execute(ADD, _given_row(job)).fetchall()
            known = made or connection.execute(ONCE, {"once": job.once}).fetchall()
            return _job_of(known[0])

        return self._engine.write(work)

    def get(self, user: str | None, scope: Scope, job_id: str) -> Job:
        """A job that the user asked for, or that belongs to the scope."""
        where = _visible(user, scope)
        where.also("job_id = :job_id", job_id=job_id)
        with self._engine.view() as connection:
            row = connection.execute(statement(ALL_JOBS, where.sql), where.params).fetchone()
        if row is None:
            raise NotFound(what=job_id)
        return _job_of(row)

    def once(self, name: str) -> Job | None:
        """The job that has this name, ``None`` when nobody has asked for it."""
        with self._engine.view() as connection:
            row = connection.execute(ONCE, {"once": name}).fetchone()
        return None if row is None else _job_of(row)

    def all(
        self,
        user: str | None,
        scope: Scope,
        *,
        kind: str | None = None,
        state: JobState | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[Job]:
        """Jobs as ``get`` shows them, newest first."""
        where = _visible(user, scope)
        if kind is not None:
            where.also("kind = :kind", kind=kind)
        if state is not None:
            where.also("state = :state", state=state.value)
        if before is not None:
            where.also("number < :before", before=before)
        sql = statement(ALL_JOBS, where.sql, NEWEST_FIRST)
        with self._engine.view() as connection:
            found = connection.execute(sql, {**where.params, "limit": limit}).fetchall()
        return [_job_of(row) for row in found]

    def counts(self) -> Mapping[str, int]:
        """How many jobs are in each state."""
        with self._engine.view() as connection:
            return dict(connection.execute(COUNTS))

    # Working -------------------------------------------------------------------------------------

    def waiting(self, lease: Lease) -> bool:
        """Whether there is something to claim; costs a look, writes nothing."""
        with self._engine.view() as connection:
            return connection.execute(WAITING, _lease_row(lease)).fetchone() is not None

    def claim(self, lease: Lease) -> Job | None:
        """Take the oldest job that is due or whose holder is gone; ``None`` when there is none."""
        row = _lease_row(lease)

        def work(connection: Connection) -> Job | None:
            connection.execute(CANCEL_LAPSED, row)
            lost = dump({"code": JobAbandoned.code, "facts": {"attempts": LOST_MAX}})
            connection.execute(ABANDON, {**row, "most": LOST_MAX, "error": lost})
            claimed = connection.execute(CLAIM, row).fetchall()
            return _job_of(claimed[0]) if claimed else None

        return self._engine.write(work)

    def beat(self, claim: Claim, lease: Lease, progress: Progress) -> None:
        """Renew a lease and say how far the work is."""
        told = {"done": progress.done, "total": progress.total, "step": progress.step}
        self._held(BEAT, claim, {"until": lease.until, **told})

    def finish(
        self,
        claim: Claim,
        state: JobState,
        now: str,
        *,
        result: Json | None = None,
        error: Json | None = None,
    ) -> None:
        """Say what became of a job."""
        row = {"state": state.value, "now": now, "result": _dumped(result), "error": _dumped(error)}
        self._held(FINISH, claim, row)

    def put_back(
        self, claim: Claim, run_after: str, *, error: Json | None = None, counted: bool = True
    ) -> None:
        """Let a job wait for its next try."""
        row = {"run_after": run_after, "error": _dumped(error), "uncounted": int(not counted)}
        self._held(PUT_BACK, claim, row)

    def _held(self, sql: str, claim: Claim, row: Params) -> None:
        self._engine.write(lambda connection: change_held(connection, sql, claim, row))

    # Changing one's mind -------------------------------------------------------------------------

    def cancel(self, job_id: str, now: str) -> Job:
        """Take a job out of the queue, or ask its holder to stop; nothing when it is over."""
        return self._changed(job_id, (CANCEL_QUEUED, CANCEL_RUNNING), {"now": now})

    def retry(self, job_id: str, now: str) -> Job:
        """Let a failed or cancelled job begin again; nothing when it is not over, or done."""
        return self._changed(job_id, (RETRY,), {"now": now})

    def ask_anew(self, job_id: str, options: Json, now: str, *, area: str, unless: str) -> Job:
        """Let a job begin again with other options; nothing where ``unless`` has been asked for."""
        row = {"options": dump(options), "area": area, "now": now, "unless": unless}
        return self._changed(job_id, (ASK_ANEW,), row)

    def _changed(self, job_id: str, commands: tuple[str, ...], row: Params) -> Job:
        def work(connection: Connection) -> Job:
            for command in commands:
                connection.execute(command, {"job_id": job_id, **row})
            found = connection.execute(BY_ID, {"job_id": job_id}).fetchone()
            if found is None:
                raise NotFound(what=job_id)
            return _job_of(found)

        return self._engine.write(work)


def change_held(connection: Connection, sql: str, claim: Claim, row: Params) -> None:
    """Change a job on behalf of its holder, whose right to it is locked until the commit.

    Raises:
        JobLost: Somebody else holds the job now.
    """
    held = {"job_id": claim.job_id, "fence": claim.fence}
    if not connection.execute(sql, {**row, **held}).fetchall():
        raise JobLost


def renew(connection: Connection, claim: Claim, lease: Lease) -> None:
    """Renew a lease as part of a larger write."""
    change_held(connection, RENEW, claim, {"holder": lease.holder, "until": lease.until})


def _visible(user: str | None, scope: Scope) -> Where:
    where = held(scope, "area")
    if user is None:
        return where
    return Where(
        [statement("(user_name = :user_name OR", where.sql, ")")],
        {"user_name": user, **where.params},
    )


def _given_row(job: NewJob) -> dict[str, object]:
    return {
        "job_id": job.job_id,
        "kind": job.kind,
        "options": dump(job.options),
        "user_name": job.user,
        "area": job.area,
        "created_at": job.created_at,
        "once": job.once,
    }


def _lease_row(lease: Lease) -> dict[str, object]:
    return {
        "holder": lease.holder,
        "now": lease.now,
        "until": lease.until,
        "beyond": lease.beyond,
    }


def _job_of(row: Row) -> Job:
    known = dict(zip(JOB, row, strict=True))
    given = {name: known[name] for name in GIVEN if name not in ("options", "user_name")}
    return Job(
        number=known["number"],
        given=NewJob(**given, options=parse(known["options"]), user=known["user_name"]),
        state=JobState(known["state"]),
        run_after=known["run_after"],
        claim=Claim(known["job_id"], known["fence"]),
        attempts=known["attempts"],
        cancelling=bool(known["cancelling"]),
        progress=Progress(known["done"], known["total"], known["step"]),
        result=_parsed(known["result"]),
        error=_parsed(known["error"]),
        started_at=known["started_at"],
        finished_at=known["finished_at"],
    )


def _dumped(value: Json | None) -> str | None:
    return None if value is None else dump(value)


def _parsed(text: str | None) -> Json | None:
    return None if text is None else parse(text)
