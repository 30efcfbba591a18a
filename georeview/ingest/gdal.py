"""Formats that GDAL reads as they are: GeoPackage, file geodatabase, FlatGeobuf, SpatiaLite.

Each is known by its first bytes before GDAL opens it; which of several layers is meant is decided
alike for all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from georeview.errors.files import FileBroken, FormatDisguised, PartMissing
from georeview.ingest import arrow, choice
from georeview.ingest.archive import Source
from georeview.ingest.parts import GEODATABASE
from georeview.ingest.raw import Raw
from georeview.ingest.sniff import SQLITE_MAGIC, sniff


@dataclass(frozen=True, slots=True)
class Kind:
    """A format: what it is called, and how its files begin."""

    name: str
    magic: tuple[bytes, ...]


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        ".gpkg": Kind("gpkg", (SQLITE_MAGIC,)),
        ".sqlite": Kind("sqlite", (SQLITE_MAGIC,)),
        ".fgb": Kind("fgb", (b"fgb\x03fgb",)),
        GEODATABASE: Kind("gdb", (b"\x03\x00\x00\x00", b"\x04\x00\x00\x00")),
    }
)
_CATALOGUE = "a00000001.gdbtable"
"""The table of a geodatabase that lists the others."""

_NOT_DATA = frozenset({"layer_styles", "data_licenses", "KNN", "KNN2", "ElementaryGeometries"})
"""Tables that other software puts beside the data."""


def read(source: Source, _encoding: str | None, layer: str | None) -> Raw:
    """The layer that is meant.

    Raises:
        FormatDisguised: The file is of another kind.
        LayerUnclear: Several may be meant, or there is none of that name.
        NoRows: None holds a row.
        FileBroken: GDAL cannot read it.
    """
    suffix, path = _sniffed(source)
    if suffix == ".fgb":
        _need_all(path, source.name)
    return layer_of(source, path, layer, format=KINDS[suffix].name)


def layers(source: Source) -> list[str]:
    """Layers that hold rows."""
    _, path = _sniffed(source)
    return layers_of(path, source.name)


def layer_of(source: Source, path: Path, layer: str | None, *, format: str) -> Raw:  # noqa: A002
    """One layer of what GDAL may open by now.

    Args:
        source: Where it came from.
        path: What GDAL opens.
        layer: What the user says.
        format: Name of the format.
    """
    chosen, notes = choice.one_of(_ranks(path, source.name), layer, source.name)
    found = arrow.layer(path, chosen, source.name)
    return Raw(
        source=source,
        format=format,
        layer=chosen,
        headers=found.headers,
        count=found.count,
        chunks=found.chunks,
        crs=named_system(found.crs),
        encoding="utf-8",
        encoding_by="format",
        notes=notes,
        shapeless=found.shape is None,
    )


def layers_of(path: Path, file: str) -> list[str]:
    """Layers that hold rows, of what GDAL may open by now."""
    return [name for name, rank in _ranks(path, file).items() if rank]


def named_system(crs: str | None) -> str | None:
    """What GDAL says of a system; a drawing's own metres are none."""
    return None if crs is None or crs.startswith(("LOCAL_CS", "ENGCRS")) else crs


def _sniffed(source: Source) -> tuple[str, Path]:
    suffix = next(s for s in KINDS if s in source.parts)
    path = source.parts[suffix]
    if suffix != GEODATABASE:
        sniff(source, suffix, KINDS[suffix].magic[0])
        return suffix, path
    catalogue = path / _CATALOGUE
    if not catalogue.is_file():
        raise PartMissing(file=source.name, part=_CATALOGUE)
    for part in path.glob("*.gdbtable"):
        if not part.with_suffix(".gdbtablx").is_file():
            raise PartMissing(file=source.name, part=f"{part.stem}.gdbtablx")
    with catalogue.open("rb") as file:
        if not file.read(4).startswith(KINDS[suffix].magic):
            raise FormatDisguised(file=source.name, found="?")
    return suffix, path


def _need_all(path: Path, file: str) -> None:
    """FlatGeobuf counts its rows; GDAL is silent about those it does not find.

    Raises:
        FileBroken: Some are missing.
    """
    import pyogrio

    with arrow.reading(file):
        if not len(pyogrio.list_layers(str(path))):
            raise FileBroken(file=file)
        stated = int(pyogrio.read_info(str(path))["features"])
        if arrow.layer(path, None, file).count < stated:
            raise FileBroken(file=file)


def _ranks(path: Path, file: str) -> Mapping[str, int]:
    """Layer → how likely it holds plots: with shapes, without, without rows (``choice.one_of``)."""
    import pyogrio

    with arrow.reading(file):
        listed = {str(name): kind for name, kind in pyogrio.list_layers(str(path))}
        return {
            name: (1 if kind is None else 2) if _has_rows(path, name) else 0
            for name, kind in listed.items()
            if name not in _NOT_DATA
        }


def _has_rows(path: Path, layer: str) -> bool:
    """Whether there is a first row: a view may have no last one."""
    from pyogrio.raw import read as first_of

    _, fids, _, _ = first_of(
        str(path), layer=layer, columns=[], read_geometry=False, return_fids=True, max_features=1
    )
    return len(fids) > 0
