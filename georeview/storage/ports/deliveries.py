"""Files of plots on their way in, and taken back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from georeview.core.access import Scope
from georeview.core.ledger import Draft, Pattern, Value
from georeview.core.plot import Review
from georeview.storage.ports.plots import Batch, FactColumns, Facts, Import, NewPlot

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NewPlots:
    """Plots (n) as they are taken in, column by column; what JSON there is, is text.

    Attributes:
        plot_id: Our ids.
        batch: Name of their batch.
        source_id: Numbers as issued.
        row: Rows in the source file, from 1.
        wkb: Geometries in EPSG:4490, two-dimensional.
        source_wkb: Geometries as they came.
        source_crs: Their coordinate system.
        fields: Canonical fields of the dictionary.
        extra: Columns the dictionary does not know.
        flags: Warnings, as ``NewPlot`` has them.
        bbox: West, south, east, north (4, n), degrees.
        type_issued: What ``fields`` says is issued.
        words: Text to search in (see ``records.words_of``).
    """

    plot_id: Sequence[str]
    batch: str
    source_id: Sequence[str]
    row: Sequence[int]
    wkb: Sequence[bytes]
    source_wkb: Sequence[bytes]
    source_crs: str
    fields: Sequence[str]
    extra: Sequence[str]
    flags: Sequence[str]
    bbox: Sequence[Sequence[float]]
    type_issued: Sequence[str | None]
    words: Sequence[str]

    def __len__(self) -> int:
        return len(self.plot_id)

    def only(self, places: Sequence[int]) -> "NewPlots":
        """Some of the plots, by their places among them, from 0."""

        def some(column: Sequence[T]) -> Sequence[T]:
            return [column[place] for place in places]

        return replace(
            self,
            plot_id=some(self.plot_id),
            source_id=some(self.source_id),
            row=some(self.row),
            wkb=some(self.wkb),
            source_wkb=some(self.source_wkb),
            fields=some(self.fields),
            extra=some(self.extra),
            flags=some(self.flags),
            bbox=list(map(some, self.bbox)),
            type_issued=some(self.type_issued),
            words=some(self.words),
        )


@dataclass(frozen=True, slots=True)
class Entries:
    """Plots on their way in (n), with their first events, and their facts where they are known.

    Attributes:
        plots: The plots.
        steps: What is done with each of them first, in order; the same object where it is the same.
        bodies: What is asked of the first step of each, as canonical text.
        event_ids: Identifiers for all events of all plots, one after the other.
        facts: Their facts.
    """

    plots: NewPlots
    steps: Sequence[tuple[Pattern, ...]]
    bodies: Sequence[str]
    event_ids: Sequence[str]
    facts: FactColumns | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """A plot that is there already, as another file gives it.

    Attributes:
        plot: What it is from now on, under the id it has.
        facts: Its facts from now on.
        judge: Gives the events for the review as it stands when the file is kept; called while
            the store's lock is held, so it reads nothing and waits for nothing.
    """

    plot: NewPlot
    facts: Facts | None
    judge: Callable[[Review], Sequence[Draft]]


def unwatched(_steps: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Files that are to be undone as one.

    Attributes:
        import_ids: The files, in the order in which they came.
        at: When, ISO UTC.
        facts: Plot → its facts as it was before, for plots that the files changed.
        withdraw: Gives the event for a plot that a file brought, from the file and its review.
        restore: Gives the event for a plot that a file changed, from the file, its review, what it
            was before, and what the file's event had found of the review.
        advance: Told, inside the commit, of how many more plots; raises to leave all as it is.
    """

    import_ids: Sequence[str]
    at: str
    facts: Mapping[str, Facts]
    withdraw: Callable[[str, Review], Draft]
    restore: Callable[[str, Review, NewPlot, Mapping[str, Value]], Draft]
    advance: Callable[[int], None] = unwatched


@dataclass(frozen=True, slots=True)
class Past:
    """What a plot was until an event, by the event's number."""

    replaced_by: int
    given: NewPlot


class Deliveries(Protocol):
    """Files that change plots which are there, and files that are taken back."""

    def add(
        self,
        batch: Batch,
        source: Import,
        entries: Iterable[Entries],
        revisions: Iterable[Revision] = (),
    ) -> tuple[int, int]:
        """Keep a file's new plots, and change those that are there, in one commit or not at all.

        A batch that is already there keeps its own dates. Nobody else writes until this is over:
        the entries are read as they are kept, in memory that does not grow with them, so whoever
        gives them should have done the slow work before.

        Returns:
            The numbers of plots that are new, and that were changed.

        Raises:
            NotFound: A plot that is to be changed is not there.
            StoreConflict: A number is already in the batch.
            ValueError: The events of a plot are not its first ones, in order.
        """

    def files(self, name: str) -> list[Import]:
        """A file by its id, or all files of the load whose ids begin with this; in their order."""

    def before(self, import_id: str) -> list[NewPlot]:
        """What the plots that a file changed were before it; not those it brought.

        Raises:
            NotFound: There is no such file.
        """

    def brought(self, import_ids: Sequence[str]) -> tuple[int, int]:
        """How many plots files brought, and how many they changed.

        Raises:
            NotFound: There is no such file.
        """

    def retract(self, taken: TakeBack) -> tuple[int, int]:
        """Undo files as one, in one commit.

        Returns:
            The numbers of plots that were withdrawn, and that are again what they were.

        Raises:
            NotFound: There is no such file.
            AlreadyRetracted: It has been taken back.
            BuiltUpon: A later file has changed its plots.
            ReviewBegun: Somebody has reviewed some of them.
        """

    def pasts(self, scope: Scope, plot_id: str) -> list[Past]:
        """What a plot was before each change, oldest first.

        Raises:
            NotFound: No such plot in this scope.
        """
