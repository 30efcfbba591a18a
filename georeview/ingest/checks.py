"""What is odd about plots, without refusing them: each finding is a flag on its row."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.core.fields import AREA_UNITS_M2
from georeview.geometry.repair import Repaired
from georeview.ingest import values
from georeview.ingest.raw import Cell, Chunk
from georeview.ingest.report import Flag
from georeview.ingest.values import Value

Float64 = NDArray[np.float64]

TINY_M2 = 100.0
SLIVER = 0.05
AREA_DIFFERS = 0.2
UNIT_MATCH = 0.1
"""How near the median ratio of stated to measured area must come to a unit's."""

Flags = dict[int, list[Flag]]
"""Place of a row → its flags; rows without any are not in it."""


def geometry_flags(mended: Repaired) -> Flags:
    """What was mended, and shapes that are tiny or thin, of n rows."""
    flags: Flags = defaultdict(list)
    for i in np.flatnonzero(mended.repaired).tolist():
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
        for i in np.flatnonzero(found).tolist():
            flags[i].append(Flag(name))
    for i in np.flatnonzero(mended.dropped_parts).tolist():
        flags[i].append(Flag("parts_dropped", {"n": int(mended.dropped_parts[i])}))
    area, points = mended.area_after_m2, shapely.get_type_id(mended.geoms) == 0
    for i in np.flatnonzero(points).tolist():
        flags[i].append(Flag("is_point"))
    for i in np.flatnonzero(~points & (area < TINY_M2)).tolist():
        flags[i].append(Flag("tiny", {"area_m2": round(float(area[i]), 1)}))
    thin = 4 * np.pi * area / np.maximum(mended.perimeter_m, 1e-9) ** 2
    for i in np.flatnonzero(~points & (thin < SLIVER)).tolist():
        flags[i].append(Flag("sliver"))
    return flags


def text_flags(chunk: Chunk) -> Flags:
    """Texts that came cut, or with bytes that are no characters, of n rows."""
    flags: Flags = defaultdict(list)
    for row, headers in chunk.cut.items():
        place = row - chunk.first
        cells = {header: str(chunk.columns[header][place]) for header in headers}
        damaged = [header for header, cell in cells.items() if "\ufffd" in cell]
        for code, which in (
            ("text_cut", [header for header in headers if header not in damaged]),
            ("text_damaged", damaged),
        ):
            if which:
                flags[place].append(Flag(code, {"columns": ", ".join(which)}))
    return flags


def reading_flags(chunk: Chunk) -> Flags:
    """What its reader did to rows or has to say about them, of n rows."""
    return {row - chunk.first: list(map(Flag, codes)) for row, codes in chunk.noted.items()}


def area_cell_flags(cells: Sequence[Cell], read: Sequence[Value], stated_m2: Float64) -> Flags:
    """Stated areas with a unit of their own, and such as cannot be read; all (n,)."""
    flags: Flags = {}
    for i, (cell, value) in enumerate(zip(cells, read, strict=True)):
        if isinstance(value, str):
            flags[i] = [Flag("area_not_read", {"cell": value.strip()[:40]})]
        elif isinstance(cell, str) and value is not None and values.unit_in(cell):
            area_m2 = round(float(stated_m2[i]), 1)
            flags[i] = [Flag("unit_in_cell", {"cell": cell.strip()[:40], "area_m2": area_m2})]
    return flags


def area_unit(stated: Float64, measured: Float64) -> str | None:
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
    stated: Float64, measured: Float64, group: NDArray[np.int32], groups: int
) -> list[str | None]:
    """The unit of each group of rows: one county writes 亩 where the others write m².

    Args:
        stated: Areas as stated (n,), nan where none.
        measured: The same rows' areas in m² (n,).
        group: Group of each row (n,), from 0.
        groups: How many groups there are.
    """
    whole = area_unit(stated, measured)
    order = np.argsort(group, kind="stable")
    ends = np.searchsorted(group[order], np.arange(1, groups))
    return [area_unit(stated[rows], measured[rows]) or whole for rows in np.split(order, ends)]


def area_flags(stated_m2: Float64, measured: Float64) -> Flags:
    """Stated areas that differ by more than a fifth from measured ones; both (n,), in m²."""
    with np.errstate(divide="ignore", invalid="ignore"):
        off = (measured > 0) & (np.abs(stated_m2 / measured - 1) > AREA_DIFFERS)
    return {
        i: [
            Flag(
                "area_differs",
                {
                    "stated_m2": round(float(stated_m2[i]), 1),
                    "area_m2": round(float(measured[i]), 1),
                },
            )
        ]
        for i in np.flatnonzero(off).tolist()
    }


def date_flags(before: Sequence[object], after: Sequence[object]) -> Flags:
    """Dates of images the wrong way round; both (n,), as the fields hold them."""
    return {
        i: [Flag("dates_reversed", {"before": str(first), "after": str(second)})]
        for i, (first, second) in enumerate(zip(before, after, strict=True))
        if first and second and str(first)[:7] > str(second)[:7]
    }
