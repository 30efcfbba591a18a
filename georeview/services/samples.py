"""Sampling of negatives: drawn by whoever checks, looked at by another unit, judged by strata."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from georeview.clock import SHANGHAI, Clock
from georeview.core.access import Action, Actor, area_of, need, role_for, scope_of
from georeview.core.ledger import Draft, Value
from georeview.core.plot import Review
from georeview.core.query import Filter
from georeview.core.sampling import RESULTS, Judged, Looked, Negative, draw, judge
from georeview.errors import BadValue, Forbidden, NotFound
from georeview.errors.figures import NoNegatives, SameUnit
from georeview.services.ids import new_id
from georeview.services.plots import seen_by
from georeview.storage.ports.figures import Sample, SamplePlot
from georeview.storage.ports.ledger import Pending
from georeview.storage.ports.plots import Plot
from georeview.storage.ports.store import Store

TEXT_MAX = 2000
SEED_MAX = 80
TOGETHER = 500
"""Events of a draw that are kept in one commit."""


@dataclass(frozen=True, slots=True)
class SampledPlot:
    """A plot of a sample for whoever looks: the first verdict only once there is a second."""

    drawn: SamplePlot
    plot: Plot


@dataclass(frozen=True, slots=True)
class SampleView:
    """A sample with its plots and what they say.

    Attributes:
        sample: The draw.
        strata: Each with what has been looked at.
        judged: What that says of the whole frame; ``None`` before anything was looked at.
        plots: The plots.
    """

    sample: Sample
    strata: Sequence[Looked]
    judged: Judged | None
    plots: Sequence[SampledPlot]


class SampleService:
    """Draws, second looks, and their estimate."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def draw(self, actor: Actor, batch: str, seed: str | None = None) -> Sample:
        """Draw from all negatives of a batch that are closed now.

        Each plot drawn gets an event that names the draw's hash; the draw is there once all have
        one.

        Args:
            actor: Who draws.
            batch: Of which batch.
            seed: Any text; one nobody can guess when not given.

        Raises:
            Forbidden: The actor draws no samples.
            NotFound: There is no such batch in the actor's area.
            BadValue: The seed is no usable text.
            NoNegatives: There is nothing to draw from.
        """
        need(actor, Action.SAMPLE)
        scope = scope_of(actor, Action.SAMPLE)
        of = next((b for b in self._store.plots.batches(scope) if b.name == batch), None)
        if of is None:
            raise NotFound(what=batch)
        chosen = new_id() if seed is None else seed.strip()
        if not chosen.isprintable() or not 0 < len(chosen) <= SEED_MAX:
            raise BadValue(field="seed", value=chosen[:SEED_MAX])
        reviews: dict[str, Review] = {}
        frame: list[Negative] = []
        for plots in self._store.plots.stream(scope, Filter(batch=batch, stages=("closed",))):
            for plot in plots:
                if (plot.review.outcome or "").startswith("negative"):
                    frame.append(_negative(plot))
                    reviews[plot.review.plot_id] = plot.review
        if not frame:
            raise NoNegatives(batch=batch)
        drawn = draw(frame, chosen)
        content, now = drawn.as_text(), self._clock()
        sample = Sample(
            sample_id=new_id(),
            batch=batch,
            area=of.area,
            as_of=now.astimezone(SHANGHAI).date().isoformat(),
            seed=chosen,
            content=content,
            sha256=hashlib.sha256(content.encode()).hexdigest(),
            actor=actor.user,
            unit=actor.unit,
            drawn_at=now.astimezone(UTC).isoformat(timespec="milliseconds"),
        )
        places = [
            SamplePlot(sample.sample_id, plot_id, place, part.name)
            for part in drawn.parts
            for place, plot_id in enumerate(part.drawn, 1)
        ]
        self._tell(actor, sample, places, reviews, now)
        self._store.samples.add(sample, places)
        return sample

    def _tell(
        self,
        actor: Actor,
        sample: Sample,
        places: Sequence[SamplePlot],
        reviews: Mapping[str, Review],
        now: datetime,
    ) -> None:
        events = [
            _beside(
                reviews[one.plot_id],
                actor,
                "sample",
                {
                    "sample": sample.sample_id,
                    "sample_sha256": sample.sha256,
                    "seed": sample.seed,
                    "stratum": one.stratum,
                    "place": one.place,
                },
                now,
            )
            for one in places
        ]
        for start in range(0, len(events), TOGETHER):
            self._store.ledger.append([Pending(e) for e in events[start : start + TOGETHER]])

    def all(self, actor: Actor, batch: str) -> list[Sample]:
        """Samples of a batch, newest first.

        Raises:
            Forbidden: The actor has nothing to do with samples.
        """
        need(actor, Action.LEAGUE)
        scope = area_of(actor, Action.LEAGUE, batch)
        return [one for one in self._store.samples.all(batch) if scope.holds(one.area)]

    def view(self, actor: Actor, sample_id: str) -> SampleView:
        """One sample with all its plots.

        Raises:
            Forbidden: The actor has nothing to do with samples.
            NotFound: There is no such sample in the actor's area.
        """
        sample, scope = self._one(actor, sample_id), seen_by(actor)
        plots = self._store.samples.plots(sample_id)
        strata = looked(sample, plots)
        found = [SampledPlot(one, self._store.plots.get(scope, one.plot_id)) for one in plots]
        return SampleView(sample, strata, judge(strata), found)

    def answer(
        self, actor: Actor, sample_id: str, plot_id: str, result: str, note: str | None = None
    ) -> SamplePlot:
        """What a second look came to; a later answer replaces an earlier one, events keep both.

        Raises:
            Forbidden: The actor takes no second looks here.
            NotFound: The sample, or the plot in it, is not there for the actor.
            BadValue: The result is none, or the note too long.
            SameUnit: The actor's unit has marked the plot.
        """
        need(actor, Action.SAMPLE)
        self._one(actor, sample_id)
        drawn = {one.plot_id: one for one in self._store.samples.plots(sample_id)}
        if plot_id not in drawn:
            raise NotFound(what=plot_id)
        review = self._store.ledger.review(seen_by(actor), plot_id)
        if result not in RESULTS:
            raise BadValue(field="result", value=result[:80])
        if note is not None and (len(note) > TEXT_MAX or "\x1f" in note):
            raise BadValue(field="note", value=note[:80])
        if actor.unit == review.marked_unit:
            raise SameUnit(unit=actor.unit)
        now = self._clock()
        body: dict[str, Value] = {"sample": sample_id, "result": result}
        said = body | ({"note": note} if note else {})
        self._store.ledger.append([Pending(_beside(review, actor, "sample_result", said, now))])
        answered = replace(
            drawn[plot_id],
            result=result,
            note=note,
            actor=actor.user,
            answered_at=now.astimezone(UTC).isoformat(timespec="milliseconds"),
        )
        self._store.samples.answer(answered)
        return answered

    def judged(self, batch: str, before: str) -> dict[str | None, Judged]:
        """What the last sample of a batch says by an instant: by county, and ``None`` for all.

        Args:
            batch: Of which batch.
            before: ISO instant; later draws and answers do not count.
        """
        for sample in self._store.samples.all(batch):
            if sample.drawn_at < before:
                strata = looked(sample, self._store.samples.plots(sample.sample_id), before)
                counties = {one.name.partition("/")[0] for one in strata}
                found = {
                    c: judge([s for s in strata if s.name.partition("/")[0] == c]) for c in counties
                } | {None: judge(strata)}
                return {unit: judged for unit, judged in found.items() if judged is not None}
        return {}

    def _one(self, actor: Actor, sample_id: str) -> Sample:
        need(actor, Action.LEAGUE)
        sample = self._store.samples.get(sample_id)
        if not area_of(actor, Action.LEAGUE, sample.batch).holds(sample.area):
            raise NotFound(what=sample_id)
        return sample


def looked(sample: Sample, plots: Sequence[SamplePlot], before: str = "9999") -> list[Looked]:
    """The strata of a sample with what has been answered by an instant.

    What nobody has looked at yet counts as little as what could not be looked at.
    """
    strata: list[Looked] = []
    for part in json.loads(sample.content)["strata"]:
        own = [one for one in plots if one.stratum == part["name"]]
        results = [one.result for one in own if one.answered_at and one.answered_at < before]
        seen = [result for result in results if result != "not_checkable"]
        wrong = seen.count("wrong_negative")
        missing = len(own) - len(seen)
        strata.append(Looked(part["name"], part["size"], len(seen), wrong, missing))
    return strata


def _negative(plot: Plot) -> Negative:
    review, facts = plot.review, plot.facts
    return Negative(
        review.plot_id, review.county or "", review.reason, facts.band if facts else None
    )


def _beside(
    review: Review, actor: Actor, action: str, body: Mapping[str, Value], now: datetime
) -> Draft:
    """An event that depends on no version of a plot and moves none."""
    role = role_for(actor, Action.SAMPLE, review.area)
    if role is None:
        raise Forbidden(action=Action.SAMPLE.value)
    return Draft(
        event_id=new_id(),
        plot_id=review.plot_id,
        base=None,
        action=action,
        actor=actor.user,
        unit=actor.unit,
        role=role.value,
        observed_at=now.isoformat(timespec="seconds"),
        recorded_at=now.astimezone(UTC).isoformat(timespec="milliseconds"),
        body=body,
        before={"stage": review.stage},
        after={},
    )
