"""Where a file's coordinates lie: the stated system if they bear it out, else the evidence."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.geometry import crs as systems
from georeview.geometry.crs import Crs, CrsHints, Weighed
from georeview.geometry.land import Land
from georeview.geometry.offset import Offset, suspect
from georeview.ingest.report import Fact, Flag

Float64 = NDArray[np.float64]
Geometries = NDArray[np.object_]
Suspects = Callable[[Float64, Crs, CrsHints], tuple[Flag, ...]]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The system a file is taken in.

    Attributes:
        crs: The system.
        by: What spoke for it: given, file or evidence.
        notes: What there is to say about it.
    """

    crs: Crs
    by: str
    notes: tuple[Flag, ...] = ()


def plots_offset(points: Float64, crs: Crs, hints: CrsHints) -> tuple[Flag, ...]:
    """The shifted system of a phone map that plots, or their stated positions, seem to be in."""
    found = suspect(systems.inverse(points, crs), hints.lonlat, hints.land)
    return () if found is None else (_offset_flag(found, crs),)


def system_of(
    points: Float64,
    stated: str | None,
    given: str | None,
    hints: CrsHints,
    offset: Suspects = plots_offset,
) -> Chosen:
    """The system of a file.

    Args:
        points: A vertex of each geometry (n, 2) in the file's coordinates; nan where there is none.
        stated: What the file says (``EPSG:n`` or WKT).
        given: What the user says; goes before the file.
        hints: What else is known of the same rows.
        offset: Says whether they seem to be shifted in a system that is none of a phone map.

    Raises:
        GeoreviewError: The system is unknown, old, contradicted by the coordinates, or unclear.
    """
    there = np.isfinite(points).all(axis=1)
    hints = CrsHints(
        hints.expected,
        None if hints.lonlat is None else hints.lonlat[there],
        None if hints.counties is None else hints.counties[there],
        hints.land,
    )
    declared = systems.parse(given or stated or "") if given or stated else None
    found = systems.weigh(points[there], declared, hints)
    if found.refusal is not None:
        raise found.refusal
    if found.crs is None:
        raise AssertionError(found)
    by = "evidence" if declared is None else "given" if given else "file"
    shifted = () if found.crs.shift is not None else offset(points[there], found.crs, hints)
    return Chosen(found.crs, by, (*_notes(found), *shifted))


def points(geoms: Geometries) -> Float64:
    """One vertex of each geometry (n, 2); nan where there is none."""
    first = np.full((len(geoms), 2), np.nan)
    xy, owner = shapely.get_coordinates(geoms, return_index=True)
    rows, start = np.unique(owner, return_index=True)
    first[rows] = xy[start]
    return first


def counties_named(texts: Sequence[Sequence[object]], land: Land) -> NDArray[np.object_] | None:
    """Code of the county that rows state (n,), ``None`` where they state none that is known.

    Args:
        texts: Columns that may state it (each n), the surest first: codes before names.
        land: The counties there are.
    """
    if not land.counties or not texts:
        return None
    known: dict[object, str | None] = {None: None}
    codes = np.full(len(texts[0]), None, dtype=object)
    for column in texts:
        for row, text in enumerate(column):
            if codes[row] is None:
                if text not in known:
                    known[text] = land.county_named(str(text))
                codes[row] = known[text]
    return codes


def _notes(found: Weighed) -> tuple[Flag, ...]:
    """What spoke for a system that nobody named, and what casts doubt on one that was named."""
    notes = [
        Flag(_BY[reason.code], {"crs": systems.called(found.crs), **reason.facts})
        for reason in found.because
        if reason.code in _BY and found.crs is not None
    ]
    if found.doubt is not None:
        share = {"pct": round(100 * (found.doubt.near_river or 0.0), 1)}
        notes.append(Flag("crs_doubtful", {"other": systems.called(found.doubt.crs), **share}))
    return tuple(notes)


_BY = {"position_agrees": "crs_by_position", "county_agrees": "crs_by_county"}


def undone(crs: Crs, shift: str) -> str:
    """What asks for a system with a shift undone."""
    return f"{crs.code or 'EPSG:4490'}+{shift}"


def _offset_flag(found: Offset, crs: Crs) -> Flag:
    facts: dict[str, Fact] = {"system": found.system, "moved_m": round(found.moved_m)}
    if found.what == "positions":
        return Flag("positions_shifted", facts)
    facts["offer"] = undone(crs, found.system)
    if found.by == "positions":
        return Flag("offset_by_positions", {**facts, "after_m": round(found.after)})
    return Flag(
        "offset_by_rivers",
        {**facts, "before_pct": round(100 * found.before), "after_pct": round(100 * found.after)},
    )
