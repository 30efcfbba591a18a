"""The one thread that writes: what is queued together is committed together.

A commit costs one wait for the disk, however many events it holds. The thread takes all events
that were queued while the last commit was on its way, keeps them in one transaction, and answers
their senders only after it.
"""

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import chain
from time import perf_counter
from typing import Any, TypeVar

from georeview.errors import Unavailable
from georeview.errors.store import StoreGone
from georeview.meter import UNHEARD, Meter
from georeview.storage.engine import Connection, Results
from georeview.storage.ports.ledger import Asked, Kept, Pending, Settled

log = logging.getLogger("georeview.storage")

GROUP_MAX = 512
"""Events in one commit; more wait for the next."""

T = TypeVar("T")
Keep = Callable[[Connection, Sequence[Sequence[Pending | Asked]]], list[Results]]


@dataclass(frozen=True, slots=True)
class _Append:
    """Events of one sender."""

    batch: Sequence[Pending | Asked]
    answer: Future[Results]


@dataclass(frozen=True, slots=True)
class _Work:
    """Any other write, in a transaction of its own."""

    work: Callable[[Connection], Any]
    answer: Future[Any]


class Writer:
    """A queue in front of one writing connection.

    Args:
        transaction: Gives the writing connection inside a transaction that holds the store's
            lock; commits at the end, undoes everything if left by an exception.
        keep: Keeps the events of several senders; one list of results for each.
        meter: Is told what waits and what was kept.
    """

    def __init__(
        self,
        transaction: Callable[[], AbstractContextManager[Connection]],
        keep: Keep,
        meter: Meter = UNHEARD,
    ) -> None:
        self._transaction = transaction
        self._keep = keep
        self._meter = meter
        self._queue: queue.SimpleQueue[_Append | _Work | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="georeview-writer", daemon=True)
        self._thread.start()

    def append(self, batch: Sequence[Pending | Asked]) -> Future[Results]:
        """Queue events; the answer comes when they are on disk."""
        job = _Append(batch, Future())
        self._put(job)
        return job.answer

    def write(self, work: Callable[[Connection], T]) -> Future[T]:
        """Queue any other write."""
        job = _Work(work, Future())
        self._put(job)
        return job.answer

    def close(self) -> None:
        """Finish what was accepted; later writes are refused."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _put(self, job: _Append | _Work) -> None:
        with self._gate:
            if self._closed:
                raise StoreGone(why="closed")
            self._meter.waiting(1)
            self._queue.put(job)

    def _run(self) -> None:
        job = self._queue.get()
        while job is not None:
            if isinstance(job, _Append):
                group, job = self._gather(job)
                self._keep_group(group)
                self._meter.waiting(-len(group))
            else:
                self._settle(job.answer, job.work)
                self._meter.waiting(-1)
                job = None
            job = job or self._queue.get()

    def _gather(self, first: _Append) -> tuple[list[_Append], _Append | _Work | None]:
        """All that is queued behind, up to the next other write, which is handed back."""
        group, size = [first], len(first.batch)
        while size < GROUP_MAX:
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                return group, None
            if not isinstance(job, _Append):
                # The end mark is put back: whoever sees it last stops the thread.
                if job is None:
                    self._queue.put(None)
                return group, job
            group.append(job)
            size += len(job.batch)
        return group, None

    def _keep_group(self, group: list[_Append]) -> None:
        started = perf_counter()
        try:
            with self._transaction() as connection:
                results = self._keep(connection, [job.batch for job in group])
        except Unavailable as error:
            log.warning("commit.failed", extra={"code": error.code, "why": error.facts.get("why")})
            for job in group:
                job.answer.set_exception(type(error)(**error.facts))
        except Exception as error:  # noqa: BLE001 - one sender's defect must not stop the thread
            self._one_by_one(group, error)
        else:
            seconds = perf_counter() - started
            self._meter.committed(sum(map(_is_new, chain.from_iterable(results))), seconds)
            for job, result in zip(group, results, strict=True):
                job.answer.set_result(result)

    def _one_by_one(self, group: list[_Append], error: Exception) -> None:
        """Let only those fail whose own events cannot be kept."""
        if len(group) == 1:
            group[0].answer.set_exception(error)
            return
        for job in group:
            self._keep_group([job])

    def _settle(self, answer: Future[Any], work: Callable[[Connection], Any]) -> None:
        try:
            with self._transaction() as connection:
                result = work(connection)
        except Exception as error:  # noqa: BLE001 - handed to whoever asked
            answer.set_exception(error)
        else:
            answer.set_result(result)


def _is_new(result: object) -> bool:
    """Whether an event was kept, now and not by an earlier request."""
    if isinstance(result, Settled):
        result = result.result
    return isinstance(result, Kept) and not result.repeated
