"""The formats plots and layers come in, and the reader of each."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from georeview.errors import GeoreviewError
from georeview.errors.files import NoRows, TooManyColumns, TooManyRows, UnknownFormat
from georeview.ingest import (
    archive,
    delimited,
    dxf,
    gdal,
    geojson,
    geojsonseq,
    geoparquet,
    gml,
    gpx,
    kml,
    mapinfo,
    shapefile,
    topojson,
    workbook,
)
from georeview.ingest.archive import Source
from georeview.ingest.columns import match
from georeview.ingest.raw import Raw
from georeview.ingest.table import MAX_COLUMNS

MAX_ROWS = 5_000_000
"""Several times the plots of a province; equal rows take next to no room in some formats."""

Reader = Callable[[Source, str | None, str | None], Raw]
READERS: Mapping[str, Reader] = MappingProxyType(
    {
        ".shp": shapefile.read,
        **dict.fromkeys(gdal.KINDS, gdal.read),
        ".geojson": geojson.read,
        **dict.fromkeys(geojsonseq.SUFFIXES, geojsonseq.read),
        ".topojson": topojson.read,
        **dict.fromkeys(geoparquet.SUFFIXES, geoparquet.read),
        ".kml": kml.read,
        ".kmz": kml.read,
        ".gml": gml.read,
        ".gpx": gpx.read,
        ".tab": mapinfo.read,
        ".mif": mapinfo.read,
        ".dxf": dxf.read,
        ".json": geojson.read,
        **dict.fromkeys(workbook.SUFFIXES, workbook.read),
        **dict.fromkeys(delimited.SUFFIXES, delimited.read),
    }
)
"""Suffix of the main file → what reads it, given its source, its encoding and a layer's name."""

Layers = Callable[[Source], list[str]]
LAYERS: Mapping[str, Layers] = MappingProxyType(
    {
        **dict.fromkeys(gdal.KINDS, gdal.layers),
        ".topojson": topojson.layers,
        ".kml": kml.layers,
        ".kmz": kml.layers,
        ".gml": gml.layers,
        ".gpx": gpx.layers,
        **dict.fromkeys(workbook.SUFFIXES, workbook.layers),
    }
)
"""Suffix of the main file → what names its layers, for formats that hold several."""


def read(source: Source, *, encoding: str | None) -> Raw:
    """All rows of a data set.

    Args:
        source: Its parts, and which layer of it is meant.
        encoding: Encoding of its texts, if the user says so.

    Raises:
        GeoreviewError: It is not what it claims to be, is damaged, lacks a part or holds no row.
    """
    for suffix, reader in READERS.items():
        if suffix in source.parts:
            raw = reader(source, encoding, source.layer)
            _check(raw, source.name)
            return replace(raw, notes=(*source.notes, *raw.notes))
    raise UnknownFormat(file=source.name)


def _check(raw: Raw, file: str) -> None:
    """What holds for every format."""
    if raw.count + raw.lost == 0:
        raise NoRows(file=file)
    if len(raw.headers) > MAX_COLUMNS:
        raise TooManyColumns(file=file, n=len(raw.headers), limit=MAX_COLUMNS)
    if raw.count > MAX_ROWS:
        raise TooManyRows(file=file, n=raw.count, limit=MAX_ROWS)


def layers(files: tuple[Path, ...]) -> tuple[str | None, ...]:
    """What ``layer`` has to be to get each part of a file in turn; runs inside the sandbox.

    Args:
        files: The file and the parts beside it.

    Returns:
        A name for each data set and layer that holds rows, and for each list beside them that can
        be joined; ``None`` alone for a file of one.
    """
    found: list[str] = []
    names, lists = archive.data_set_names(files)
    for name in names:
        with archive.opened(files, name or None) as source:
            inside = next((LAYERS[s](source) for s in source.parts if s in LAYERS), [])
        found += [f"{name}/{layer}" if name else layer for layer in inside] or (
            [name] if name else []
        )
    found += [name for name in lists if _can_be_joined(files, name)]
    return tuple(found) or (None,)


def _can_be_joined(files: tuple[Path, ...], name: str) -> bool:
    """Whether a list says something about plots by their numbers: notes and templates do not."""
    try:
        with archive.opened(files, name) as source:
            raw = read(source, encoding=None)
            return raw.shapeless and "source_id" in match(raw.headers, {})
    except GeoreviewError:
        return False
