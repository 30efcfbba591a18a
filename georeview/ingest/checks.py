"""What is odd about plots, without refusing them: each finding is a flag on its row."""

from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.core.fields import AREA_UNITS_M2
from georeview.geometry.repair import Repaired
from georeview.ingest.raw import Chunk
from georeview.ingest.report import Flag

TINY_M2 = 100.0
SLIVER = 0.05
AREA_DIFFERS = 0.2
UNIT_MATCH = 0.1
"""How near the median ratio of stated to measured area must come to a unit's."""

Flags = list[list[Flag]]


def geometry_flags(mended: Repaired, ids: Sequence[str]) -> Flags:
    """What was mended, and shapes that are tiny, thin or there twice (n lists)."""
    flags: Flags = [[] for _ in ids]
    for i in np.flatnonzero(mended.repaired):
        before, after = mended.area_before_m2[i], mended.area_after_m2[i]
        facts = {"before_m2": round(float(before), 1), "after_m2": round(float(after), 1)}
        flags[i].append(Flag("parts_overlap" if mended.overlapping[i] else "ring_repaired", facts))
    for name, found in (
        ("line_closed", mended.closed),
        ("left_out", mended.left_out),
        ("outline_cleaned", mended.cleaned),
        ("z_dropped", mended.z_dropped),
        ("m_dropped", mended.m_dropped),
    ):
        for i in np.flatnonzero(found):
            flags[i].append(Flag(name))
    for i in np.flatnonzero(mended.dropped_parts):
        flags[i].append(Flag("parts_dropped", {"n": int(mended.dropped_parts[i])}))
    area, points = mended.area_after_m2, shapely.get_type_id(mended.geoms) == 0
    for i in np.flatnonzero(points):
        flags[i].append(Flag("is_point"))
    for i in np.flatnonzero(~points & (area < TINY_M2)):
        flags[i].append(Flag("tiny", {"area_m2": round(float(area[i]), 1)}))
    thin = 4 * np.pi * area / np.maximum(mended.perimeter_m, 1e-9) ** 2
    for i in np.flatnonzero(~points & (thin < SLIVER)):
        flags[i].append(Flag("sliver"))
    for later, first in _twins(mended.geoms):
        flags[later].append(Flag("duplicate", {"other": ids[first]}))
    return flags


def _twins(geoms: NDArray[np.object_]) -> list[tuple[int, int]]:
    """Pairs (later, first) of equal shapes, however their rings begin."""
    first: dict[bytes, int] = {}
    pairs = []
    for i, wkb in enumerate(shapely.to_wkb(shapely.normalize(geoms))):
        if wkb is not None and first.setdefault(wkb, i) != i:
            pairs.append((i, first[wkb]))
    return pairs


def text_flags(chunk: Chunk) -> dict[int, list[Flag]]:
    """Number of a row in the file → texts that came cut, or with bytes that are no characters."""
    found: dict[int, list[Flag]] = {}
    for row, headers in chunk.cut.items():
        cells = {header: str(chunk.columns[header][row - chunk.first]) for header in headers}
        damaged = [header for header, cell in cells.items() if "\ufffd" in cell]
        for code, which in (
            ("text_cut", [header for header in headers if header not in damaged]),
            ("text_damaged", damaged),
        ):
            if which:
                found.setdefault(row, []).append(Flag(code, {"columns": ", ".join(which)}))
    return found


def area_unit(stated: NDArray[np.float64], measured: NDArray[np.float64]) -> str | None:
    """The unit of stated areas (n,), from the median ratio to measured ones in m² (n,)."""
    usable = (stated > 0) & (measured > 0)
    if not usable.any():
        return None
    ratio = float(np.median(stated[usable] / measured[usable]))
    for unit, in_m2 in AREA_UNITS_M2.items():
        if abs(ratio * in_m2 - 1) <= UNIT_MATCH:
            return unit
    return None


def area_units(
    stated: NDArray[np.float64], measured: NDArray[np.float64], groups: Sequence[str | None]
) -> dict[str | None, str | None]:
    """The unit of each group of rows: one county writes 亩 where the others write m²."""
    whole = area_unit(stated, measured)
    units: dict[str | None, str | None] = {}
    keys = np.asarray([group or "" for group in groups], dtype=object)
    for group in dict.fromkeys(groups):
        rows = keys == (group or "")
        units[group] = area_unit(stated[rows], measured[rows]) or whole
    return units


def attribute_flags(
    fields: Sequence[Mapping[str, str | float | None]], measured: NDArray[np.float64]
) -> Flags:
    """Stated areas that differ by more than a fifth, dates the wrong way round (n lists)."""
    flags: Flags = [[] for _ in fields]
    for i, row in enumerate(fields):
        stated = row.get("area_stated_m2")
        if isinstance(stated, float) and measured[i] > 0:
            off = abs(stated / float(measured[i]) - 1)
            if off > AREA_DIFFERS:
                facts = {"stated_m2": round(stated, 1), "area_m2": round(float(measured[i]), 1)}
                flags[i].append(Flag("area_differs", facts))
        before, after = str(row.get("img_before") or ""), str(row.get("img_after") or "")
        if before and after and before[:7] > after[:7]:
            flags[i].append(Flag("dates_reversed", {"before": before, "after": after}))
    return flags
