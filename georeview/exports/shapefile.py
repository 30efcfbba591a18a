"""Shapefile, zipped: one layer of areas, one of points, a codebook, the full texts, the report."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from georeview.errors.exports import ExportTooLarge
from georeview.exports import esri, fit, names
from georeview.exports.base import (
    CUTS,
    Column,
    Columns,
    ExportReport,
    Format,
    Found,
    Geometries,
    Limits,
    Losses,
    Plan,
)
from georeview.exports.gdal import reread
from georeview.geometry.crs import known, project

_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_CPG: Final = {"utf-8": "UTF-8", "gb18030": "GB18030"}
_DEFLATE: Final = 1
"""Level: the next one takes twice the time for a twentieth of the bytes."""


def _write(chunks: Iterator[Columns], plan: Plan, folder: Path) -> Losses:
    """Write loose parts into a folder."""
    losses = Losses()
    folder.mkdir()
    crs = known(plan.epsg)
    first, room = 0, 100
    with ExitStack() as files:
        layers = {
            points: _layer(files, plan, folder / _stem(plan, points=points), points=points)
            for points in (False, True)
            if plan.rows(points=points)
        }
        for chunk in chunks:
            geoms = project(_geoms(chunk), crs)
            if not chunk.points:
                room += esri.shp_bytes(geoms)
                _need_room(".shp", room)
            shapes, table = layers[chunk.points]
            shapes.add(geoms)
            table.add(_cells(chunk, plan, first, losses), len(chunk))
            first += len(chunk)
        for part in (part for layer in layers.values() for part in layer):
            part.finish()
    for points in layers:
        stem = folder / _stem(plan, points=points)
        Path(f"{stem}.prj").write_text(crs.wkt, encoding="ascii")
        Path(f"{stem}.cpg").write_text(_CPG[plan.options.encoding], encoding="ascii")
    return losses


def _layer(
    files: ExitStack, plan: Plan, stem: Path, *, points: bool
) -> tuple[esri.Shapes, esri.Table]:
    _need_room(".dbf", esri.dbf_bytes(plan.columns, plan.rows(points=points)))
    day = date.fromisoformat(plan.options.as_of[:10])
    shp, shx, dbf = (
        files.enter_context(Path(f"{stem}{suffix}").open("wb"))  # noqa: SIM115 - the stack closes it
        for suffix in (".shp", ".shx", ".dbf")
    )
    shapes = esri.Shapes(shp, shx, esri.POINT if points else esri.POLYGON)
    return shapes, esri.Table(dbf, plan.columns, plan.options.encoding, day)


def _need_room(part: str, size: int) -> None:
    if size > LIMITS.bytes:
        raise ExportTooLarge(format="shp", what=part, found=f"{size / 2**30:.1f} GB", limit="2 GB")


def _stem(plan: Plan, *, points: bool) -> str:
    return f"{plan.stem}_points" if points else plan.stem


def _geoms(chunk: Columns) -> Geometries:
    return np.asarray(shapely.from_wkb(np.asarray(chunk.wkb, dtype=object)), dtype=object)


def _cells(chunk: Columns, plan: Plan, first: int, losses: Losses) -> list[bytes]:
    """Cells of every column; ``CUT`` last of all, when the texts of a row are known."""
    cells: dict[str, bytes] = {}
    for column in plan.columns:
        if column.key != names.CUT.name:
            cells[column.name] = _column(column, chunk, plan, first, losses)
    lost = losses.in_rows(first, len(chunk))
    short = {x.row for column in lost.values() for x in column if x.code in CUTS}
    marks = b"".join(b"1" if first + i + 1 in short else b"0" for i in range(len(chunk)))
    return [cells.get(column.name, marks) for column in plan.columns]


def _column(column: Column, chunk: Columns, plan: Plan, first: int, losses: Losses) -> bytes:
    """The cells of a column behind each other, each as wide as the column."""
    encoding, room = plan.options.encoding, esri.width(column)
    if column.kind == "text":
        held = fit.texts(column, chunk, first, losses, fit.for_dbase(encoding))
        cells = {text: (text or "").encode(encoding).ljust(room) for text in set(held)}
        return b"".join([cells[text] for text in held])
    if column.kind == "date":
        days = fit.dates(column, chunk, first, losses)
        written = {day: f"{day:%Y%m%d}".encode() if day else b" " * room for day in set(days)}
        return b"".join([written[day] for day in days])
    return fit.numbers(column, chunk, first, losses)


def _reopen(folder: Path, plan: Plan) -> Iterator[Found]:
    for points in (False, True):
        if plan.rows(points=points):
            stem = _stem(plan, points=points)
            yield from reread(folder / f"{stem}.shp", stem, plan, points=points)


def _pack(folder: Path, report: ExportReport) -> Path:
    """The zip that leaves; its sums are checked before it does."""
    stem = Path(report.file).stem
    packed = folder.with_suffix(".zip")
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=_DEFLATE) as file:
        for part in sorted(folder.iterdir(), key=lambda p: (p.stem, _PARTS.index(p.suffix))):
            file.write(part, part.name)
        file.writestr(f"{stem}_codebook.csv", _table(_CODEBOOK, _codebook(report)))
        if full := [loss for loss in report.losses if loss.code in CUTS]:
            rows = [(x.row, x.plot_id, x.source_id, x.column, x.full) for x in full]
            file.writestr(f"{stem}_full_texts.csv", _table(_TEXTS, rows))
        told = json.dumps(report.as_json(), ensure_ascii=False, indent=1)
        file.writestr(report.beside, told)
    with zipfile.ZipFile(packed) as file:
        if bad := file.testzip():
            raise OSError(bad)
    return packed


_CODEBOOK: Final = ("name", "type", "width", "decimals", "full_name", "source", "含义", "meaning")
_TEXTS: Final = ("row", "plot_id", "source_id", "column", "text")


def _codebook(report: ExportReport) -> list[tuple[object, ...]]:
    letters = {"text": "C", "date": "D", "integer": "N", "real": "N"}
    return [
        (
            c.name,
            letters[c.kind],
            esri.width(c),
            c.decimals if c.kind == "real" else "",
            c.key,
            "georeview" if c.ours else "sender",
            c.zh,
            c.en,
        )
        for c in report.columns
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    """A small CSV beside the data: UTF-8 with BOM, cells that compute nothing."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([[fit.harmless(str(cell)) for cell in row] for row in rows])
    return text.getvalue().encode("utf-8-sig")


LIMITS: Final = Limits(
    encodings=("utf-8", "gb18030"), columns=255, bytes=esri.MOST_BYTES, tells_empty=False
)

SHAPEFILE: Final = Format(
    name="shp",
    suffix=".zip",
    gdal=True,
    limits=LIMITS,
    columns=names.short,
    write=_write,
    reopen=_reopen,
    pack=_pack,
)
