"""``georeview worker`` and ``georeview jobs``: the queue of long work."""

import os
import signal
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from georeview import logs, texts
from georeview.cli.common import chosen, lang, opened, show, t, with_home
from georeview.clock import SHANGHAI
from georeview.core.jobs import JobState
from georeview.storage.ports.jobs import Job

LIGHT_MB = 160
"""An idle worker that has grown over this begins afresh; one that has done nothing has half."""


@click.command(help=t("worker"))
@click.option("--once", is_flag=True, help=t("worker_once"))
@click.option("--tied", is_flag=True, hidden=True, help=t("worker_tied"))
@with_home
def worker(*, once: bool, tied: bool, home: Path | None, as_json: bool) -> None:
    """Run jobs until stopped."""
    from georeview.jobs.worker import Ended, Worker

    logs.configure(chosen(home))
    ending = _ending(tied=tied)
    if sys.stderr.isatty() and not (once or tied):
        click.echo(t("worker_ready"), err=True)
    with opened(home) as services:
        made = Worker(services, light_mb=LIGHT_MB)
        ended = made.run(ending, until_idle=once, most=1 if once else None)
    if ended is Ended.HEAVY:
        # The same process, pipe and arguments, with nothing loaded.
        command = [sys.executable, "-m", "georeview.cli", *sys.argv[1:]]
        os.execv(sys.executable, command)  # noqa: S606
    if once:
        show({"ran": made.ran}, [t("jobs_ran", n=made.ran)], as_json=as_json)


def _ending(*, tied: bool = False) -> threading.Event:
    """Set when this process is to end: by a signal or, where tied, by the end of its input."""
    ending = threading.Event()

    def begin_to_end(*_: object) -> None:
        # In a thread: a signal may arrive while this one holds the event's own lock.
        threading.Thread(target=ending.set, daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, begin_to_end)
    if tied:

        def until_closed() -> None:
            while os.read(0, 1024):
                pass
            ending.set()

        threading.Thread(target=until_closed, daemon=True).start()
    return ending


@click.group(help=t("jobs"))
def jobs() -> None:
    """The queue."""


@jobs.command("list", help=t("jobs_list"))
@click.option("--state", type=click.Choice([s.value for s in JobState]), help=t("job_state"))
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help=t("job_limit")
)
@with_home
def jobs_list(state: str | None, limit: int, *, home: Path | None, as_json: bool) -> None:
    """Jobs of everybody, newest first."""
    with opened(home) as services:
        found = services.jobs.every(state=JobState(state) if state else None, limit=limit)
    lines = [_line(job) for job in found] or [t("jobs_none")]
    show({"items": [_shape(job) for job in found]}, lines, as_json=as_json)


@jobs.command("run", help=t("jobs_run"))
@with_home
def jobs_run(*, home: Path | None, as_json: bool) -> None:
    """Work off what is queued now, in this process."""
    from georeview.jobs.worker import Worker

    with opened(home) as services:
        worker = Worker(services)
        worker.run(_ending(), until_idle=True)
    show({"ran": worker.ran}, [t("jobs_ran", n=worker.ran)], as_json=as_json)


@jobs.command("retry", help=t("jobs_retry"))
@click.argument("job")
@with_home
def jobs_retry(job: str, *, home: Path | None, as_json: bool) -> None:
    """Let a failed or cancelled job begin again."""
    with opened(home) as services:
        again = services.jobs.retry_any(job)
    show(_shape(again), [_line(again)], as_json=as_json)


@jobs.command("cancel", help=t("jobs_cancel"))
@click.argument("job")
@with_home
def jobs_cancel(job: str, *, home: Path | None, as_json: bool) -> None:
    """Take a job out of the queue, or stop one that is running."""
    with opened(home) as services:
        stopped = services.jobs.cancel_any(job)
    show(_shape(stopped), [_line(stopped)], as_json=as_json)


def _shape(job: Job) -> dict[str, Any]:
    return {
        "id": job.given.job_id,
        "kind": job.given.kind,
        "state": job.state.value,
        "progress": {"done": job.progress.done, "total": job.progress.total},
        "attempts": job.attempts,
        "asked_by": job.given.user,
        "area": job.given.area,
        "options": dict(job.given.options),
        "result": job.result,
        "error": job.error,
        "created_at": job.given.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
    }


def _line(job: Job) -> str:
    created = datetime.fromisoformat(job.given.created_at).astimezone(SHANGHAI)
    done = job.progress
    line = t(
        "job_line",
        id=job.given.job_id,
        kind=texts.say(f"job.kind.{job.given.kind}", lang()),
        state=texts.say(f"job.state.{job.state.value}", lang()),
        progress=f"{done.done}/{done.total}" if done.total else "-",
        created=created.strftime("%Y-%m-%d %H:%M"),
        who=job.given.user or t("job_system"),
    )
    return line + _why(job)


def _why(job: Job) -> str:
    """Why it failed, or waits for its next try."""
    if job.error is None:
        return ""
    known: Any = job.error
    return "\n  " + texts.say(f"error.{known['code']}.say", lang(), **known["facts"])
