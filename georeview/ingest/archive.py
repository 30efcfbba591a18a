"""The data set in a file, as parts with names of our own: from an archive, or from beside each other."""

import hashlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from georeview.errors.files import FileEmpty, LayerUnclear, PartMissing, UnknownFormat
from georeview.ingest import choice, nested, unpack
from georeview.ingest.parts import (
    FAMILIES,
    GEODATABASE,
    MAIN,
    TABLES,
    DataSet,
    beside,
    called,
    data_sets,
    whole_files,
)
from georeview.ingest.report import Flag

__all__ = ["Source", "beside", "called", "data_set_names", "opened", "sha256_of", "whole_files"]

_ZIPPED = (".gpkg", ".kmz", ".xlsx", ".xlsm")
"""Formats that are, or might pretend to be, a zip of their own."""


@dataclass(frozen=True, slots=True)
class Source:
    """One data set ready to be read.

    Attributes:
        name: What the sender called it; for sentences only.
        stem: The same without folder and suffix; in an archive that holds several of that name, as
            much of it as tells them apart.
        parts: Suffix in lower case → file under a name of ours; a geodatabase is a folder.
        layer: Which layer of it is meant, where the user says so.
        notes: What there is to say about what lay beside it.
    """

    name: str
    stem: str
    parts: Mapping[str, Path]
    layer: str | None = None
    notes: tuple[Flag, ...] = ()


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
    return hashlib.sha256("".join(named).encode("utf-8")).hexdigest()


@contextmanager
def opened(files: tuple[Path, ...], layer: str | None = None) -> Iterator[Source]:
    """The data set in a file, for as long as it is read.

    Args:
        files: A file, be it an archive or not, with the parts that lie beside it.
        layer: Which of several data sets in an archive, which layer of it, or both with ``/``
            between.

    Raises:
        FileEmpty: The file has no bytes.
        ArchiveTooLarge: The archive would unpack to more than it may.
        ArchiveEncrypted: It wants a password.
        ArchiveNested: It holds archives in archives in archives, deeper than any delivery.
        ArchiveHasLinks: It holds links.
        LayerUnclear: There are several data sets in it.
        UnknownFormat: There is none.
        FileBroken: It is damaged.
    """
    path, name = _first(files)
    with TemporaryDirectory(prefix="georeview-") as folder:
        if _is_archive(path):
            with nested.unpacked(path, name, Path(folder)) as packed:
                sets = _sets(name, packed)
                chosen, inside, notes = _chosen(name, sets, layer)
                parts = _copied(packed, chosen, Path(folder))
            yield Source(name, _short(chosen, sets), parts, inside, notes)
        else:
            yield _loose(files, name, Path(folder), layer)


def data_set_names(files: tuple[Path, ...]) -> tuple[list[str], list[str]]:
    """The data sets in an archive by names that are different; one nameless for any other file.

    Returns:
        Those that may hold plots, and the lists that lie beside them.
    """
    path, name = _first(files)
    if not _is_archive(path):
        return [""], []
    with (
        TemporaryDirectory(prefix="georeview-") as folder,
        nested.unpacked(path, name, Path(folder)) as packed,
    ):
        sets = _sets(name, packed)
    found = _likely(sets)
    lists = [_short(one, sets) for one in sets if one not in found]
    return ([""] if len(sets) == 1 else [_short(one, sets) for one in found]), lists


def _first(files: tuple[Path, ...]) -> tuple[Path, str]:
    path, name = files[0], called(files)
    if path.stat().st_size == 0:
        raise FileEmpty(file=name)
    return path, name


def _is_archive(path: Path) -> bool:
    return path.suffix.lower() not in _ZIPPED and unpack.is_packed(path)


def _loose(files: tuple[Path, ...], name: str, folder: Path, layer: str | None) -> Source:
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in MAIN:
        raise UnknownFormat(file=name)
    if suffix == GEODATABASE:
        return Source(name, name[: -len(suffix)], _geodatabase(files, folder), layer)
    parts: dict[str, Path] = {}
    for file in files:
        kind = file.suffix.lower()
        if kind in parts:
            raise LayerUnclear(file=name, layers=", ".join(sorted(f.name for f in files)))
        parts[kind] = folder / f"data{kind}"
        shutil.copyfile(file, parts[kind])
    return Source(name, files[0].stem, parts, layer)


def _geodatabase(files: Sequence[Path], folder: Path) -> dict[str, Path]:
    target = folder / f"data{GEODATABASE}"
    target.mkdir()
    for file in files:
        shutil.copyfile(file, target / file.name.lower())
    return {GEODATABASE: target}


def _sets(name: str, packed: unpack.Packed) -> list[DataSet]:
    """The data sets of an archive; nothing but data sets is looked at."""
    names = [member.name for member in packed.members if not nested.hidden(member.name)]
    sets, twice = data_sets(names, PurePosixPath(name).stem)
    if twice:
        raise LayerUnclear(file=name, layers=PurePosixPath(twice[0]).name[:60])
    if not sets:
        _say_what_is_missing(name, names)
    return sets


def _say_what_is_missing(name: str, members: Sequence[str]) -> None:
    """A shapefile without its main file is no unknown format."""
    suffixes = {PurePosixPath(member).suffix.lower() for member in members}
    for main, parts in FAMILIES.items():
        if suffixes & set(parts):
            raise PartMissing(file=name, part=main)
    raise UnknownFormat(file=name)


def _likely(sets: Sequence[DataSet]) -> list[DataSet]:
    """Data sets with shapes, where there are any: lists and notes often lie beside them."""
    return [one for one in sets if one.suffix not in TABLES] or list(sets)


def _chosen(
    name: str, sets: Sequence[DataSet], layer: str | None
) -> tuple[DataSet, str | None, tuple[Flag, ...]]:
    """The data set that is meant, which layer of it, and what was left."""
    if layer is not None:
        named = [(one, rest) for one in sets for rest in _named(one, layer)]
        if len(named) == 1:
            return *named[0], ()
    likely = _likely(sets)
    if len(likely) > 1:
        raise LayerUnclear(file=name, layers=choice.listed(_short(s, likely) for s in likely))
    left = [_short(one, sets) for one in sets if one is not likely[0]]
    notes = (Flag("files_left", {"files": choice.listed(left)}),) if left else ()
    return likely[0], layer, notes


def _named(one: DataSet, layer: str) -> Iterator[str | None]:
    """What a name says of the layer, if it names this data set."""
    for known in one.names:
        if layer == known:
            yield None
            return
    for known in one.names:
        if layer.startswith(f"{known}/"):
            yield layer[len(known) + 1 :]
            return


def _short(one: DataSet, among: Sequence[DataSet]) -> str:
    """The shortest name that no other data set has."""
    path, name, stem = one.names
    others = [other.names for other in among if other is not one]
    if all(stem != other[2] for other in others):
        return stem
    return name if all(name != other[1] for other in others) else path


def _copied(packed: unpack.Packed, one: DataSet, folder: Path) -> dict[str, Path]:
    if one.suffix == GEODATABASE:
        target = folder / f"data{GEODATABASE}"
        target.mkdir()
        packed.copy({member: target / name for name, member in one.parts.items()})
        return {GEODATABASE: target}
    parts = {suffix: folder / f"data{suffix}" for suffix in one.parts}
    packed.copy({member: parts[suffix] for suffix, member in one.parts.items()})
    return parts
