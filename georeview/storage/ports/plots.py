"""Plots as they lie in the store, their facts, and lists of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from georeview.core.access import EVERYTHING, Scope
from georeview.core.lineage import Earlier
from georeview.core.locks import Lock
from georeview.core.plot import Review
from georeview.core.query import Filter, PageOf
from georeview.storage.ports import Json


@dataclass(frozen=True, slots=True)
class Batch:
    """One issue of plots by the ministry."""

    name: str
    area: str
    review_due: str | None
    rectify_due: str | None
    hard: bool
    created_at: str


@dataclass(frozen=True, slots=True)
class Import:
    """One file taken in; ``report`` is the reader's, as JSON text."""

    import_id: str
    batch: str
    file: str
    sha256: str
    report: str
    actor: str
    created_at: str
    retracted_at: str | None = None


@dataclass(frozen=True, slots=True)
class NewPlot:
    """A plot as it is taken in; another delivery may give it other values, and keeps these too.

    Attributes:
        plot_id: Our id.
        batch: Batch name.
        source_id: Number as issued.
        row: Row in the source file, from 1.
        wkb: Geometry in EPSG:4490, two-dimensional.
        source_wkb: Geometry as it came.
        source_crs: Its coordinate system.
        fields: Canonical fields of the dictionary.
        extra: Columns the dictionary does not know.
        flags: Warnings: ``[{"code": …, "facts": {…}}]``.
        bbox: West, south, east, north, degrees.
    """

    plot_id: str
    batch: str
    source_id: str
    row: int
    wkb: bytes
    source_wkb: bytes
    source_crs: str
    fields: Json
    extra: Json
    flags: Sequence[Json]
    bbox: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Facts:
    """Overlay facts of one plot: the columns that lists and exports use, and all the rest.

    Attributes:
        plot_id: The plot.
        computed_at: When.
        layers: Layer versions used, one text for comparing (``mgmt_area=v1;river=v1``).
        detail: Everything, in the shape of ``GET /plots/{id}/facts``.
    """

    plot_id: str
    computed_at: str
    layers: str
    area_m2: float | None
    in_m2: float | None
    in_share: float | None
    water_share: float | None
    edge_m: float | None
    band: str | None
    river: str | None
    river_code: str | None
    river_m: float | None
    bank: str | None
    chainage_m: float | None
    county: str | None
    county_name: str | None
    county_share: float | None
    multi_county: bool
    township: str | None
    township_name: str | None
    lon: float
    lat: float
    suggestion: str | None
    detail: Json


FactColumns = Mapping[str, Sequence[Any]]
"""Attribute of ``Facts`` → values of n plots; ``detail`` is JSON text."""


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot with everything known about it except its history.

    ``review_due`` and ``rectify_due`` are the batch's dates, ``hard`` whether only the province
    extends beyond them; ``photos`` is the number of site photos beside it, ``conflicts`` that of the
    late records nobody has settled, ``hash`` that of its last review event, ``lock`` who holds it or
    did last, where plots are read one by one.
    """

    fid: int
    given: NewPlot
    review: Review
    facts: Facts | None
    updated_at: str
    review_due: str | None
    rectify_due: str | None
    hard: bool
    photos: int
    conflicts: int
    hash: str
    lock: Lock | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list.

    Attributes:
        items: The plots; geometry is there, the caller decides to show it.
        after: Where the next part begins (sort value and a tie-breaker), or ``None`` at the end.
        matched: Exact number of plots that meet the filter, or ``None`` where not asked.
    """

    items: Sequence[Plot]
    after: tuple[str | float | int | None, str] | None
    matched: int | None


@dataclass(frozen=True, slots=True)
class Rows:
    """A part of one viewer's queue as columns of equal length, ordered by ``fid``.

    ``rank`` is the place in the order of the queue, over all parts, from 1.
    """

    fid: Sequence[int]
    plot_id: Sequence[str]
    source_id: Sequence[str]
    mark: Sequence[str]
    mark_state: Sequence[str]
    stage: Sequence[str]
    version: Sequence[int]
    type_issued: Sequence[str | None]
    county: Sequence[str | None]
    township: Sequence[str | None]
    river: Sequence[str | None]
    area_m2: Sequence[float | None]
    band: Sequence[str | None]
    suggestion: Sequence[str | None]
    lon: Sequence[float]
    lat: Sequence[float]
    conflicts: Sequence[int]
    rank: Sequence[int]


class Plots(Protocol):
    """Plots as they came, with their review and facts beside."""

    def batches(self, scope: Scope) -> list[Batch]:
        """Batches of which the scope sees a plot, or whose area it holds; newest first."""

    def imports(self, batch: str) -> list[Import]:
        """Files taken in for a batch, oldest first."""

    def known(self, batch: str, numbers: Sequence[str]) -> Mapping[str, NewPlot]:
        """Number as issued → the plot of the batch as it was given last, for some numbers.

        Plots that were withdrawn are not among them.
        """

    def numbers(self, batch: str) -> Iterator[Sequence[str]]:
        """Numbers of all plots of a batch, part by part in the order in which they came."""

    def withdrawn(self, batch: str, numbers: Sequence[str]) -> Mapping[str, str]:
        """Number as issued → id of the plot that was withdrawn from the batch, for some numbers."""

    def earlier(self, batch: str, boxes: Iterable[Sequence[float]]) -> list[Earlier]:
        """Plots of batches that came before one, where their boxes meet some boxes; oldest first.

        Plots that were withdrawn or became others are not among them.

        Args:
            batch: The batch; all others came before one that is not there yet.
            boxes: West, south, east, north, degrees.
        """

    def get(self, scope: Scope, plot_id: str) -> Plot:
        """One plot.

        Raises:
            NotFound: No such plot in this scope.
        """

    def by_source(self, scope: Scope, batch: str, source_id: str) -> Plot:
        """One plot by the number it was issued under.

        Raises:
            NotFound: No such plot in this scope.
        """

    def page(self, scope: Scope, where: Filter, page: PageOf, *, count: bool) -> Page:
        """A part of a list; ``risk`` sorts as the queue does (see the queue's order)."""

    def stream(self, scope: Scope, where: Filter, *, chunk: int = 2000) -> Iterator[list[Plot]]:
        """All plots of a filter in ``fid`` order, as one consistent view."""

    def rows(self, scope: Scope, batch: str) -> Iterator[Rows]:
        """The viewer's queue as columns, part by part in ``fid`` order, as one consistent view."""

    def marks(self, scope: Scope, batch: str) -> Iterator[Sequence[tuple[str, str, int]]]:
        """``mark``, ``mark_state`` and ``conflicts`` of the same plots in the same order as ``rows``."""

    def fids(self, scope: Scope, batch: str) -> Sequence[int]:
        """The numbers of the same plots, rising."""

    def shapes(self, scope: Scope, batch: str) -> Iterator[tuple[Sequence[int], Sequence[bytes]]]:
        """``fid`` and WKB of the same plots, part by part in the same order."""

    def last_import(self, batch: str) -> str | None:
        """Names the state of the shapes: as long as it is the same, so are they."""

    def beginning(self, batch: str, start: str) -> list[str]:
        """Numbers of a batch that begin with a text."""

    def issued(self, scope: Scope, batch: str) -> tuple[int, int]:
        """How many plots were issued, whatever became of them, and how many there are now.

        A plot that was split or merged is issued and no more there; a part is there only.
        """

    def counts(self, scope: Scope, batch: str) -> Mapping[str, int]:
        """How many plots carry each mark."""

    def stages(self, scope: Scope, where: Filter) -> Mapping[str, int]:
        """Stage → how many of the plots of a filter lie in it."""


class FactStore(Protocol):
    """Overlay facts, replaced whole for a plot."""

    def put(self, facts: Sequence[Facts]) -> None:
        """Keep facts, one commit; older facts of the same plots move to the facts' history."""

    def layers_used(self, batch: str | None = None, scope: Scope = EVERYTHING) -> Mapping[str, int]:
        """Layer versions text → number of plots whose facts rest on them.

        Args:
            batch: Only these plots.
            scope: Who asks.
        """
