"""Files from outside as parts with names of our own: from a zip, or from beside each other.

A zip is read member by member as a stream, under caps on number, size and ratio; nothing is ever
written under a name the archive gives.
"""

import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from georeview.errors import ArchiveRefused, FileBroken, FileEmpty, LayerUnclear, UnknownFormat

MAX_MEMBERS = 2_000
MAX_BYTES = 4 * 2**30
MAX_RATIO = 200
SMALL = 2**20
"""Below this size any ratio is harmless: an empty table deflates a thousandfold."""

PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
PACKED = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz")


@dataclass(frozen=True, slots=True)
class Source:
    """One data set ready to be read.

    Attributes:
        name: What the sender called it; for sentences only.
        stem: The same without folder and suffix.
        parts: Suffix in lower case → file under a name of ours.
    """

    name: str
    stem: str
    parts: Mapping[str, Path]


@contextmanager
def opened(path: Path, layer: str | None = None) -> Iterator[Source]:
    """The data set in a file, for as long as it is read.

    Args:
        path: ``.zip``, ``.shp`` with its parts beside it, ``.gpkg``, ``.geojson`` or ``.json``.
        layer: Which of several shapefiles in a zip.

    Raises:
        FileEmpty: The file has no bytes.
        ArchiveRefused: The archive breaks a cap, or is encrypted or nested.
        LayerUnclear: There are several data sets in it.
        UnknownFormat: There is none.
        FileBroken: The archive is damaged.
    """
    if path.stat().st_size == 0:
        raise FileEmpty(file=path.name)
    with TemporaryDirectory(prefix="georeview-") as folder:
        if _is_zip(path) and path.suffix.lower() != ".gpkg":
            yield _from_zip(path, Path(folder), layer)
        else:
            yield _from_beside(path, Path(folder))


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def _from_beside(path: Path, folder: Path) -> Source:
    """A loose file; a shapefile's parts lie beside it, in whatever case."""
    suffix = path.suffix.lower()
    if suffix not in (".shp", ".gpkg", ".geojson", ".json"):
        raise UnknownFormat(file=path.name)
    found = {suffix: path}
    if suffix == ".shp":
        for other in path.parent.iterdir():
            if other.stem.lower() == path.stem.lower() and other.suffix.lower() in PARTS:
                found[other.suffix.lower()] = other
    parts = {}
    for kind, file in found.items():
        parts[kind] = folder / f"data{kind}"
        shutil.copyfile(file, parts[kind])
    return Source(path.name, path.stem, parts)


def _from_zip(path: Path, folder: Path, layer: str | None) -> Source:
    try:
        with zipfile.ZipFile(path) as archive:
            sets = _data_sets(path.name, archive.infolist())
            stem = _chosen(path.name, sets, layer)
            parts = {}
            for kind, member in sets[stem].items():
                parts[kind] = folder / f"data{kind}"
                _extract(path.name, archive, member, parts[kind])
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise FileBroken(file=path.name) from error
    return Source(path.name, PurePosixPath(stem).name, parts)


def _data_sets(name: str, members: list[zipfile.ZipInfo]) -> dict[str, dict[str, zipfile.ZipInfo]]:
    """Stem → suffix → member, after every cap has been checked on the whole archive."""
    if len(members) > MAX_MEMBERS:
        raise ArchiveRefused(file=name, why=f"{len(members)} > {MAX_MEMBERS}")
    if sum(member.file_size for member in members) > MAX_BYTES:
        raise ArchiveRefused(file=name, why=f"> {MAX_BYTES // 2**30} GB")
    sets: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for member in members:
        inside = PurePosixPath(_member_name(member).replace("\\", "/"))
        suffix = inside.suffix.lower()
        hidden = any(part.startswith(("__MACOSX", ".")) for part in inside.parts)
        if member.is_dir() or hidden:
            continue
        if member.flag_bits & 1:
            raise ArchiveRefused(file=name, why="encrypted / 已加密")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise ArchiveRefused(file=name, why="link / 含链接")
        if suffix in PACKED:
            raise ArchiveRefused(file=name, why=f"nested / 嵌套 {inside.name[:60]}")
        if suffix in PARTS or suffix in (".gpkg", ".geojson", ".json"):
            sets.setdefault(str(inside.with_suffix("")), {})[suffix] = member
    return {
        stem: parts
        for stem, parts in sets.items()
        if set(parts) & {".shp", ".gpkg", ".geojson", ".json"}
    }


def _member_name(member: zipfile.ZipInfo) -> str:
    """The member's name; names that say no encoding are GBK here more often than cp437."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return member.filename


def _chosen(name: str, sets: Mapping[str, object], layer: str | None) -> str:
    if not sets:
        raise UnknownFormat(file=name)
    stems = [s for s in sets if layer is None or PurePosixPath(s).name == layer]
    if len(stems) != 1:
        shown = ", ".join(PurePosixPath(stem).name for stem in list(sets)[:20])
        raise LayerUnclear(file=name, layers=shown)
    return stems[0]


def _extract(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    """Copy a member out, counting what really comes, not what the directory claims."""
    most = max(SMALL, member.compress_size * MAX_RATIO)
    written = 0
    with archive.open(member) as source, target.open("wb") as file:
        while block := source.read(2**20):
            written += len(block)
            if written > most:
                raise ArchiveRefused(file=name, why=f"ratio / 压缩比 > {MAX_RATIO}")
            file.write(block)
