"""Plots of a file: rows matched to fields, placed, repaired and checked; none is lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.core.fields import AREA_UNITS_M2, PERSONAL_FIELDS, PLOT_FIELDS
from georeview.errors import BadValue, ColumnMissing, NoShapes
from georeview.geometry import crs
from georeview.geometry.land import Land
from georeview.geometry.repair import Repaired, repair
from georeview.ingest import archive, checks, formats, values
from georeview.ingest.columns import match, normal
from georeview.ingest.place import counties_named, points, system_of
from georeview.ingest.raw import Cell, Chunk, Raw
from georeview.ingest.report import Flag, ReadReport, SetAside
from georeview.ingest.shapes import areal

BAZHONG = (106.30, 31.20, 107.80, 32.80)
COUNTY_FIELDS = ("adcode_stated", "county_stated")
"""Fields that say which county a plot lies in, the surest first."""

ID_MAX = 200
"""Characters of a number as issued: far more than any has, and few enough for every index."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What a user says about a file.

    Attributes:
        crs: Its coordinate system, ``EPSG:n`` or WKT.
        encoding: Encoding of its texts.
        layer: Which layer of several.
        mapping: Field → header, where the headers do not say it.
        area_unit: Unit of stated areas.
        expected: Where its features should lie: west, south, east, north in degrees.
    """

    crs: str | None = None
    encoding: str | None = None
    layer: str | None = None
    mapping: Mapping[str, str] | None = None
    area_unit: str | None = None
    expected: tuple[float, float, float, float] = BAZHONG


@dataclass(frozen=True, slots=True)
class PlotRow:
    """One plot that can be stored.

    Attributes:
        row: Its row in the file, from 1.
        source_id: Number as issued.
        wkb: Geometry in EPSG:4490, repaired, two-dimensional.
        source_wkb: Geometry as it came.
        fields: Canonical fields.
        extra: Columns that mean no field, and what came of those that do where it was read
            otherwise than it came (header → cell).
        flags: What there is to know about it.
    """

    row: int
    source_id: str
    wkb: bytes
    source_wkb: bytes
    fields: Mapping[str, str | float | None]
    extra: Mapping[str, str | float | int | None]
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class TextRow:
    """One row of a table without shapes: its fields add to those of the plot of this number."""

    row: int
    source_id: str
    fields: Mapping[str, str | float | None]


@dataclass(frozen=True, slots=True)
class PlotsRead:
    """Rows to store and the report on all of them; a file holds plots or texts."""

    rows: tuple[PlotRow, ...]
    texts: tuple[TextRow, ...]
    report: ReadReport


def read_plots(
    files: tuple[Path, ...], options: ReadOptions, land: Land | None = None
) -> PlotsRead:
    """Read a file of plots; runs inside the sandbox.

    Args:
        files: The file and, for a shapefile, the parts beside it.
        options: What is known about it.
        land: Counties and rivers, to see where its plots land.

    Raises:
        GeoreviewError: The file as a whole cannot be taken; the sentence says why.
    """
    if options.area_unit is not None and options.area_unit not in AREA_UNITS_M2:
        raise BadValue(field="area_unit", value=options.area_unit)
    with archive.opened(files, options.layer) as source:
        raw = formats.read(source, encoding=options.encoding)
        rows = raw.together()
    mapped = match(_headers(rows), options.mapping or {})
    if "source_id" not in mapped:
        raise ColumnMissing(field="source_id", columns=", ".join(raw.headers[:40]))
    fields = _fields(rows, mapped)
    if not shapely.is_missing(rows.geoms).all():
        return _placed(files, raw, rows, mapped, fields, options, land or Land())
    if raw.format == "gpkg" and raw.crs is None:
        return _texts_only(files, raw, mapped, fields)
    raise NoShapes(file=raw.source.name)


def _headers(rows: Chunk) -> tuple[str, ...]:
    """Headers that may mean a field: X and Y do only where they hold degrees."""
    return tuple(
        header
        for header, cells in rows.columns.items()
        if normal(header) not in ("X", "Y") or all(_may_be_degrees(cell) for cell in cells)
    )


def _may_be_degrees(cell: Cell) -> bool:
    found = values.read("degrees", cell)
    return found is None or (isinstance(found, float) and abs(found) <= 180)


def _fields(chunk: Chunk, mapped: Mapping[str, str]) -> list[dict[str, str | float | None]]:
    """Canonical fields of every row."""
    rows: list[dict[str, str | float | None]] = [{} for _ in range(chunk.n)]
    for spec in PLOT_FIELDS:
        if spec.name in mapped:
            for row, cell in zip(rows, chunk.columns[mapped[spec.name]], strict=True):
                row[spec.name] = values.read(spec.kind, cell)
    return rows


def _texts_only(
    files: tuple[Path, ...],
    raw: Raw,
    mapped: Mapping[str, str],
    fields: Sequence[Mapping[str, str | float | None]],
) -> PlotsRead:
    aside: list[SetAside] = []
    texts: dict[str, TextRow] = {}
    for row, given in enumerate(fields, 1):
        source_id = _id(given)
        if source_id is None:
            aside.append(SetAside(row, None, "no_id"))
        elif source_id in texts:
            first = texts[source_id].row
            aside.append(SetAside(row, source_id, "row_repeated", {"row": first}))
        else:
            told = {k: v for k, v in given.items() if k != "source_id" and v is not None}
            texts[source_id] = TextRow(row, source_id, told)
    notes = (Flag("texts_only", {"n": len(texts)}),)
    report = _report(
        files, raw, mapped, crs="-", crs_by="-", kept=len(texts), aside=tuple(aside), notes=notes
    )
    return PlotsRead((), tuple(texts.values()), report)


def _id(fields: Mapping[str, str | float | None]) -> str | None:
    given = fields["source_id"]
    return None if given is None else str(given)


def _placed(
    files: tuple[Path, ...],
    raw: Raw,
    chunk: Chunk,
    mapped: Mapping[str, str],
    fields: list[dict[str, str | float | None]],
    options: ReadOptions,
    land: Land,
) -> PlotsRead:
    stated = [chunk.columns[mapped[name]] for name in COUNTY_FIELDS if name in mapped]
    hints = crs.CrsHints(
        options.expected,
        _stated_positions(fields),
        counties_named(stated, land),
        land,
    )
    outlines, made = areal(chunk.geoms)
    chosen = system_of(points(outlines), raw.crs, options.crs, hints)
    system = chosen.crs
    mended = repair(crs.to_4490(outlines, system), outlines)
    ids = [_id(row) for row in fields]
    aside = _set_aside(chunk, raw.lost, mended, ids)
    unit = _areas_in_m2(fields, mended, options.area_unit)
    flags = _all_flags(chunk, raw.format, mended, ids, fields)
    for i in np.flatnonzero(made):
        flags[i].append(Flag(str(made[i])))
    refused = {item.row for item in aside}
    extras = _extras(chunk, mapped, fields)
    shapes, came = shapely.to_wkb(mended.geoms), shapely.to_wkb(chunk.geoms)
    rows = tuple(
        PlotRow(
            row=i + 1,
            source_id=str(ids[i]),
            wkb=shapes[i],
            source_wkb=came[i],
            fields=fields[i],
            extra=extras[i],
            flags=tuple(flags[i]),
        )
        for i in range(chunk.n)
        if i + 1 not in refused
    )
    report = _report(
        files,
        raw,
        mapped,
        crs=system.code or options.crs or raw.crs or system.name,
        crs_by=chosen.by,
        kept=len(rows),
        aside=aside,
        notes=(*raw.notes, *chosen.notes),
        area_unit=unit,
    )
    if report.rows_in != report.kept + len(report.set_aside):
        raise AssertionError(report)
    return PlotsRead(rows, (), report)


def _extras(
    chunk: Chunk, mapped: Mapping[str, str], fields: Sequence[Mapping[str, str | float | None]]
) -> list[dict[str, Cell]]:
    """What of each row goes back to the sender as it came: see ``PlotRow.extra``."""
    extras: list[dict[str, Cell]] = [{} for _ in fields]
    meant = {header: name for name, header in mapped.items() if name not in PERSONAL_FIELDS}
    for header, cells in chunk.columns.items():
        name = meant.get(header)
        if name is not None:
            for extra, cell, row in zip(extras, cells, fields, strict=True):
                if not values.same(cell, row[name]):
                    extra[header] = cell
        elif header not in mapped.values():
            for extra, cell in zip(extras, cells, strict=True):
                extra[header] = cell
    return extras


def _stated_positions(
    fields: Sequence[Mapping[str, str | float | None]],
) -> NDArray[np.float64] | None:
    """Longitude and latitude of the attributes (n, 2); ``None`` when no row states them."""
    lonlat = np.full((len(fields), 2), np.nan)
    for i, row in enumerate(fields):
        lon, lat = row.get("lon"), row.get("lat")
        if isinstance(lon, float) and isinstance(lat, float):
            # East of 70° and south of 60°, also where the two columns are exchanged.
            east, north = max(lon, lat), min(lon, lat)
            if 70 < east < 140 and 0 < north < 60:
                lonlat[i] = east, north
    return None if np.isnan(lonlat).all() else lonlat


def _set_aside(
    chunk: Chunk, lost: int, mended: Repaired, ids: Sequence[str | None]
) -> tuple[SetAside, ...]:
    """Rows that cannot be stored, in row order, each with its reason."""
    aside: list[SetAside] = []
    first: dict[str, int] = {}
    far = crs.outside(mended.geoms)
    for i, source_id in enumerate(ids):
        if code := chunk.refused.get(i + 1) or mended.reason[i]:
            aside.append(SetAside(i + 1, source_id, str(code)))
        elif far[i]:
            west, south = (round(float(edge), 3) for edge in shapely.bounds(mended.geoms[i])[:2])
            aside.append(SetAside(i + 1, source_id, "outside_china", {"lon": west, "lat": south}))
        elif source_id is None:
            aside.append(SetAside(i + 1, None, "no_id"))
        elif len(source_id) > ID_MAX:
            aside.append(SetAside(i + 1, source_id[:ID_MAX], "id_too_long", {"max": ID_MAX}))
        elif first.setdefault(source_id, i) != i:
            other = first[source_id]
            same = shapely.equals_exact(mended.geoms[i], mended.geoms[other], normalize=True)
            code = "row_repeated" if same else "id_with_two_shapes"
            aside.append(SetAside(i + 1, source_id, code, {"row": other + 1}))
    aside += [SetAside(chunk.n + 1 + i, None, "half_a_row") for i in range(lost)]
    return tuple(aside)


def _areas_in_m2(
    fields: list[dict[str, str | float | None]], mended: Repaired, given: str | None
) -> str | None:
    """Add ``area_stated_m2`` where the unit is given or can be told; returns the unit or units."""
    stated = np.array([_float(row.get("area_stated")) for row in fields])
    groups = [str(row.get("county_stated") or row.get("adcode_stated") or "") for row in fields]
    units = (
        dict.fromkeys(groups, given)
        if given
        else checks.area_units(stated, mended.area_after_m2, groups)
    )
    for row, group, area in zip(fields, groups, stated, strict=True):
        unit = units[group]
        if unit and not np.isnan(area):
            row["area_stated_m2"] = float(area) * AREA_UNITS_M2[unit]
    return ", ".join(sorted({unit for unit in units.values() if unit})) or None


def _float(value: object) -> float:
    return value if isinstance(value, float) else float("nan")


def _all_flags(
    chunk: Chunk,
    format_: str,
    mended: Repaired,
    ids: Sequence[str | None],
    fields: Sequence[Mapping[str, str | float | None]],
) -> list[list[Flag]]:
    flags = checks.geometry_flags(mended, [source_id or "-" for source_id in ids])
    for own, more in zip(flags, checks.attribute_flags(fields, mended.area_after_m2), strict=True):
        own.extend(more)
    for own, source_id in zip(flags, ids, strict=True):
        if source_id is not None and values.inexact_id(source_id):
            own.append(Flag("id_inexact", {"id": source_id}))
    for row, more in checks.text_flags(chunk).items():
        flags[row - 1].extend(more)
    if format_ == "shp":
        outer = shapely.get_exterior_ring(shapely.get_geometry(chunk.geoms, 0))
        for i in np.flatnonzero(shapely.is_ccw(outer)):
            flags[i].append(Flag("ring_reversed"))
    return flags


def _report(
    files: tuple[Path, ...],
    raw: Raw,
    mapped: Mapping[str, str],
    *,
    crs: str,
    crs_by: str,
    kept: int,
    aside: tuple[SetAside, ...],
    notes: tuple[Flag, ...],
    area_unit: str | None = None,
) -> ReadReport:
    return ReadReport(
        file=archive.called(files),
        sha256=archive.sha256_of(files),
        format=raw.format,
        layer=raw.layer,
        encoding=raw.encoding,
        encoding_by=raw.encoding_by,
        crs=crs,
        crs_by=crs_by,
        columns=dict(mapped),
        unmapped=tuple(header for header in raw.headers if header not in mapped.values()),
        rows_in=raw.count + raw.lost,
        kept=kept,
        set_aside=aside,
        area_unit=area_unit,
        notes=notes,
    )
