"""Permits and plots beside each other: which lie near, which fit, which rest on which."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely

from georeview.clock import SHANGHAI, Clock
from georeview.core.access import Action, Actor, may, scope_of
from georeview.core.permits import NEAR_M, Permit, Standing
from georeview.core.query import Filter, PageOf
from georeview.errors import BadValue
from georeview.services import cql2
from georeview.services.permits import PermitService
from georeview.services.plots import PlotService, seen_by
from georeview.storage.ports.permits import Wanted
from georeview.storage.ports.plots import Page, Plot
from georeview.storage.ports.store import Store

WITHIN_M = 500.0
"""How far from a plot its panel looks for permits; places of the register are often this far off."""

MOST = 12
MOST_PLOTS = 500
MOST_NUMBERS = 200
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Nearby:
    """A permit as a plot sees it."""

    permit: Permit
    distance_m: float | None
    fits: bool
    standing: Standing


@dataclass(frozen=True, slots=True)
class OfPlot:
    """What the register says of a plot.

    Attributes:
        linked: The permit it rests on, where the person sees it.
        near: Permits it might rest on, those that fit first, then the nearest.
        same_number: Other plots that name the same number, and how many.
    """

    linked: Nearby | None
    near: Sequence[Nearby]
    same_number: Page | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plot as a permit sees it."""

    plot: Plot
    distance_m: float | None
    fits: bool


class PermitPlots:
    """Reading both, through the areas in which somebody sees each."""

    def __init__(
        self, store: Store, plots: PlotService, permits: PermitService, clock: Clock
    ) -> None:
        self._store = store
        self._plots = plots
        self._permits = permits
        self._clock = clock

    def of_plot(self, actor: Actor, plot_id: str, q: str | None = None) -> OfPlot:
        """What the register says of a plot: near it, or by words anywhere.

        Raises:
            NotFound: The plot is not visible to the actor.
        """
        plot = self._store.plots.get(seen_by(actor), plot_id)
        right = Action.LINK_PERMIT if may(actor, Action.LINK_PERMIT) else Action.PERMITS
        scope, today = scope_of(actor, right), self._today()
        own = plot.review.permit_id
        linked = self._store.permits.some(scope, [own]).get(own) if own else None
        words = (q or "").strip() or None
        box = None if words else _grown(plot.given.bbox, WITHIN_M)
        wanted = Wanted(today, q=words, bbox=box)
        found = self._store.permits.page(scope, wanted, "number", MOST_PLOTS, None).items
        near = [one for one in _beside(plot, found, today) if one.permit.permit_id != own]
        if not words:
            near = [one for one in near if (one.distance_m or 0) <= WITHIN_M]
        shown = next(_beside(plot, [linked], today)) if linked else None
        return OfPlot(shown, sorted(near, key=_rank)[:MOST], self._same_number(actor, plot))

    def _same_number(self, actor: Actor, plot: Plot) -> Page | None:
        """Other plots of the same permit: one bridge is often many plots."""
        if plot.review.permit_no is None:
            return None
        number, own = _quoted(plot.review.permit_no), _quoted(plot.given.plot_id)
        where = Filter(condition=cql2.read(f"permit_no = {number} AND plot_id <> {own}"))
        return self._plots.page(actor, where, PageOf(limit=MOST), count=True)

    def resting(self, actor: Actor, permit_id: str) -> list[Candidate]:
        """The plots that rest on a permit and that the actor sees.

        Raises:
            NotFound: The permit is not visible to the actor.
        """
        permit = self._permits.entry(actor, permit_id).permit
        plots = self._stream(actor, Filter(permit=permit_id))
        return sorted(_around(permit, plots), key=lambda one: one.plot.given.source_id)

    def candidates(
        self,
        actor: Actor,
        permit_id: str,
        *,
        within_m: float = NEAR_M,
        numbers: Sequence[str] = (),
    ) -> list[Candidate]:
        """Plots that might rest on a permit: near it, or by their numbers.

        Raises:
            NotFound: The permit is not visible to the actor.
            BadValue: Too many numbers.
        """
        permit = self._permits.entry(actor, permit_id).permit
        if len(numbers) > MOST_NUMBERS:
            raise BadValue(field="numbers", value=str(len(numbers)))
        if numbers:
            listed = ", ".join(map(_quoted, numbers))
            where = Filter(condition=cql2.read(f"source_id IN ({listed})"))
        elif permit.bbox is None:
            return []
        else:
            where = Filter(bbox=_grown(permit.bbox, within_m))
        plots = [p for p in self._stream(actor, where) if p.review.permit_id != permit_id]
        found = list(_around(permit, plots))
        if not numbers:
            found = [one for one in found if (one.distance_m or 0) <= within_m]
        return sorted(found, key=lambda one: (not one.fits, one.distance_m or 0))

    def _stream(self, actor: Actor, where: Filter) -> list[Plot]:
        found: list[Plot] = []
        for plots in self._store.plots.stream(seen_by(actor), where):
            found += plots
            if len(found) >= MOST_PLOTS:
                break
        return found[:MOST_PLOTS]

    def _today(self) -> date:
        return self._clock().astimezone(SHANGHAI).date()


def what_is(plot: Plot) -> str | None:
    """What a plot is, as far as anybody knows."""
    issued = plot.given.fields.get("type_issued")
    return plot.review.type_actual or (None if issued is None else str(issued))


def _rank(one: Nearby) -> tuple[bool, bool, float]:
    over = one.standing in (Standing.EXPIRED, Standing.WITHDRAWN)
    return (not one.fits, over, math.inf if one.distance_m is None else one.distance_m)


def _beside(plot: Plot, permits: Sequence[Permit], today: date) -> Iterator[Nearby]:
    away = _apart_m(plot.given.wkb, [permit.wkb for permit in permits])
    for permit, metres in zip(permits, away, strict=True):
        yield Nearby(permit, metres, permit.fits(what_is(plot)), permit.standing(today))


def _around(permit: Permit, plots: Sequence[Plot]) -> Iterator[Candidate]:
    shapes = [plot.given.wkb for plot in plots]
    away = [None] * len(plots) if permit.wkb is None else _apart_m(permit.wkb, shapes)
    for plot, metres in zip(plots, away, strict=True):
        yield Candidate(plot, metres, permit.fits(what_is(plot)))


def _apart_m(own: bytes, others: Sequence[bytes | None]) -> list[float | None]:
    """Metres from one shape (WKB, EPSG:4490) to each of some; ``None`` where there is none."""
    from georeview.geometry.measure import scale, to_plane

    plane = to_plane(shapely.from_wkb(np.array([own], dtype=object)))
    there = to_plane(shapely.from_wkb(np.array(others, dtype=object)))
    factor = scale(shapely.get_coordinates(shapely.centroid(plane)))[0]
    apart = shapely.distance(plane[0], there) / factor
    return [None if math.isnan(metres) else round(float(metres), 1) for metres in apart]


def _grown(box: Box, metres: float) -> Box:
    """A box with room around it; a little more than asked for, what lies in it is measured."""
    west, south, east, north = box
    up = 1.1 * metres / 110_500
    aside = up / max(0.1, math.cos(math.radians(max(abs(south), abs(north)))))
    return west - aside, south - up, east + aside, north + up


def _quoted(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
