"""What a file of plots holds, told also where taking it would have to be refused as unclear.

``read_plots`` takes a file or refuses it. A person who has to decide something first needs to see
more than the refusal: the layers there are, how the texts read in each encoding, where the shapes
land under each coordinate system, which column is taken for which field. Nothing here decides
anything: the questions are the refusals that ``read_plots`` would end with.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.errors.coordinates import CrsNotReadable
from georeview.errors.files import (
    ColumnMissing,
    ColumnsUnclear,
    EncodingNotKnown,
    EncodingUnclear,
    EncodingWrong,
    LayerUnclear,
)
from georeview.geometry import crs as systems
from georeview.geometry.land import Land
from georeview.ingest import archive, dbf, encoding, formats, placing, values
from georeview.ingest.columns import match, normal
from georeview.ingest.options import ReadOptions
from georeview.ingest.place import points, system_of
from georeview.ingest.proposals import Profile, no_number, propose
from georeview.ingest.raw import Cell, Raw
from georeview.ingest.sample import Sample, evenly, numbered, sampled
from georeview.ingest.seen import Column, Look, Question, asked

EXAMPLES, FIRST_ROWS, COLUMNS, CELL = 3, 8, 300, 80
"""Values shown of a column, rows, columns, and characters of a value."""

TEXT_ROWS = 500
"""Rows of a file whose texts are read in each encoding."""


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
    return looked(
        files, options, lambda raw, so_far: _described(raw, options, land, profiles, so_far)
    )


def looked(
    files: tuple[Path, ...], options: ReadOptions, described: Callable[[Raw, Look], Look]
) -> Look:
    """Look at a file of whatever is to be made of it.

    Args:
        files: The file and, for a shapefile, the parts beside it.
        options: What a person has decided about it so far.
        described: Adds what is seen in its rows to what is known without them.

    Raises:
        GeoreviewError: The file cannot be taken, whatever would be decided.
    """
    name = archive.called(files)
    try:
        with archive.opened(files, options.layer) as source:
            readings = encoding.readings(_foreign(source), EXAMPLES)
            raw, unread = _read(source, options)
            if raw is None:
                return Look(name, readings=readings, questions=unread)
            layers = _layers(files) if options.layer or source.notes else ()
            return described(raw, Look(name, layers=layers, readings=readings, questions=unread))
    except LayerUnclear as unclear:
        return Look(name, layers=_layers(files), questions=asked(unclear))


def shapes(
    files: tuple[Path, ...], options: ReadOptions, land: Land, rows: tuple[int, ...]
) -> tuple[tuple[int, bytes], ...]:
    """Outlines of rows as they came, placed but not mended; runs inside the sandbox.

    Args:
        files: The file and its parts.
        options: What is known about it: enough to take it.
        land: Counties and rivers.
        rows: Which rows, as people see them.

    Returns:
        Row and WKB in EPSG:4490; rows without a place are left out.
    """
    with archive.opened(files, options.layer) as source:
        raw = formats.read(source, encoding=options.encoding)
        sample, every = sampled(raw, numbered(raw, rows), evenly(raw.count))
    hints = placing.hints_of(every, match(_meaning(every), options.mapping or {}), options, land)
    chosen = system_of(points(every.geoms), raw.crs, options.crs, hints)
    placed = placing.drawable(systems.to_4490(sample.geoms, chosen.crs))
    there = ~shapely.is_missing(placed)
    wkb = shapely.to_wkb(placed[there])
    return tuple(zip(sample.rows[there].tolist(), wkb.tolist(), strict=True))


# What it is read as ------------------------------------------------------------------------------


def _layers(files: tuple[Path, ...]) -> tuple[str, ...]:
    """What there is to choose from."""
    return tuple(layer for layer in formats.layers(files) if layer)


def _read(source: archive.Source, options: ReadOptions) -> tuple[Raw | None, tuple[Question, ...]]:
    """The rows, and whether their encoding is a question; the likeliest one is read meanwhile."""
    try:
        return formats.read(source, encoding=options.encoding), ()
    except (EncodingWrong, EncodingNotKnown) as wrong:
        raw, _ = _read(source, ReadOptions(layer=options.layer))
        return raw, asked(wrong)
    except EncodingUnclear as unclear:
        return None, asked(unclear)


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
    sample, first = sampled(raw, evenly(raw.count), first_rows(raw))
    mapped, about_columns = _mapped(sample, options)
    proposed = {found.header: found for found in propose(sample.columns, mapped, profiles)}
    places = placing.placed(raw, sample, placing.hints_of(sample, mapped, options, land), options)
    meant = {header: name for name, header in mapped.items()}
    seen = seen_rows(raw, sample, first, so_far)
    columns = tuple(
        replace(column, field=meant.get(column.header), proposed=proposed.get(column.header))
        for column in seen.columns
    )
    return seen_places(replace(seen, columns=columns), places, about_columns)


def first_rows(raw: Raw) -> NDArray[np.int64]:
    """Places of the rows that are shown as they are."""
    return np.arange(min(FIRST_ROWS, raw.count), dtype=np.int64)


def seen_rows(raw: Raw, sample: Sample, first: Sample, so_far: Look) -> Look:
    """Format, texts and columns added to what is known of a file; the columns mean nothing yet.

    Args:
        raw: The file.
        sample: Some of its rows.
        first: Its first ones.
        so_far: What is known.
    """
    shown = raw.headers[:COLUMNS]
    return replace(
        so_far,
        format=raw.format,
        layer=raw.layer,
        rows=raw.count + raw.lost,
        encoding=raw.encoding,
        encoding_by=raw.encoding_by,
        crs=_crs_name(raw.crs),
        columns=tuple(
            Column(header, None, _examples(sample.columns[header]), None) for header in shown
        ),
        first=tuple(
            tuple(_text(first.columns[header][row]) for header in shown)
            for row in range(len(first.rows))
        ),
        first_rows=tuple(first.rows.tolist()),
        notes=raw.notes,
    )


def seen_places(
    seen: Look, places: placing.Placed, about_columns: tuple[Question, ...] = ()
) -> Look:
    """Where the shapes may lie, and what is asked and said about it, added to the rest."""
    return replace(
        seen,
        crs_by=places.by,
        placings=places.placings,
        notes=(*seen.notes, *places.notes),
        questions=(*seen.questions, *about_columns, *places.questions),
    )


def _meaning(sample: Sample) -> list[str]:
    """Headers that may mean a field: X and Y do only where they hold degrees."""
    return [
        header
        for header, cells in sample.columns.items()
        if normal(header) not in ("X", "Y") or not any(abs(placing.degrees(c)) > 180 for c in cells)
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
        return placing.code(systems.parse(stated))
    except CrsNotReadable:
        return stated[:CELL]


# Columns -----------------------------------------------------------------------------------------


def _mapped(sample: Sample, options: ReadOptions) -> tuple[dict[str, str], tuple[Question, ...]]:
    """Field → header as far as it is clear, and what is not."""
    headers = _meaning(sample)
    try:
        mapped = match(headers, options.mapping or {})
    except (ColumnsUnclear, ColumnMissing) as unclear:
        return _each_alone(headers, options.mapping or {}), asked(unclear)
    if "source_id" in mapped:
        return mapped, ()
    return mapped, asked(no_number(sample.columns, mapped))


def _each_alone(headers: Sequence[str], chosen: Mapping[str, str]) -> dict[str, str]:
    """What each header would mean if it stood alone; where two mean the same, neither does."""
    meant: dict[str, list[str]] = {}
    for header in headers:
        try:
            for name in match([header], {}):
                meant.setdefault(name, []).append(header)
        except ColumnsUnclear:
            continue
    alone = {name: found[0] for name, found in meant.items() if len(found) == 1}
    told = {**alone, **chosen}
    return {name: header for name, header in told.items() if header in headers}
