"""Where the shapes of a file would land under each coordinate system that fits."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.errors import GeoreviewError
from georeview.errors.coordinates import CrsNotAccepted, CrsNotReadable, CrsOldDatum
from georeview.geometry import crs as systems
from georeview.geometry.crs import Candidate, Crs, CrsHints
from georeview.geometry.land import Land
from georeview.ingest import values
from georeview.ingest.options import ReadOptions
from georeview.ingest.place import Suspects, counties_named, plots_offset, points, system_of
from georeview.ingest.raw import Cell, Raw
from georeview.ingest.report import Flag
from georeview.ingest.sample import Sample
from georeview.ingest.seen import Placing, Question, asked

SIMPLER_DEGREES = 1e-5
"""Outlines are drawn about a metre off at most."""

MOST_VERTICES = 5_000
"""Of a shape that is simplified to the metre."""

COUNTY_FIELDS = ("adcode_stated", "county_stated")
"""Fields that state a row's county, the surer first."""


def hints_of(
    sample: Sample, mapped: Mapping[str, str], options: ReadOptions, land: Land
) -> CrsHints:
    """What the rows of a sample say of where they lie."""
    stated = [sample.columns[mapped[name]] for name in COUNTY_FIELDS if name in mapped]
    return CrsHints(
        options.expected, _positions(sample, mapped), counties_named(stated, land), land
    )


def _positions(sample: Sample, mapped: Mapping[str, str]) -> NDArray[np.float64] | None:
    """Longitude and latitude that attributes state (n, 2); ``None`` without such columns."""
    if not {"lon", "lat"} <= mapped.keys():
        return None
    columns = [sample.columns[mapped[name]] for name in ("lon", "lat")]
    found = [[degrees(cell) for cell in cells] for cells in columns]
    lonlat = np.asarray(found, dtype=np.float64).reshape(2, -1).T
    lonlat[~((lonlat > (70, 0)) & (lonlat < (140, 60))).all(axis=1)] = np.nan
    return None if np.isnan(lonlat).all() else lonlat


def degrees(cell: Cell) -> float:
    """A cell as degrees, nan where it is none."""
    found = values.read("degrees", cell)
    return found if isinstance(found, float) else np.nan


@dataclass(frozen=True, slots=True)
class Placed:
    """Every place a file may be in.

    Attributes:
        placings: Systems that fit, and the one that is named; the chosen one first.
        by: What spoke for the chosen one; ``None`` when none is.
        questions: What is to be decided about it.
        notes: What there is to say about it.
    """

    placings: tuple[Placing, ...] = ()
    by: str | None = None
    questions: tuple[Question, ...] = ()
    notes: tuple[Flag, ...] = ()


def placed(
    raw: Raw,
    sample: Sample,
    hints: CrsHints,
    options: ReadOptions,
    offset: Suspects = plots_offset,
) -> Placed:
    """Every system that fits, what spoke for the chosen one, what is asked and said about it."""
    if shapely.is_missing(sample.geoms).all():
        return Placed()
    every = points(sample.geoms)
    chosen: Crs | None = None
    found = Placed()
    try:
        taken = system_of(every, raw.crs, options.crs, hints, offset)
        chosen, found = taken.crs, Placed(by=taken.by, notes=taken.notes)
    except GeoreviewError as refusal:
        found = Placed(questions=asked(refusal))
        if not found.questions:
            raise
    there = np.isfinite(every).all(axis=1)
    known = replace(
        hints,
        lonlat=None if hints.lonlat is None else hints.lonlat[there],
        counties=None if hints.counties is None else hints.counties[there],
    )
    stated = _readable(options.crs or raw.crs)
    fitting = {candidate.crs: candidate for candidate in systems.candidates(every[there], known)}
    offers = (str(note.facts["offer"]) for note in found.notes if "offer" in note.facts)
    wanted = (chosen, stated, *map(_readable, offers), *fitting)
    placings = tuple(
        _placing(
            fitting.get(system) or systems.tried(every[there], system, known),
            sample,
            chosen=system == chosen,
            stated=system == stated,
        )
        for system in dict.fromkeys(system for system in wanted if system is not None)
    )
    return replace(found, placings=placings)


def _readable(text: str | None) -> Crs | None:
    """A system that is named and taken; ``None`` for any other."""
    try:
        return systems.accepted(systems.parse(text)) if text else None
    except (CrsNotReadable, CrsNotAccepted, CrsOldDatum):
        return None


def _placing(candidate: Candidate, sample: Sample, *, chosen: bool, stated: bool) -> Placing:
    placed = drawable(systems.to_4490(sample.geoms, candidate.crs))
    there = ~shapely.is_missing(placed)
    drawn = simpler(placed[there])
    west, south, east, north = shapely.total_bounds(drawn).tolist()
    return Placing(
        crs=code(candidate.crs),
        name=candidate.crs.name,
        stated=stated,
        chosen=chosen,
        share=candidate.share,
        because=candidate.because,
        bbox=(west, south, east, north) if there.any() else None,
        rows=tuple(sample.rows[there].tolist()),
        shapes=tuple(shapely.to_wkb(drawn).tolist()),
    )


def simpler(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Shapes (n,) for drawing: about a metre off, and coarser where there are very many vertices.

    Simplifying takes the square of the vertices in the worst case, so a ring of a million goes
    through a coarse sieve first.
    """
    thin = shapes.copy()
    for i in np.flatnonzero(shapely.get_num_coordinates(shapes) > MOST_VERTICES).tolist():
        thin[i] = _sieved(shapes[i])
    simple: NDArray[np.object_] = shapely.simplify(thin, SIMPLER_DEGREES)
    return simple


def _sieved(shape: shapely.Geometry) -> shapely.Geometry:
    """A shape without vertices that lie close behind each other; its box where none are left."""
    try:
        return shapely.remove_repeated_points(shape, shape.length / MOST_VERTICES)
    except shapely.GEOSException:
        return shapely.envelope(shape)


def drawable(placed: NDArray[np.object_]) -> NDArray[np.object_]:
    """Shapes (n,) in two dimensions; ``None`` where there is none or it lies nowhere on earth."""
    flat: NDArray[np.object_] = shapely.force_2d(placed)
    box = shapely.bounds(flat)
    with np.errstate(invalid="ignore"):
        on_earth = (np.abs(box) <= (180, 90, 180, 90)).all(axis=1)
    flat[~on_earth] = None
    return flat


def code(system: Crs) -> str:
    """What a system is called and asked for by."""
    return system.code or system.name
