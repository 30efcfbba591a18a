"""Files from outside as parts with names of our own: from a zip, or from beside each other.

A zip is read member by member as a stream, under caps on number, size and ratio; nothing is ever
written under a name the archive gives.
"""

import hashlib
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from georeview.errors import (
    ArchiveEncrypted,
    ArchiveHasLinks,
    ArchiveNested,
    ArchiveTooLarge,
    FileBroken,
    FileEmpty,
    LayerUnclear,
    UnknownFormat,
)

MAX_MEMBERS = 2_000
MAX_BYTES = 4 * 2**30
MAX_RATIO = 200
SMALL = 2**20
"""Below this size any ratio is harmless: an empty table deflates a thousandfold."""

PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
SINGLE = (".gpkg", ".geojson", ".json")
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


def beside(path: Path) -> tuple[Path, ...]:
    """The file and, for a shapefile, its parts beside it, in whatever case."""
    if path.suffix.lower() != ".shp":
        return (path,)
    parts = sorted(
        other
        for other in path.parent.iterdir()
        if other.stem.lower() == path.stem.lower()
        and other.suffix.lower() in PARTS
        and other.name != path.name
        and other.is_file()
    )
    return (path, *parts)


def whole_files(paths: Iterable[Path]) -> list[Path]:
    """Those of some files that are not parts of another: a shapefile is its ``.shp``."""
    files = list(paths)
    shapes = {path.stem.lower() for path in files if path.suffix.lower() == ".shp"}
    return [
        path
        for path in files
        if path.suffix.lower() == ".shp"
        or path.suffix.lower() not in PARTS
        or path.stem.lower() not in shapes
    ]


def sha256_of(files: tuple[Path, ...]) -> str:
    """Hash of a file's bytes; of several parts, the hash of their suffixes and hashes."""
    hashes = []
    for path in files:
        with path.open("rb") as file:
            hashes.append(hashlib.file_digest(file, "sha256").hexdigest())
    if len(files) == 1:
        return hashes[0]
    named = sorted(
        f"{path.suffix.lower()} {sha}\n" for path, sha in zip(files, hashes, strict=True)
    )
    return hashlib.sha256("".join(named).encode("ascii")).hexdigest()


@contextmanager
def opened(files: tuple[Path, ...], layer: str | None = None) -> Iterator[Source]:
    """The data set in a file, for as long as it is read.

    Args:
        files: A ``.zip``, ``.gpkg``, ``.geojson`` or ``.json``, or a ``.shp`` and its parts.
        layer: Which of several data sets in a zip.

    Raises:
        FileEmpty: The file has no bytes.
        ArchiveTooLarge: The archive would unpack to more than it may.
        ArchiveEncrypted: It wants a password.
        ArchiveNested: It holds an archive.
        ArchiveHasLinks: It holds links.
        LayerUnclear: There are several data sets in it.
        UnknownFormat: There is none.
        FileBroken: It is damaged.
    """
    path = files[0]
    if path.stat().st_size == 0:
        raise FileEmpty(file=path.name)
    with TemporaryDirectory(prefix="georeview-") as folder:
        if _is_zip(path) and path.suffix.lower() != ".gpkg":
            yield _from_zip(path, Path(folder), layer)
        else:
            yield _loose(files, Path(folder))


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def _loose(files: tuple[Path, ...], folder: Path) -> Source:
    name = files[0].name
    if files[0].suffix.lower() not in (".shp", *SINGLE):
        raise UnknownFormat(file=name)
    parts = {}
    for file in files:
        kind = file.suffix.lower()
        if kind in parts:
            raise LayerUnclear(file=name, layers=", ".join(sorted(f.name for f in files)))
        parts[kind] = folder / f"data{kind}"
        shutil.copyfile(file, parts[kind])
    return Source(name, files[0].stem, parts)


def _from_zip(path: Path, folder: Path, layer: str | None) -> Source:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check(path, members)
            sets = _data_sets(path.name, members)
            stem = _chosen(path.name, sets, layer)
            parts = {}
            for kind, member in sets[stem].items():
                parts[kind] = folder / f"data{kind}"
                _extract(path.name, archive, member, parts[kind])
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise FileBroken(file=path.name) from error
    return Source(path.name, PurePosixPath(stem).stem, parts)


def _check(path: Path, members: list[zipfile.ZipInfo]) -> None:
    """Every cap that can be judged before anything is unpacked, on the whole archive."""
    total = sum(member.file_size for member in members)
    # Members that share their packed bytes make a whole larger than any of its parts.
    most = min(MAX_BYTES, max(16 * SMALL, path.stat().st_size * MAX_RATIO))
    if len(members) > MAX_MEMBERS or total > most:
        raise ArchiveTooLarge(file=path.name, members=MAX_MEMBERS, gb=MAX_BYTES >> 30, n=MAX_RATIO)
    for member in members:
        if member.flag_bits & 1:
            raise ArchiveEncrypted(file=path.name)
        if stat.S_ISLNK(member.external_attr >> 16):
            raise ArchiveHasLinks(file=path.name)


def _data_sets(name: str, members: list[zipfile.ZipInfo]) -> dict[str, dict[str, zipfile.ZipInfo]]:
    """Name of the main file → suffix → member; nothing but data sets is looked at."""
    sets: dict[str, dict[str, zipfile.ZipInfo]] = {}
    loose: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for member in members:
        inside = PurePosixPath(_member_name(member).replace("\\", "/"))
        suffix = inside.suffix.lower()
        hidden = any(part.startswith(("__MACOSX", ".")) for part in inside.parts if part != "..")
        if member.is_dir() or hidden:
            continue
        if suffix in PACKED:
            raise ArchiveNested(file=name, member=inside.name[:60])
        if suffix in SINGLE:
            sets[str(inside)] = {suffix: member}
        elif suffix in PARTS:
            parts = loose.setdefault(str(inside.with_suffix("")).lower(), {})
            if suffix in parts:
                raise LayerUnclear(file=name, layers=inside.name[:60])
            parts[suffix] = member
            if suffix == ".shp":
                sets[str(inside)] = parts
    return sets


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
    if len(sets) == 1:
        return next(iter(sets))  # a layer named then is one inside it
    named = [s for s in sets if layer in (PurePosixPath(s).stem, PurePosixPath(s).name)]
    if len(named) != 1:
        shown = ", ".join(PurePosixPath(inside).name for inside in list(sets)[:20])
        raise LayerUnclear(file=name, layers=shown)
    return named[0]


def _extract(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    """Copy a member out, counting what really comes, not what the directory claims."""
    most = max(SMALL, member.compress_size * MAX_RATIO)
    written = 0
    with archive.open(member) as source, target.open("wb") as file:
        while block := source.read(2**20):
            written += len(block)
            if written > most:
                raise ArchiveTooLarge(
                    file=name, members=MAX_MEMBERS, gb=MAX_BYTES >> 30, n=MAX_RATIO
                )
            file.write(block)
