"""Figures of a day, samples, and the calendar they rest on."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from georeview.core.access import Scope
from georeview.core.breakdown import Raw
from georeview.core.ledger import Event
from georeview.core.traits import Told
from georeview.storage.ports.plots import Batch


@dataclass(frozen=True, slots=True)
class PlotDays:
    """What one plot stood at, at the end of days.

    Attributes:
        fid: The plot's number.
        batch: Its batch.
        days: ISO day, the standing's text and the plot's traits, by day.
    """

    fid: int
    batch: str
    days: Sequence[tuple[str, str, Told]]


@dataclass(frozen=True, slots=True)
class PlotStanding:
    """One plot behind a figure, as it stood then."""

    fid: int
    plot_id: str
    source_id: str
    type_issued: str | None
    standing: str
    raw: str


@dataclass(frozen=True, slots=True)
class League:
    """A published table.

    Attributes:
        league_id: Our id.
        batch: Of which batch.
        area: Area of who published it; every unit in it may read it.
        as_of: ISO day.
        seq: Number of the last event it rests on.
        content: The table as it was shown, canonical JSON.
        sha256: Hash of the content.
        head: The end of the ledger, signed, with that hash; JSON.
        actor: Who published it.
        published_at: When.
    """

    league_id: str
    batch: str
    area: str
    as_of: str
    seq: int
    content: str
    sha256: str
    head: str
    actor: str
    published_at: str


@dataclass(frozen=True, slots=True)
class Sample:
    """Plots that somebody else looks at again.

    Attributes:
        sample_id: Our id.
        batch: Of which batch.
        area: Area of who drew it; who sees the whole of it may see the sample.
        as_of: ISO day; the frame are the negatives of then.
        seed: What the ranks were made from.
        content: The draw, canonical JSON (``core.sampling.Draw``).
        sha256: Hash of the content; the events of its plots name it.
        actor: Who drew it.
        unit: For which unit.
        drawn_at: When.
    """

    sample_id: str
    batch: str
    area: str
    as_of: str
    seed: str
    content: str
    sha256: str
    actor: str
    unit: str
    drawn_at: str


@dataclass(frozen=True, slots=True)
class SamplePlot:
    """One plot of a sample, and what the second look came to.

    Attributes:
        sample_id: The sample.
        plot_id: The plot.
        place: Its place in its stratum, from 1.
        stratum: The stratum.
        result: One of ``core.sampling.RESULTS``, ``None`` before anybody has looked.
        note: What was said of it.
        actor: Who looked.
        answered_at: When.
    """

    sample_id: str
    plot_id: str
    place: int
    stratum: str
    result: str | None = None
    note: str | None = None
    actor: str | None = None
    answered_at: str | None = None


@dataclass(frozen=True, slots=True)
class DayOverride:
    """A day on which people work, or do not, other than the packaged calendar says."""

    day: str
    working: bool
    source: str
    actor: str
    set_at: str


class Figures(Protocol):
    """What key figures are counted from, made from the events and kept beside them."""

    def counted(self) -> tuple[int, str]:
        """Number of the last event that is counted, and by which formulas and calendar."""

    def begin(self, basis: str) -> None:
        """Forget every count and begin anew by other formulas or another calendar."""

    def histories(self, since: int, until: int) -> Iterator[tuple[int, Batch, Sequence[Event]]]:
        """Plots with events in a range of numbers, each with its batch and all events up to it."""

    def add(self, since: int, until: int, basis: str, plots: Sequence[PlotDays]) -> bool:
        """Count the events of a range, in one commit; false when somebody else has.

        Args:
            since: Number of the last event that is counted.
            until: Number of the last event of the range.
            basis: By which formulas and calendar.
            plots: What the events made of their plots.
        """

    def standings(self, batch: str, day: str) -> list[tuple[str, int]]:
        """Standings at the end of a day, each with the number of plots that have it."""

    def parts(self, batch: str, day: str, raw: Raw) -> list[tuple[str, str, int]]:
        """Standings at the end of a day by what a breakdown reads, each with its number of plots."""

    def rivers(self, batch: str) -> Mapping[str, str]:
        """Names of rivers, by what the breakdown by river reads."""

    def behind(
        self,
        scope: Scope,
        batch: str,
        day: str,
        wanted: Collection[tuple[str, str]],
        after: int,
        limit: int,
        *,
        raw: Raw = "none",
    ) -> list[PlotStanding]:
        """Plots that had one of some standings at the end of a day, by ``fid``.

        Args:
            scope: Only plots that are seen today.
            batch: Of which batch.
            day: ISO day.
            wanted: Texts of standings, each with what is read beside it.
            after: Only plots with a greater ``fid``.
            limit: At most so many.
            raw: What is read beside.
        """

    def last_event(self, before: str) -> int:
        """Number of the last event before an instant (ISO, UTC)."""

    def publish(self, league: League) -> None:
        """Keep a table as it was shown."""

    def published(self, batch: str, scope: Scope) -> list[League]:
        """Published tables of areas that meet the scope, newest first."""


class Samples(Protocol):
    """Draws and what came of them; the events of their plots tell the same."""

    def add(self, sample: Sample, plots: Sequence[SamplePlot]) -> None:
        """Keep a draw."""

    def all(self, batch: str) -> list[Sample]:
        """Draws of a batch, newest first."""

    def get(self, sample_id: str) -> Sample:
        """One draw.

        Raises:
            NotFound: There is none.
        """

    def plots(self, sample_id: str) -> list[SamplePlot]:
        """Its plots, by stratum and place."""

    def answer(self, plot: SamplePlot) -> None:
        """Keep what the second look came to."""


class Calendars(Protocol):
    """Days that differ from the packaged calendar."""

    def overrides(self) -> list[DayOverride]:
        """All of them, by day."""

    def put(self, override: DayOverride) -> None:
        """Say what a day is, whatever was said of it before."""

    def remove(self, day: str) -> None:
        """Let the packaged calendar decide again."""
