"""Cutting plots into parts: what a line would give, the step itself, and undoing it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from georeview.clock import Clock
from georeview.core.access import EVERYTHING, Action, Actor, Role
from georeview.core.commands import PARTS_MOST
from georeview.core.ledger import Value, canonical
from georeview.core.procedure import Command
from georeview.core.review import admit
from georeview.core.splitting import BEFORE, first_step, next_numbers
from georeview.errors import BadValue, VersionMissing
from georeview.errors.review import (
    FieldMissing,
    LineMisses,
    PartsAlike,
    PartsUnfit,
    StaleVersion,
)
from georeview.services.ids import new_id, new_plot_ids
from georeview.services.overlay import OverlayService, laid_of
from georeview.services.plots import seen_by
from georeview.services.review import ReviewService
from georeview.services.updates import given
from georeview.storage.ports.deliveries import Entries
from georeview.storage.ports.ledger import Asked, Idempotency, Kept
from georeview.storage.ports.plots import FactColumns, NewPlot, Plot
from georeview.storage.ports.store import Store
from georeview.storage.records import columns_of

if TYPE_CHECKING:
    from shapely import Geometry

FIT_M2 = 1.0
"""By how much parts may differ from the plot, all together."""

LINE_MOST = 500
"""Vertices of a cutting line."""

STATED = frozenset({"area_stated", "area_stated_m2"})
"""What was stated of the whole plot and is true of no part."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part as it would be.

    Attributes:
        geometry: Its shape, GeoJSON in EPSG:4490.
        area_m2: Geodesic.
        county: Code of the county of its largest share, if it lies in one.
        county_name: Its name.
    """

    geometry: Mapping[str, Any]
    area_m2: float
    county: str | None
    county_name: str | None


class SplitService:
    """The doors to cutting a plot."""

    def __init__(
        self, store: Store, review: ReviewService, overlay: OverlayService, clock: Clock
    ) -> None:
        self._store = store
        self._review = review
        self._overlay = overlay
        self._clock = clock

    # Looking -------------------------------------------------------------------------------------

    def cut(self, actor: Actor, plot_id: str, line: Sequence[Sequence[float]]) -> list[Part]:
        """The parts that a line would give; nothing is kept.

        Args:
            actor: Who asks.
            plot_id: The plot.
            line: Positions, longitude and latitude, EPSG:4490.

        Raises:
            NotFound: The plot is not visible to the actor.
            Forbidden: The actor may not split it.
            BadValue: It is no line, or does not cut the plot.
        """
        import shapely

        from georeview.geometry import cutting

        plot, shape = self._seen(actor, plot_id)
        if not 2 <= len(line) <= LINE_MOST:
            raise BadValue(field="line", value=str(len(line)))
        return self._parts_of(plot, cutting.cut(shape, shapely.LineString(line)))

    def along_counties(self, actor: Actor, plot_id: str) -> list[Part]:
        """The parts that the county line gives.

        Raises:
            NotFound: The plot is not visible to the actor.
            Forbidden: The actor may not split it.
            LineMisses: It lies in one county, or there are no counties.
        """
        import shapely

        from georeview.geometry import cutting

        plot, shape = self._seen(actor, plot_id)
        layer = self._overlay.in_use_of("county")
        features = self._store.layers.features(layer.layer_id) if layer else ()
        areas = [shapely.from_wkb(feature.wkb) for feature in features]
        return self._parts_of(plot, cutting.along(shape, [a for a in areas if a.intersects(shape)]))

    def _seen(self, actor: Actor, plot_id: str) -> tuple[NewPlot, "Geometry"]:
        import shapely

        plot = self._review.need_on(actor, Action.SPLIT, plot_id).given
        return plot, shapely.from_wkb(plot.wkb)

    def _parts_of(self, plot: NewPlot, shapes: Sequence["Geometry"]) -> list[Part]:
        import shapely

        if len(shapes) < 2:
            raise LineMisses
        facts = self._facts(self._plots(plot, shapes))
        return [
            Part(json.loads(shapely.to_geojson(shape)), area, county, name)
            for shape, area, county, name in zip(
                shapes, facts["area_m2"], facts["county"], facts["county_name"], strict=True
            )
        ]

    def _facts(self, plots: Sequence[NewPlot]) -> FactColumns:
        return self._overlay.laying_over()(laid_of(plots))

    # Splitting, and undoing it -------------------------------------------------------------------

    def act(self, actor: Actor, plot_id: str, command: Command) -> Kept:
        """Split a plot, or make it whole again.

        Raises:
            GeoreviewError: As ``ask``, and whatever the procedure refuses.
        """
        return self._review.settled(self.ask(actor, plot_id, command))

    def ask(
        self,
        actor: Actor,
        plot_id: str,
        command: Command,
        idempotency: Idempotency | None = None,
    ) -> Asked:
        """The step, to be settled; the slow work on shapes is done here, before anything is locked.

        Raises:
            NotFound: The plot is not visible to the actor.
            Forbidden: The actor may not do this.
            BadValue: The parts are not the plot.
            PartsAlike: They lie in one county.
        """
        plot = self._store.plots.get(seen_by(actor), plot_id)
        if command.action == Action.UNMERGE:
            family = plot.review.course.children or ()
            return self._review.ask(actor, plot_id, command, idempotency, family)
        who = actor.on(plot.given.batch)
        try:
            _, role = admit(plot.review, command, who)
        except (StaleVersion, VersionMissing):
            # A repeat gets its first answer where the version is looked at once more.
            return self._review.ask(actor, plot_id, command, idempotency)
        parts, told = self._entries(plot, command.body.get("parts"), who, role)
        body = {**command.body, "parts": told}
        asked = self._review.ask(actor, plot_id, replace(command, body=body), idempotency)
        return replace(asked, parts=parts)

    def _entries(
        self, plot: Plot, parts: object, actor: Actor, role: Role
    ) -> tuple[Entries, list[dict[str, Value]]]:
        """The parts as new plots, and what the event says of them."""
        shapes = shapes_of(parts)
        _need_fit(plot, shapes)
        made = self._plots(plot.given, shapes)
        facts = self._facts(made)
        counties = {*facts["county"]}
        if len(counties) < 2:
            raise PartsAlike(county=next(iter(facts["county_name"])) or "-")
        step = first_step(plot.given.plot_id, actor, role, area=self._area(plot), now=self._clock())
        bodies = [canonical({**given(one), "parent": plot.given.plot_id}) for one in made]
        entries = Entries(
            columns_of(made), [step] * len(made), bodies, [new_id() for _ in made], facts
        )
        told = [
            {name: given(one)[name] for name in ("source_id", "geometry_sha256")}
            | {"plot_id": one.plot_id}
            for one in made
        ]
        return entries, told

    def _area(self, plot: Plot) -> str:
        batches = self._store.plots.batches(EVERYTHING)
        return next(batch.area for batch in batches if batch.name == plot.given.batch)

    def _plots(self, whole: NewPlot, shapes: Sequence["Geometry"]) -> list[NewPlot]:
        taken = self._store.plots.beginning(whole.batch, whole.source_id + BEFORE)
        numbers = next_numbers(whole.source_id, taken, len(shapes))
        ids = new_plot_ids(len(shapes), self._clock())
        return [_part(whole, *one) for one in zip(shapes, numbers, ids, strict=True)]


def _part(whole: NewPlot, shape: "Geometry", number: str, plot_id: str) -> NewPlot:
    """A part as a plot: what was stated of the whole is left out, its source stays with the whole."""
    import shapely

    wkb = shapely.to_wkb(shape)
    fields = {name: value for name, value in whole.fields.items() if name not in STATED}
    return replace(
        whole,
        plot_id=plot_id,
        source_id=number,
        wkb=wkb,
        source_wkb=wkb,
        source_crs="EPSG:4490",
        fields={**fields, "source_id": number} if "source_id" in fields else fields,
        flags=[],
        bbox=shape.bounds,
    )


def shapes_of(parts: object) -> list["Geometry"]:
    """GeoJSON polygons as shapes.

    Raises:
        FieldMissing: There are none.
        BadValue: Something is no sound polygon.
    """
    import shapely

    if not parts:
        raise FieldMissing(field="parts", value="")
    found = []
    for part in parts if isinstance(parts, list) else [parts]:
        geometry = part.get("geometry", part) if isinstance(part, dict) else part
        try:
            shape = shapely.force_2d(shapely.from_geojson(json.dumps(geometry)))
        except (shapely.errors.GEOSException, TypeError, ValueError) as error:
            raise BadValue(field="parts", value=str(part)[:80]) from error
        areal = shape.geom_type in ("Polygon", "MultiPolygon") and not shape.is_empty
        if not areal or not shape.is_valid:
            raise BadValue(field="parts", value=str(part)[:80])
        found.append(shape)
    if not 2 <= len(found) <= PARTS_MOST:
        raise BadValue(field="parts", value=str(len(found)))
    return found


def _need_fit(plot: Plot, shapes: Sequence["Geometry"]) -> None:
    """Parts are the plot, to the square metre.

    Raises:
        PartsUnfit: They are not.
    """
    import shapely

    from georeview.geometry.cutting import misfit

    off = misfit(shapely.from_wkb(plot.given.wkb), shapes)
    if not off.total_m2 <= FIT_M2:
        raise PartsUnfit(
            missing_m2=round(off.missing_m2, 1),
            beyond_m2=round(off.beyond_m2, 1),
            overlap_m2=round(off.overlap_m2, 1),
        )
