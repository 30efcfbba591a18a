"""Which files make one data set: a shapefile is five, a file geodatabase is a folder."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from georeview.errors.files import UnknownFormat

FAMILIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        ".shp": (".shx", ".dbf", ".prj", ".cpg"),
        ".tab": (".dat", ".map", ".id", ".ind"),
        ".mif": (".mid",),
    }
)
"""Suffix of a main file → those of its parts, which lie beside it under the same name."""

SHAPES = (
    ".gpkg", ".geojson", ".geojsonl", ".geojsons", ".ndjson", ".topojson", ".parquet",
    ".geoparquet", ".fgb", ".kml", ".kmz", ".gml", ".gpx", ".dxf", ".sqlite",
)  # fmt: skip
"""Formats in one file that are there for shapes."""

TABLES = (".json", ".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".et")
"""Formats that also accompany others: they count where nothing else is there."""

PACKED = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".tbz2", ".xz", ".txz")

GEODATABASE = ".gdb"
_OF_GEODATABASE = re.compile(r"gdb|a[0-9a-f]{8}\.(?:gdbtable|gdbtablx|cdf|zdf)")

MAIN = frozenset((*FAMILIES, *SHAPES, *TABLES, GEODATABASE))
"""Suffixes by which a data set is known."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """One data set among files.

    Attributes:
        name: Name of its main file, with the folders it lies in.
        parts: Suffix in lower case, or name in a geodatabase → name of the file.
    """

    name: str
    parts: dict[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, str, str]:
        """What it may be called: with folders, without, and without suffix."""
        path = PurePosixPath(self.name)
        return (str(path), path.name, path.stem)

    @property
    def suffix(self) -> str:
        """That of its main file."""
        return PurePosixPath(self.name).suffix.lower()


def data_sets(names: Iterable[str], geodatabase: str = "") -> tuple[list[DataSet], list[str]]:
    """The data sets among files, and names of parts that come twice.

    Args:
        names: Names with ``/`` between folders.
        geodatabase: What a geodatabase is called that lies in no folder of its own.
    """
    sets: dict[str, DataSet] = {}
    loose: dict[str, dict[str, str]] = {}
    twice: list[str] = []
    for name in names:
        path = PurePosixPath(name)
        suffix = path.suffix.lower()
        if is_of_geodatabase(name):
            folder = str(path.parent)
            main = folder if folder.lower().endswith(GEODATABASE) else f"{geodatabase}{GEODATABASE}"
            sets.setdefault(main, DataSet(main)).parts[path.name.lower()] = name
        elif suffix in SHAPES or suffix in TABLES:
            sets[name] = DataSet(name, {suffix: name})
        else:
            beside = loose.setdefault(str(path.with_suffix("")).lower(), {})
            if suffix in beside and suffix in _ANY_PART:
                twice.append(name)
            beside[suffix] = name
    for parts in loose.values():
        for main, others in FAMILIES.items():
            if main in parts:
                own = {s: parts[s] for s in (main, *others) if s in parts}
                sets[parts[main]] = DataSet(parts[main], own)
    return list(sets.values()), twice


_ANY_PART = frozenset((*FAMILIES, *(part for parts in FAMILIES.values() for part in parts)))


def is_of_geodatabase(name: str) -> bool:
    """Whether a file has a name that those of a geodatabase have."""
    return _OF_GEODATABASE.fullmatch(PurePosixPath(name).name.lower()) is not None


def beside(path: Path) -> tuple[Path, ...]:
    """The file with its parts beside it, in whatever case; of a geodatabase, what lies in it.

    Raises:
        UnknownFormat: It is a folder, and no geodatabase.
    """
    if path.is_dir():
        inside = sorted(p for p in path.iterdir() if is_of_geodatabase(p.name) and _plain(p))
        if path.suffix.lower() != GEODATABASE or not inside:
            raise UnknownFormat(file=path.name)
        return tuple(inside)
    wanted = FAMILIES.get(path.suffix.lower(), ())
    if not wanted:
        return (path,)
    parts = sorted(
        other
        for other in path.parent.iterdir()
        if other.stem.lower() == path.stem.lower()
        and other.suffix.lower() in wanted
        and other.name != path.name
        and _plain(other)
    )
    return (path, *parts)


def _plain(path: Path) -> bool:
    """Parts are taken along unasked, so they are never links to somewhere else."""
    return path.is_file() and not path.is_symlink()


def whole_files(paths: Iterable[Path]) -> list[Path]:
    """Those of some files that are not parts of another: a shapefile is its ``.shp``."""
    files = list(paths)
    mains = {(path.stem.lower(), path.suffix.lower()) for path in files}
    return [path for path in files if not _is_part(path, mains)]


def _is_part(path: Path, mains: set[tuple[str, str]]) -> bool:
    suffix = path.suffix.lower()
    return any(
        suffix in parts and (path.stem.lower(), main) in mains for main, parts in FAMILIES.items()
    )


def called(files: tuple[Path, ...]) -> str:
    """What the sender calls a file that may have parts."""
    first = files[0]
    return first.parent.name if first.parent.suffix.lower() == GEODATABASE else first.name
