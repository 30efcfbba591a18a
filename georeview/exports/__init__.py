"""Rows → a file that is written beside its target, reopened, compared, and only then there.

Writing and comparing happen in a child process (``georeview.sandbox``): the server loads no GDAL,
and GDAL never sees the database, only rows that were spooled for it.
"""

import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from georeview import sandbox
from georeview.core.fields import EXPORT_FIELDS
from georeview.errors.exports import (
    ExportFailed,
    ExportOption,
    ExportTooLarge,
    NothingToExport,
    OutNotWritable,
)
from georeview.errors.files import FileTooHeavy, FileTooSlow, ReaderFailed
from georeview.exports.base import Columns, ExportReport, Format, Options, Plan, Schema
from georeview.exports.compare import compare
from georeview.exports.flatgeobuf import FLATGEOBUF
from georeview.exports.geojson import GEOJSON, GEOJSONSEQ
from georeview.exports.geopackage import GEOPACKAGE
from georeview.exports.geoparquet import GEOPARQUET
from georeview.exports.kml import KML, KMZ
from georeview.exports.shapefile import SHAPEFILE
from georeview.exports.spool import Spooled, spool
from georeview.exports.table import TABLE
from georeview.exports.workbook import WORKBOOK
from georeview.geometry.crs import EXPORT_CODES

FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        form.name: form
        for form in (
            SHAPEFILE,
            GEOPACKAGE,
            GEOJSON,
            GEOJSONSEQ,
            GEOPARQUET,
            FLATGEOBUF,
            TABLE,
            WORKBOOK,
            KML,
            KMZ,
        )
    }
)
"""Every format results leave in, by the name it is asked for."""

_LIMITS: Final = sandbox.Limits(seconds=1_800, memory_mb=4_096, file_mb=16_384)


def check(name: str, encoding: str, crs: str, *, pictures: bool = False) -> None:
    """Refuse what cannot be written, before anything is read.

    Raises:
        ExportOption: Format, encoding or coordinate system is not one of those possible, or the
            format takes no pictures.
    """
    if name not in FORMATS:
        raise ExportOption(option="format", value=name[:40], possible=", ".join(FORMATS))
    limits = FORMATS[name].limits
    if encoding not in limits.encodings:
        possible = ", ".join(limits.encodings)
        raise ExportOption(option="encoding", value=encoding[:40], possible=possible)
    systems = [f"EPSG:{code}" for code in limits.systems or EXPORT_CODES]
    if crs not in systems:
        raise ExportOption(option="crs", value=crs[:40], possible=", ".join(systems))
    if pictures and not limits.pictures:
        taking = ", ".join(form.name for form in FORMATS.values() if form.limits.pictures)
        raise ExportOption(option="pictures", value=name, possible=taking)


def write(name: str, chunks: Iterable[Columns], out: Path, options: Options) -> ExportReport:
    """Write rows to a file; it appears whole and compared, or not at all.

    Args:
        name: One of ``FORMATS``.
        chunks: The rows, read once.
        out: The file; one that is there is replaced.
        options: How it is asked for.

    Raises:
        ExportOption: See ``check``; also a file name without the format's suffix.
        NothingToExport: There are no rows.
        ExportTooLarge: The format cannot hold them.
        ExportDiffers: What was written is not what went in; nothing is handed over.
        ExportFailed: The writer broke, or took too much; the log says how.
        OutNotWritable: There is no such folder, or nothing may be written into it.
    """
    check(name, options.encoding, options.crs, pictures=options.pictures)
    if out.suffix.lower() != FORMATS[name].suffix:
        raise ExportOption(option="out", value=out.name[:80], possible=f"*{FORMATS[name].suffix}")
    try:
        beside = tempfile.TemporaryDirectory(prefix=".georeview-export-", dir=out.absolute().parent)
    except OSError as error:
        raise OutNotWritable(out=out.name) from error
    with beside as made:
        folder = Path(made)
        rows = spool(chunks, folder, options.encoding, options.read_as)
        if not rows.sizes:
            raise NothingToExport
        report, packed = _in_child(name, rows, folder, out.name, options)
        if not FORMATS[name].pack:
            told = json.dumps(report.as_json(), ensure_ascii=False, indent=1)
            (folder / "report.json").write_text(told, encoding="utf-8")
            _hand_over(folder / "report.json", out.with_name(report.beside))
        _hand_over(packed, out)
    return report


def _in_child(
    name: str, rows: Spooled, folder: Path, file: str, options: Options
) -> tuple[ExportReport, Path]:
    gdal = FORMATS[name].gdal
    try:
        made: Made = sandbox.run(
            f"{__name__}:make", name, rows, folder, file, options, limits=_LIMITS, gdal=gdal
        )
    except (ReaderFailed, FileTooHeavy, FileTooSlow) as error:
        raise ExportFailed from error
    return made.report, folder / made.file


def _hand_over(written: Path, out: Path) -> None:
    """Onto the disk, then under its name."""
    with written.open("rb") as file:
        os.fsync(file.fileno())
    try:
        written.replace(out)
    except OSError as error:
        raise OutNotWritable(out=out.name) from error


# In the child ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Made:
    """A compared file in the working folder, and its report."""

    report: ExportReport
    file: str


def make(name: str, rows: Spooled, folder: Path, file: str, options: Options) -> Made:
    """Write, reopen, compare and pack; runs in the sandbox."""
    return made(FORMATS[name], rows, folder, file, options)


def made(form: Format, rows: Spooled, folder: Path, file: str, options: Options) -> Made:
    """The same for a format that is at hand."""
    columns = form.columns(Schema(EXPORT_FIELDS, rows.extras), options.encoding)
    if len(columns) > form.limits.columns:
        raise ExportTooLarge(
            format=form.name, what="columns", found=len(columns), limit=form.limits.columns
        )
    plan = Plan(columns, options, Path(file).stem, rows.sizes)
    written = folder / ("written" if form.pack else f"written{form.suffix}")
    losses = form.write(rows.chunks(), plan, written)
    if form.add:
        form.add(rows.chunks(), plan, written)
    rounded = compare(rows.chunks(), form.reopen(written, plan), plan, losses, form.limits)
    if form.others:
        form.others(rows.chunks(), plan, written)
    report = ExportReport(
        file=file,
        beside=f"{plan.stem}_report.json" if form.pack else f"{file}.report.json",
        format=form.name,
        rows=plan.rows(),
        points=plan.rows(points=True),
        options=options,
        columns=columns,
        losses=tuple(losses),
        rounded=rounded,
    )
    packed = form.pack(written, report) if form.pack else written
    return Made(report, packed.name)
