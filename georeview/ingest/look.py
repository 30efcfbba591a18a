"""What a file of plots holds, told also where taking it would have to be refused as unclear.

``read_plots`` takes a file or refuses it. A person who has to decide something first needs to see
more than the refusal: the layers there are, how the texts read in each encoding, where the shapes
land under each coordinate system, which column is taken for which field. Nothing here decides
anything: the questions are the refusals that ``read_plots`` would end with.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from types import MappingProxyType

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview import errors
from georeview.geometry import crs as systems
from georeview.geometry.crs import Because, Candidate, Crs, CrsHints
from georeview.geometry.land import Land
from georeview.ingest import archive, dbf, encoding, formats, values
from georeview.ingest.columns import match, normal
from georeview.ingest.encoding import Reading
from georeview.ingest.place import counties_named, points, system_of
from georeview.ingest.plots import ReadOptions
from georeview.ingest.proposals import Profile, Proposal, no_number, propose
from georeview.ingest.raw import Cell, Raw
from georeview.ingest.report import Fact, Flag

SHAPES = 2_000
"""Most shapes drawn of a file, taken evenly from all its rows."""

EXAMPLES, FIRST_ROWS, COLUMNS, CELL = 3, 8, 300, 80
"""Values shown of a column, rows, columns, and characters of a value."""

SIMPLER_DEGREES = 1e-5
"""Outlines are drawn about a metre off at most."""

TEXT_ROWS = 500
"""Rows of a file whose texts are read in each encoding."""

COUNTY_FIELDS = ("adcode_stated", "county_stated")
"""Fields that state a row's county, the surer first."""

ABOUT: Mapping[type[errors.GeoreviewError], str] = MappingProxyType(
    {
        errors.LayerUnclear: "layer",
        errors.EncodingUnclear: "encoding",
        errors.EncodingWrong: "encoding",
        errors.ColumnsUnclear: "columns",
        errors.ColumnMissing: "columns",
        errors.CrsMissing: "crs",
        errors.CrsUntold: "crs",
        errors.CrsContradicted: "crs",
        errors.CrsNotReadable: "crs",
        errors.CrsNotAccepted: "crs",
        errors.CrsOldDatum: "crs",
        errors.AxesSwapped: "crs",
        errors.OutsideArea: "crs",
    }
)
"""Refusals that a choice can answer → what has to be chosen."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a person has to decide: ``layer encoding columns crs``, and the refusal that says why."""

    about: str
    code: str
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header, the field it is taken for, some of its values, and what it may mean."""

    header: str
    field: str | None
    examples: tuple[str, ...]
    proposed: Proposal | None


@dataclass(frozen=True, slots=True)
class Placing:
    """Where the shapes land under one coordinate system.

    Attributes:
        crs: ``EPSG:n`` where it is a registered one, else its name.
        name: Its name.
        stated: Whether the file or the user names it.
        chosen: Whether the file would be taken in it.
        share: Share of the shapes that lie where they are expected, 0-1.
        because: What speaks for it, and what against it.
        bbox: West, south, east, north in degrees; ``None`` where there is no place at all.
        rows: Rows of the shapes drawn.
        shapes: Their outlines, WKB, EPSG:4490, simplified.
    """

    crs: str
    name: str
    stated: bool
    chosen: bool
    share: float
    because: tuple[Because, ...]
    bbox: tuple[float, float, float, float] | None
    rows: tuple[int, ...]
    shapes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of a file.

    Attributes:
        file: Its name.
        format: What it is; ``None`` where not even that is clear.
        layer: The layer looked at.
        layers: The layers there are to choose from, where that is asked or has been answered.
        rows: Rows in it.
        encoding: Encoding of its texts.
        encoding_by: What spoke for it.
        readings: How texts beyond ASCII read in each encoding they are valid in.
        crs: Coordinate system the file names.
        crs_by: What spoke for the one chosen: given, file or evidence; ``None`` when none is.
        placings: Coordinate systems that fit, and the one it names; the chosen one first.
        columns: Its columns.
        first: Its first rows, as texts, in the order of the columns.
        notes: About the file as a whole.
        questions: What has to be decided before it can be taken.
    """

    file: str
    format: str | None = None
    layer: str | None = None
    layers: tuple[str, ...] = ()
    rows: int = 0
    encoding: str | None = None
    encoding_by: str | None = None
    readings: tuple[Reading, ...] = ()
    crs: str | None = None
    crs_by: str | None = None
    placings: tuple[Placing, ...] = ()
    columns: tuple[Column, ...] = ()
    first: tuple[tuple[str | None, ...], ...] = ()
    notes: tuple[Flag, ...] = ()
    questions: tuple[Question, ...] = ()


def question(error: errors.GeoreviewError) -> Question | None:
    """What a refusal asks a person to decide; ``None`` where nothing can be decided."""
    about = next((ABOUT[kind] for kind in type(error).__mro__ if kind in ABOUT), None)
    if about is None:
        return None
    facts = {
        name: value if isinstance(value, str | int | float) else str(value)
        for name, value in error.facts.items()
    }
    return Question(about, error.code, facts)


def look(
    files: tuple[Path, ...], options: ReadOptions, land: Land, profiles: tuple[Profile, ...] = ()
) -> Look:
    """Look at a file of plots; runs inside the sandbox.

    Args:
        files: The file and, for a shapefile, the parts beside it.
        options: What a person has decided about it so far.
        land: Counties and rivers, to see where its plots land.
        profiles: How earlier files of the same sender were understood.

    Raises:
        GeoreviewError: The file cannot be taken, whatever would be decided.
    """
    name = files[0].name
    try:
        with archive.opened(files, options.layer) as source:
            readings = encoding.readings(_foreign(source), EXAMPLES)
            raw, asked = _read(source, options)
            if raw is None:
                return Look(name, readings=readings, questions=asked)
            layers = _layers(files) if options.layer else ()
            so_far = Look(name, layers=layers, readings=readings, questions=asked)
            return _described(raw, options, land, profiles, so_far)
    except errors.LayerUnclear as unclear:
        return Look(name, layers=_layers(files), questions=_asked(unclear))


def shapes(
    files: tuple[Path, ...], options: ReadOptions, land: Land, rows: tuple[int, ...]
) -> tuple[tuple[int, bytes], ...]:
    """Outlines of rows as they came, placed but not mended; runs inside the sandbox.

    Args:
        files: The file and its parts.
        options: What is known about it: enough to take it.
        land: Counties and rivers.
        rows: Which rows, from 1.

    Returns:
        Row and WKB in EPSG:4490; rows without a place are left out.
    """
    with archive.opened(files, options.layer) as source:
        raw = formats.read(source, encoding=options.encoding)
        sample, every = _sampled(raw, np.asarray(rows) - 1, _evenly(raw.count))
    hints = _hints(every, match(_meaning(every), options.mapping or {}), options, land)
    chosen = system_of(points(every.geoms), raw.crs, options.crs, hints)
    placed = _drawable(systems.to_4490(sample.geoms, chosen.crs))
    there = ~shapely.is_missing(placed)
    wkb = shapely.to_wkb(placed[there])
    return tuple(zip((sample.rows[there] + 1).tolist(), wkb.tolist(), strict=True))


# Rows --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Sample:
    """Some rows of a file: their places from 0 (n,), cells by header, geometries (n,)."""

    rows: NDArray[np.int64]
    columns: Mapping[str, Sequence[Cell]]
    geoms: NDArray[np.object_]


def _evenly(n: int) -> NDArray[np.int64]:
    """Places of at most ``SHAPES`` of n rows, the first among them."""
    return np.arange(0, n, max(1, -(-n // SHAPES)), dtype=np.int64)


def _sampled(raw: Raw, *wanted: NDArray[np.int64]) -> tuple[_Sample, ...]:
    """Several samples in one walk through a file.

    Args:
        raw: The file.
        wanted: Places of rows from 0, rising; those that are not there are left out.
    """
    parts: list[list[_Sample]] = [[] for _ in wanted]
    for chunk in raw.chunks():
        start = chunk.first - 1
        for rows, part in zip(wanted, parts, strict=True):
            own = rows[(rows >= start) & (rows < start + chunk.n)]
            cells = {
                header: [column[row - start] for row in own.tolist()]
                for header, column in chunk.columns.items()
            }
            part.append(_Sample(own, cells, chunk.geoms[own - start]))
    return tuple(_joined(raw.headers, part) for part in parts)


def _joined(headers: Sequence[str], parts: Sequence[_Sample]) -> _Sample:
    return _Sample(
        np.concatenate([np.empty(0, dtype=np.int64), *(part.rows for part in parts)]),
        {h: [cell for part in parts for cell in part.columns[h]] for h in headers},
        np.concatenate([np.empty(0, dtype=object), *(part.geoms for part in parts)]),
    )


# What it is read as ------------------------------------------------------------------------------


def _layers(files: tuple[Path, ...]) -> tuple[str, ...]:
    """What there is to choose from."""
    return tuple(layer for layer in formats.layers(files) if layer)


def _asked(error: errors.GeoreviewError) -> tuple[Question, ...]:
    found = question(error)
    return () if found is None else (found,)


def _read(source: archive.Source, options: ReadOptions) -> tuple[Raw | None, tuple[Question, ...]]:
    """The rows, and whether their encoding is a question; the likeliest one is read meanwhile."""
    try:
        return formats.read(source, encoding=options.encoding), ()
    except errors.EncodingWrong as wrong:
        raw, _ = _read(source, ReadOptions(layer=options.layer))
        return raw, _asked(wrong)
    except errors.EncodingUnclear as unclear:
        return None, _asked(unclear)


def _foreign(source: archive.Source) -> Iterator[bytes]:
    """Texts as bytes, of what is not in an encoding of its own: a dBASE table, or lines."""
    if ".dbf" in source.parts:
        table = dbf.read(source.parts[".dbf"], source.name)
        texts = [column for column in table.columns if column.kind == "C"]
        for block in islice(table.blocks(TEXT_ROWS), 1):
            for column in texts:
                yield from block.cells(column)
    for suffix in (".csv", ".tsv", ".txt"):
        if suffix in source.parts:
            with source.parts[suffix].open("rb") as file:
                yield from islice(file, TEXT_ROWS)


def _described(
    raw: Raw, options: ReadOptions, land: Land, profiles: tuple[Profile, ...], so_far: Look
) -> Look:
    first_rows = np.arange(min(FIRST_ROWS, raw.count), dtype=np.int64)
    sample, first = _sampled(raw, _evenly(raw.count), first_rows)
    mapped, about_columns = _mapped(sample, options)
    proposed = {found.header: found for found in propose(sample.columns, mapped, profiles)}
    placings, by, about_crs, notes = _placings(
        raw, sample, _hints(sample, mapped, options, land), options
    )
    shown = raw.headers[:COLUMNS]
    meant = {header: name for name, header in mapped.items()}
    return replace(
        so_far,
        format=raw.format,
        layer=raw.layer,
        rows=raw.count + raw.lost,
        encoding=raw.encoding,
        encoding_by=raw.encoding_by,
        crs=_crs_name(raw.crs),
        crs_by=by,
        placings=placings,
        columns=tuple(
            Column(
                header,
                meant.get(header),
                _examples(sample.columns[header]),
                proposed.get(header),
            )
            for header in shown
        ),
        first=tuple(
            tuple(_text(first.columns[header][row]) for header in shown)
            for row in range(len(first.rows))
        ),
        notes=(*raw.notes, *notes),
        questions=(*so_far.questions, *about_columns, *about_crs),
    )


def _meaning(sample: _Sample) -> list[str]:
    """Headers that may mean a field: X and Y do only where they hold degrees."""
    return [
        header
        for header, cells in sample.columns.items()
        if normal(header) not in ("X", "Y") or not any(abs(_degrees(c)) > 180 for c in cells)
    ]


def _examples(cells: Sequence[Cell]) -> tuple[str, ...]:
    texts = dict.fromkeys(filter(None, map(_text, cells)))
    return tuple(texts)[:EXAMPLES]


def _text(cell: Cell) -> str | None:
    found = values.text(cell)
    return None if found is None else found.strip()[:CELL]


def _crs_name(stated: str | None) -> str | None:
    if not stated:
        return None
    try:
        return _code(systems.parse(stated))
    except errors.CrsNotReadable:
        return stated[:CELL]


def _code(system: Crs) -> str:
    return system.code or system.name


# Columns -----------------------------------------------------------------------------------------


def _mapped(sample: _Sample, options: ReadOptions) -> tuple[dict[str, str], tuple[Question, ...]]:
    """Field → header as far as it is clear, and what is not."""
    headers = _meaning(sample)
    try:
        mapped = match(headers, options.mapping or {})
    except (errors.ColumnsUnclear, errors.ColumnMissing) as unclear:
        return _each_alone(headers, options.mapping or {}), _asked(unclear)
    if "source_id" in mapped:
        return mapped, ()
    return mapped, _asked(no_number(sample.columns, mapped))


def _each_alone(headers: Sequence[str], chosen: Mapping[str, str]) -> dict[str, str]:
    """What each header would mean if it stood alone; where two mean the same, neither does."""
    meant: dict[str, list[str]] = {}
    for header in headers:
        try:
            for name in match([header], {}):
                meant.setdefault(name, []).append(header)
        except errors.ColumnsUnclear:
            continue
    alone = {name: found[0] for name, found in meant.items() if len(found) == 1}
    told = {**alone, **chosen}
    return {name: header for name, header in told.items() if header in headers}


# Places ------------------------------------------------------------------------------------------


def _hints(
    sample: _Sample, mapped: Mapping[str, str], options: ReadOptions, land: Land
) -> CrsHints:
    """What the rows of a sample say of where they lie."""
    stated = [sample.columns[mapped[name]] for name in COUNTY_FIELDS if name in mapped]
    return CrsHints(
        options.expected, _positions(sample, mapped), counties_named(stated, land), land
    )


def _positions(sample: _Sample, mapped: Mapping[str, str]) -> NDArray[np.float64] | None:
    """Longitude and latitude that attributes state (n, 2); ``None`` without such columns."""
    if not {"lon", "lat"} <= mapped.keys():
        return None
    columns = [sample.columns[mapped[name]] for name in ("lon", "lat")]
    found = [[_degrees(cell) for cell in cells] for cells in columns]
    lonlat = np.asarray(found, dtype=np.float64).reshape(2, -1).T
    lonlat[~((lonlat > (70, 0)) & (lonlat < (140, 60))).all(axis=1)] = np.nan
    return None if np.isnan(lonlat).all() else lonlat


def _degrees(cell: Cell) -> float:
    found = values.read("degrees", cell)
    return found if isinstance(found, float) else np.nan


def _placings(
    raw: Raw, sample: _Sample, hints: CrsHints, options: ReadOptions
) -> tuple[tuple[Placing, ...], str | None, tuple[Question, ...], tuple[Flag, ...]]:
    """Every system that fits, what spoke for the chosen one, what is asked and said about it."""
    if shapely.is_missing(sample.geoms).all():
        return (), None, (), ()
    every = points(sample.geoms)
    chosen: Crs | None = None
    by: str | None = None
    asked: tuple[Question, ...] = ()
    notes: tuple[Flag, ...] = ()
    try:
        taken = system_of(every, raw.crs, options.crs, hints)
        chosen, by, notes = taken.crs, taken.by, taken.notes
    except errors.GeoreviewError as refusal:
        asked = _asked(refusal)
        if not asked:
            raise
    there = np.isfinite(every).all(axis=1)
    known = replace(
        hints,
        lonlat=None if hints.lonlat is None else hints.lonlat[there],
        counties=None if hints.counties is None else hints.counties[there],
    )
    stated = _readable(options.crs or raw.crs)
    found = {candidate.crs: candidate for candidate in systems.candidates(every[there], known)}
    offered = (_readable(str(note.facts["offer"])) for note in notes if "offer" in note.facts)
    systems_shown = (chosen, stated, *offered, *found)
    wanted = dict.fromkeys(system for system in systems_shown if system is not None)
    placings = tuple(
        _placing(
            found.get(system) or systems.tried(every[there], system, known),
            sample,
            chosen=system == chosen,
            stated=system == stated,
        )
        for system in wanted
    )
    return placings, by, asked, notes


def _readable(text: str | None) -> Crs | None:
    """A system that is named and taken; ``None`` for any other."""
    try:
        return systems.accepted(systems.parse(text)) if text else None
    except (errors.CrsNotReadable, errors.CrsNotAccepted, errors.CrsOldDatum):
        return None


def _placing(candidate: Candidate, sample: _Sample, *, chosen: bool, stated: bool) -> Placing:
    placed = _drawable(systems.to_4490(sample.geoms, candidate.crs))
    there = ~shapely.is_missing(placed)
    drawn = shapely.simplify(placed[there], SIMPLER_DEGREES)
    west, south, east, north = shapely.total_bounds(drawn).tolist()
    return Placing(
        crs=_code(candidate.crs),
        name=candidate.crs.name,
        stated=stated,
        chosen=chosen,
        share=candidate.share,
        because=candidate.because,
        bbox=(west, south, east, north) if there.any() else None,
        rows=tuple((sample.rows[there] + 1).tolist()),
        shapes=tuple(shapely.to_wkb(drawn).tolist()),
    )


def _drawable(placed: NDArray[np.object_]) -> NDArray[np.object_]:
    """Shapes (n,) in two dimensions; ``None`` where there is none or it lies nowhere on earth."""
    flat: NDArray[np.object_] = shapely.force_2d(placed)
    box = shapely.bounds(flat)
    with np.errstate(invalid="ignore"):
        on_earth = (np.abs(box) <= (180, 90, 180, 90)).all(axis=1)
    flat[~on_earth] = None
    return flat
