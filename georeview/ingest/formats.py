"""The formats plots and layers come in, and the reader of each."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from georeview.errors import NoRows, UnknownFormat
from georeview.ingest import geojson, geopackage, shapefile
from georeview.ingest.archive import Source
from georeview.ingest.raw import Raw

Reader = Callable[[Source, str | None, str | None], Raw]
READERS: Mapping[str, Reader] = MappingProxyType(
    {
        ".shp": shapefile.read,
        ".gpkg": geopackage.read,
        ".geojson": geojson.read,
        ".json": geojson.read,
    }
)
"""Suffix of the main file → what reads it, given its source, its encoding and a layer's name."""


def read(source: Source, *, encoding: str | None, layer: str | None) -> Raw:
    """All rows of a data set.

    Args:
        source: Its parts.
        encoding: Encoding of its texts, if the user says so.
        layer: Which layer, if there are several.

    Raises:
        GeoreviewError: It is not what it claims to be, is damaged, lacks a part or holds no row.
    """
    for suffix, reader in READERS.items():
        if suffix in source.parts:
            raw = reader(source, encoding, layer)
            if raw.count + raw.lost == 0:
                raise NoRows(file=source.name)
            return raw
    raise UnknownFormat(file=source.name)
