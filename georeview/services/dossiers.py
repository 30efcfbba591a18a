"""All there is to one plot, gathered for its dossier."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import shapely

from georeview import texts
from georeview.core.access import Actor
from georeview.core.ledger import Event
from georeview.core.replay import replay
from georeview.errors.figures import NothingToReport
from georeview.reports.document import Cell, Document, Picture
from georeview.reports.dossier import Attached, Dossier, Happened, dossier, reason_name
from georeview.reports.sketch import METRES_PER_DEGREE, Ring, Sketch, sketch
from georeview.services.export_pictures import Pictures
from georeview.services.figures import midnight_after
from georeview.services.imagery import ImageryService
from georeview.services.plots import Detail, PlotService
from georeview.services.reports import here
from georeview.services.review import ReviewService
from georeview.storage.ports.evidence import EvidenceFile
from georeview.storage.ports.plots import Facts, Plot
from georeview.storage.ports.store import Store

AROUND_M = 150.0
"""Least distance from the plot to the edge of its sketch."""

PHOTOS = 8

OVERLAID = ("mgmt_area", "protect_area", "shore_zone", "water")


class DossierService:
    """Dossiers, for whoever sees the plot."""

    def __init__(
        self, store: Store, plots: PlotService, imagery: ImageryService, review: ReviewService
    ) -> None:
        self._store = store
        self._plots = plots
        self._imagery = imagery
        self._review = review

    def dossier(
        self,
        actor: Actor,
        plot_id: str,
        lang: texts.Lang,
        as_of: date | None = None,
        ground: "Ground | None" = None,
    ) -> Document:
        """One plot as a document; evidence only for who may see it.

        Args:
            actor: Who asks; what may be seen is what may be seen today.
            plot_id: Which plot.
            lang: In which language.
            as_of: As it stood at the end of this day; overlay facts say when they were computed.
            ground: What the sketch is drawn on, where many are.

        Raises:
            NotFound: Not there, or not visible to the actor.
            NothingToReport: The plot had not come by that day.
        """
        seen = self._plots.detail(actor, plot_id)
        history = self._plots.history(actor, plot_id)
        if as_of is not None:
            seen, history = self._as_of(actor, seen, history, as_of)
        plot = seen.plot
        pictures = Pictures(self._store, self._imagery, self._review, actor)
        names = {f.evidence_id: f"{f.name} {f.taken_at or ''}".strip() for f in seen.evidence}
        detail = plot.facts.detail if plot.facts else {}
        found: Any = detail.get("overlay", {})
        return dossier(
            Dossier(
                number=plot.given.source_id,
                batch=plot.given.batch,
                about=self._about(seen),
                verdict=self._verdict(plot, lang),
                overlay={
                    kind: found[kind] | {"computed_at": here(found[kind]["computed_at"])}
                    for kind in OVERLAID
                    if found.get(kind) and "computed_at" in found[kind]
                },
                located=sketch((ground or Ground(self._store)).around(plot)).encode(),
                chips=[
                    Picture(p.jpeg, "jpeg", texts.say(f"report.dossier.{p.name}", lang))
                    for p in pictures.of([plot], "chips")[0]
                ],
                photos=[
                    Picture(p.jpeg, "jpeg", names.get(p.name[7:-5], ""))
                    for p in pictures.of([plot], "photos")[0]
                    if p.name[7:-5] in names
                ][:PHOTOS],
                evidence=[_attached(file, plot) for file in seen.evidence],
                events=[_happened(event) for event in history],
                hash=history[-1].hash if history else "",
                as_of=as_of,
                foot=texts.say(
                    "report.dossier.foot",
                    lang,
                    number=plot.given.source_id,
                    version=plot.review.version,
                    hash=(history[-1].hash if history else "")[:16],
                ),
            ),
            lang,
        )

    def _about(self, seen: Detail) -> list[tuple[str, Cell]]:
        plot, facts = seen.plot, seen.plot.facts
        review, places = plot.review, seen.around.places
        return [
            ("county", places.get(review.county or "") or review.county),
            (
                "township",
                (facts.township_name if facts else None) or places.get(review.township or ""),
            ),
            ("type_issued", _text(plot.given.fields.get("type_issued"))),
            ("type_actual", review.type_actual),
            ("area_m2", facts.area_m2 if facts else None),
            ("river", _river(facts)),
            ("point", f"{facts.lon:.6f}, {facts.lat:.6f}" if facts else None),
            ("images", _images(plot)),
            ("review_due", plot.review_due),
            ("rectify_due", plot.rectify_due),
        ]

    def _verdict(self, plot: Plot, lang: texts.Lang) -> list[tuple[str, Cell]]:
        review = plot.review

        def say(key: str, value: str | None) -> str | None:
            return texts.say(f"{key}.{value}", lang) if value else None

        permit = " ".join(filter(None, (review.permit_authority, review.permit_no)))
        return [
            ("stage", say("stage", review.stage)),
            ("mark", say("ui.mark", review.mark)),
            ("determination", say("report.determination", review.determination)),
            ("reason", reason_name(review.reason or review.violation, lang)),
            ("permit", permit or None),
            ("severity", say("ui.severe", review.severity)),
            ("marked_by", review.marked_unit),
            ("marked_at", here(review.marked_at) if review.marked_at else None),
            ("note", review.note),
            ("version", review.version),
        ]

    def _as_of(
        self, actor: Actor, seen: Detail, history: Sequence[Event], as_of: date
    ) -> tuple[Detail, list[Event]]:
        """The same plot with nothing that came after a day."""
        plot, end = seen.plot, midnight_after(as_of)
        events = [event for event in history if event.recorded_at < end]
        if not events:
            raise NothingToReport(what=plot.given.source_id)
        last = events[-1].seq
        given = next(
            given
            for until, given in self._plots.given(actor, plot.given.plot_id)
            if until is None or until > last
        )
        review = replay(plot.given.plot_id, events)
        files = [file for file in seen.evidence if file.created_at < end]
        then = replace(plot, given=given, review=review, hash=events[-1].hash)
        return replace(seen, plot=then, evidence=files), events


class Ground:
    """What lies around plots: the current layers of three kinds, each read once.

    Args:
        store: Where they are kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._trees: dict[str, shapely.STRtree] = {}

    def around(self, plot: Plot) -> Sketch:
        """A plot with what lies around it."""
        shape = shapely.from_wkb(plot.given.wkb)
        west, south, east, north = plot.given.bbox
        margin = AROUND_M / METRES_PER_DEGREE
        half = max(east - west, north - south) / 2 + margin
        # A degree of longitude is shorter here than one of latitude.
        wide = half / 0.85
        x, y = (west + east) / 2, (south + north) / 2
        box = shapely.box(x - wide, y - half, x + wide, y + half)
        return Sketch(
            box=box.bounds,
            areas=self._lines("mgmt_area", box),
            water=self._lines("water", box),
            rivers=self._lines("river", box),
            plot=list(_rings(shape)),
        )

    def _lines(self, kind: str, box: shapely.Geometry) -> list[Ring]:
        """What of the current layers of a kind lies in a box."""
        tree = self._tree(kind)
        near = tree.geometries[tree.query(box, predicate="intersects")]
        return [ring for shape in shapely.intersection(near, box) for ring in _rings(shape)]

    def _tree(self, kind: str) -> shapely.STRtree:
        if kind not in self._trees:
            shapes = [
                feature.wkb
                for layer in self._store.layers.all()
                if layer.kind == kind and layer.current
                for feature in self._store.layers.features(layer.layer_id)
            ]
            self._trees[kind] = shapely.STRtree(shapely.from_wkb(shapes))
        return self._trees[kind]


def _rings(shape: shapely.Geometry) -> Iterator[Ring]:
    """The outlines of a shape, holes among them."""
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon":
            yield from (list(ring.coords) for ring in (part.exterior, *part.interiors))
        elif part.geom_type in ("LineString", "Point"):
            yield list(part.coords)


def _attached(file: EvidenceFile, plot: Plot) -> Attached:
    from georeview.geometry.measure import distance_m

    away = None
    if plot.facts and file.lon is not None and file.lat is not None:
        away = round(distance_m(file.lon, file.lat, plot.facts.lon, plot.facts.lat), 1)
    return Attached(file.kind, file.name, file.taken_at, away, file.sha256)


def _happened(event: Event) -> Happened:
    body = json.loads(event.body)
    stage = event.changes.get("stage")
    return Happened(
        seq=event.seq,
        at=here(event.recorded_at),
        actor=event.actor,
        unit=event.unit,
        action=event.action,
        stage=None if stage is None else str(stage),
        note=body.get("note") or body.get("text") or body.get("code"),
    )


def _river(facts: Facts | None) -> str | None:
    """The river, with the place along it as surveyors say it."""
    if facts is None or facts.river is None or facts.chainage_m is None:
        return facts.river if facts else None
    km, m = divmod(int(facts.chainage_m), 1000)
    return f"{facts.river} K{km}+{m:03d}"


def _images(plot: Plot) -> str | None:
    fields: Sequence[object] = [plot.given.fields.get(n) for n in ("img_before", "img_after")]
    dates = [str(value) for value in fields if value]
    return " → ".join(dates) or None


def _text(value: object) -> str | None:
    return None if value is None else str(value)
