"""Lists of results sent over HTTP: kept first, looked through, and applied only when told."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from georeview.clock import Clock
from georeview.core.access import Action, Actor, need
from georeview.core.results import NAMES
from georeview.errors import BadValue
from georeview.errors.work import ResultsNotReady, ResultsOver
from georeview.services.inspection import OF_A_FILE, refusal_as_json
from georeview.services.jobs import JobService
from georeview.services.limits import upload_bytes
from georeview.services.people import area_of
from georeview.services.result_rows import Words, need_words
from georeview.services.results import Found, Reading, ResultService
from georeview.services.upload import Sent, keep, named, state_of
from georeview.settings import Settings
from georeview.storage.files import Files
from georeview.storage.ports.jobs import Job
from georeview.storage.ports.store import Store

LOOK_RESULTS, TAKE_RESULTS = "results_look", "results"
"""The kinds of job: looking through a list, and applying it."""

PROFILE = "results"
"""The kind of profile in which an area's columns and words are kept."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A list that was sent: the job that looks through it, and the one that applies it.

    Attributes:
        looked: Looks through it.
        taken: Applies it, once somebody has said so.
    """

    looked: Job
    taken: Job | None

    @property
    def job(self) -> Job:
        """The one that counts now."""
        return self.taken or self.looked

    @property
    def found(self) -> Mapping[str, Any]:
        """What looking has found; nothing while it goes on."""
        return self.looked.result or {}

    @property
    def state(self) -> str:
        """``queued running asking ready committing done failed cancelled``."""
        found = self.found
        return state_of(self.looked, self.taken, found, asks=bool(found.get("asks")))

    @property
    def rows(self) -> Sequence[Mapping[str, Any]]:
        """What becomes, or became, of each row."""
        result: Found = (self.taken and self.taken.result) or self.found
        rows: Sequence[Mapping[str, Any]] = result.get("rows", ())
        return rows

    @property
    def counts(self) -> Mapping[str, int] | None:
        """The same, counted."""
        result: Found = (self.taken and self.taken.result) or self.found
        return result.get("counts")


class ResultUploads:
    """Results over HTTP; whoever sent a list, and nobody else, sees it."""

    def __init__(
        self,
        store: Store,
        files: Files,
        results: ResultService,
        jobs: JobService,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._store = store
        self._files = files
        self._results = results
        self._jobs = jobs
        self._clock = clock
        self._settings = settings

    # For whoever sends ---------------------------------------------------------------------------

    def receive(self, actor: Actor, sent: Sequence[Sent], batch: str) -> Delivery:
        """Keep a list byte for byte, and put looking through it into the queue.

        What an earlier list of the area was understood by is proposed again.

        Raises:
            Forbidden: The actor marks nothing.
            BadValue: There is no file, or two have one name.
            TooLarge: A file is over the limit.
        """
        need(actor, Action.MARK)
        self._files.need_room(self._settings.min_free_mb * 2**20)
        kept = keep(self._files, list(named(sent)), upload_bytes(self._settings))
        known = self._newest(actor)
        options: dict[str, Any] = {
            "files": kept,
            "batch": batch,
            "columns": {},
            "words": known.get("words", {}),
            "encoding": None,
            "layer": None,
        }
        return Delivery(self._jobs.ask(actor, Action.MARK, LOOK_RESULTS, options), None)

    def get(self, actor: Actor, delivery_id: str) -> Delivery:
        """How far a list is.

        Raises:
            NotFound: This person has sent no such list.
        """
        looked = self._jobs.own(actor, LOOK_RESULTS, delivery_id)
        return Delivery(looked, self._store.jobs.once(_once(delivery_id)))

    def all(
        self, actor: Actor, *, before: int | None, limit: int
    ) -> tuple[list[Delivery], int | None]:
        """Lists this person has sent, newest first, and where the next part begins."""
        seen = self._jobs.all(actor, kind=LOOK_RESULTS, before=before, limit=limit)
        own = [job for job in seen.jobs if job.given.user == actor.user]
        taken = (self._store.jobs.once(_once(job.given.job_id)) for job in own)
        return [Delivery(*pair) for pair in zip(own, taken, strict=True)], seen.before

    def adjust(self, actor: Actor, delivery_id: str, changes: Mapping[str, Any]) -> Delivery:
        """Look through the same bytes again in another way.

        Raises:
            NotFound: This person has sent no such list.
            BadValue: A field or a meaning is none of ours.
            ResultsOver: The list is being applied, or has been.
        """
        delivery = self.get(actor, delivery_id)
        if strange := set(changes.get("columns", {})) - set(NAMES):
            raise BadValue(field="columns", value=min(strange)[:80])
        need_words(changes.get("words", {}))
        if delivery.taken is not None:
            raise ResultsOver
        given = delivery.looked.given
        again = self._store.jobs.ask_anew(
            delivery_id,
            {**given.options, **changes},
            self._clock().isoformat(),
            area=given.area,
            unless=_once(delivery_id),
        )
        return Delivery(again, self._store.jobs.once(_once(delivery_id)))

    def commit(self, actor: Actor, delivery_id: str) -> Delivery:
        """Put applying the list into the queue; told again, it is the same.

        Raises:
            NotFound: This person has sent no such list.
            ResultsNotReady: It has not been looked through, or its columns are not known.
        """
        delivery = self.get(actor, delivery_id)
        if delivery.taken is not None:
            now = self._clock().isoformat()
            return Delivery(
                delivery.looked, self._store.jobs.retry(delivery.taken.given.job_id, now)
            )
        if delivery.state != "ready":
            raise ResultsNotReady(state=delivery.state)
        self._remember(actor, delivery)
        options = {"batch": delivery.looked.given.options["batch"], "look": delivery_id}
        taken = self._jobs.ask(actor, Action.MARK, TAKE_RESULTS, options, once=_once(delivery_id))
        return Delivery(delivery.looked, taken)

    # What is remembered --------------------------------------------------------------------------

    def _newest(self, actor: Actor) -> Mapping[str, Any]:
        kept = self._store.sender_profiles.all(PROFILE, area_of(actor.grants))
        return json.loads(kept[0].body) if kept else {}

    def _remember(self, actor: Actor, delivery: Delivery) -> None:
        """Words that somebody explained are explained for the next list of the area too."""
        given: Found = delivery.looked.given.options
        words: Words = given["words"]
        if not words:
            return
        body = json.dumps({"words": words}, ensure_ascii=False, sort_keys=True)
        now = self._clock().isoformat()
        area = area_of(actor.grants)
        self._store.sender_profiles.add(PROFILE, area, body, actor.user, now)

    # For the worker ------------------------------------------------------------------------------

    def look(self, actor: Actor, job: Job, advance: Callable[[int], None]) -> Found:
        """Look through a list; a file that cannot be read is told, not tried again."""
        given: Found = job.given.options
        reading = Reading(
            str(given["batch"]), given["columns"], given["words"], given["encoding"], given["layer"]
        )
        try:
            with self._files.laid_out(_originals(given)) as paths:
                return self._results.look(actor, paths, reading, advance)
        except OF_A_FILE as error:
            return {"refused": refusal_as_json(error)}

    def take(self, actor: Actor, job: Job, advance: Callable[[int], None]) -> Found:
        """Apply a list as it was looked at; the same however often this was begun."""
        looked = self.get(actor, str(job.given.options["look"])).looked
        with self._files.laid_out(_originals(looked.given.options)) as paths:
            return self._results.apply(actor, looked.result or {}, job.given.job_id, paths, advance)


def _originals(options: Found) -> list[tuple[str, str]]:
    return [(str(file["name"]), str(file["sha256"])) for file in options["files"]]


def _once(delivery_id: str) -> str:
    return f"results {delivery_id}"
