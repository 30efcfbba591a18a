"""Plots of other batches at the place of a plot, as one person sees them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from georeview.core.access import Actor
from georeview.core.lineage import around_box
from georeview.core.plot import Stage
from georeview.core.query import Filter, PageOf
from georeview.errors import NotFound
from georeview.services.plots import seen_by
from georeview.storage.ports.plots import Plot
from georeview.storage.ports.store import Store

MOST = 50
"""Later plots looked at around one."""


@dataclass(frozen=True, slots=True)
class Kinship:
    """A plot of another batch, and how it lies to the one asked about.

    Attributes:
        plot: The other plot as it is now.
        later: Whether its batch came after.
        told: ``relation``, ``iou``, ``cover``, ``common_m2``, ``distance_m``, as facts keep them.
    """

    plot: Plot
    later: bool
    told: Mapping[str, Any]


class LineageService:
    """What became of a place before, and what has come of it since."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, actor: Actor, plot: Plot) -> list[Kinship]:
        """Earlier plots, the closest first, then later ones; only what the actor sees."""
        return [*self._earlier(actor, plot), *self._later(actor, plot)]

    def _earlier(self, actor: Actor, plot: Plot) -> Iterator[Kinship]:
        for row in lineage_of(plot):
            try:
                other = self._store.plots.get(seen_by(actor), str(row["plot_id"]))
            except NotFound:
                continue
            yield Kinship(other, later=False, told=row)

    def _later(self, actor: Actor, plot: Plot) -> Iterator[Kinship]:
        around = Filter(bbox=around_box(plot.given.bbox), stages=tuple(Stage))
        page = PageOf("source_id", limit=MOST)
        for other in self._store.plots.page(seen_by(actor), around, page, count=False).items:
            for row in lineage_of(other):
                if row["plot_id"] == plot.given.plot_id:
                    yield Kinship(other, later=True, told=row)


def lineage_of(plot: Plot) -> list[Mapping[str, Any]]:
    """What a plot's facts tell of earlier ones; nothing before they are computed."""
    known = plot.facts.detail.get("lineage", []) if plot.facts else []
    return cast("list[Mapping[str, Any]]", known)


def group_of(plot: Plot) -> str:
    """Name of the group of plots that are one place: the id of the oldest of them."""
    found = plot.facts.detail.get("lineage_group") if plot.facts else None
    return str(found or plot.given.plot_id)
