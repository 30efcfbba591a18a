"""Archives as members that can be copied out, under caps on number, size and ratio.

Nothing is ever written under a name the archive gives, and no cap believes what it says of itself.
"""

import bz2
import gzip
import io
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from georeview.errors.files import (
    ArchiveEncrypted,
    ArchiveHasLinks,
    ArchiveMethod,
    ArchiveTooLarge,
    FileBroken,
    RarNotRead,
)

MAX_MEMBERS = 2_000
MAX_BYTES = 4 * 2**30
MAX_RATIO = 200
SMALL = 2**20
"""Below this size any ratio is harmless: an empty table deflates a thousandfold."""

BROKEN = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError,
          NotImplementedError, ValueError, gzip.BadGzipFile)  # fmt: skip
"""What readers of damaged archives raise."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive.

    Attributes:
        name: Its name, ``/`` between folders.
        size: Bytes it claims to have.
        most: Bytes it may have.
    """

    name: str
    size: int
    most: int


Copy = Callable[[Mapping[str, Path]], None]
"""Copies members out: name → file of ours."""


@dataclass(frozen=True, slots=True)
class Packed:
    """An open archive."""

    members: tuple[Member, ...]
    copy: Copy


def is_packed(path: Path) -> bool:
    """Whether a file is an archive, by its first bytes."""
    return _kind(path) is not None


@contextmanager
def unpacked(path: Path, name: str, scratch: Path) -> Iterator[Packed]:
    """An archive of any kind.

    Args:
        path: The file.
        name: What the sender called it.
        scratch: Folder for what lies between.

    Raises:
        ArchiveTooLarge: It would unpack to more than it may.
        ArchiveEncrypted: It wants a password.
        ArchiveHasLinks: It holds links.
        RarNotRead: It is a RAR.
        FileBroken: It is damaged.
    """
    kind = _kind(path)
    if kind is None:
        raise FileBroken(file=name)
    try:
        with kind(path, name, scratch) as packed:
            yield packed
    except BROKEN as error:
        raise FileBroken(file=name) from error


def too_large(name: str) -> ArchiveTooLarge:
    """The refusal that names the caps."""
    return ArchiveTooLarge(file=name, members=MAX_MEMBERS, gb=MAX_BYTES >> 30, n=MAX_RATIO)


def check(path: Path, name: str, sizes: Iterable[int]) -> None:
    """Every cap that can be judged before anything is unpacked, on the whole archive.

    Raises:
        ArchiveTooLarge: One is exceeded.
    """
    claimed = list(sizes)
    # Members that share their packed bytes make a whole larger than any of its parts.
    if len(claimed) > MAX_MEMBERS or sum(claimed) > allowed(path):
        raise too_large(name)


def allowed(path: Path) -> int:
    """Bytes all of an archive may unpack to."""
    return min(MAX_BYTES, max(16 * SMALL, path.stat().st_size * MAX_RATIO))


def check_zip(path: Path, name: str, members: list[zipfile.ZipInfo]) -> None:
    """The same for a zip, be it called so or not, and what else is refused of one.

    Raises:
        ArchiveTooLarge: A cap is exceeded.
        ArchiveEncrypted: It wants a password.
        ArchiveHasLinks: It holds links.
    """
    check(path, name, (member.file_size for member in members))
    for member in members:
        if member.flag_bits & 1:
            raise ArchiveEncrypted(file=name)
        if stat.S_ISLNK(member.external_attr >> 16):
            raise ArchiveHasLinks(file=name)


def copied(source: IO[bytes] | io.BufferedIOBase, target: Path, most: int, name: str) -> None:
    """Copy what really comes, not what a directory claims.

    Raises:
        ArchiveTooLarge: It is more than may come.
    """
    written = 0
    with target.open("wb") as file:
        while block := source.read(2**20):
            written += len(block)
            if written > most:
                raise too_large(name)
            file.write(block)


# Kinds of archives -------------------------------------------------------------------------------


@contextmanager
def _zip(path: Path, name: str, _scratch: Path) -> Iterator[Packed]:
    with zipfile.ZipFile(path) as archive:
        infos = archive.infolist()
        check_zip(path, name, infos)
        by_name = {_zip_name(info): info for info in infos if not info.is_dir()}

        def copy(wanted: Mapping[str, Path]) -> None:
            for member, target in wanted.items():
                with archive.open(by_name[member]) as source:
                    most = max(SMALL, by_name[member].compress_size * MAX_RATIO)
                    copied(source, target, most, name)

        members = (Member(n, i.file_size, i.compress_size * MAX_RATIO) for n, i in by_name.items())
        yield Packed(tuple(members), copy)


def _zip_name(info: zipfile.ZipInfo) -> str:
    """The member's name; names that say no encoding are GBK here more often than cp437."""
    name = info.filename
    if not info.flag_bits & 0x800:
        raw = name.encode("cp437", "replace")
        name = _text(raw) if raw.decode("cp437") == name else name
    return name.replace("\\", "/")


def _text(raw: bytes) -> str:
    """A name as text: UTF-8 where it can be, else GBK, else whatever it is."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


@contextmanager
def _tar(path: Path, name: str, _scratch: Path) -> Iterator[Packed]:
    with tarfile.open(path, "r:", encoding="utf-8", errors="surrogateescape") as archive:
        found: dict[str, tarfile.TarInfo] = {}
        for count, info in enumerate(archive):
            if info.issym() or info.islnk():
                raise ArchiveHasLinks(file=name)
            if count >= MAX_MEMBERS:
                raise too_large(name)
            if info.isfile():
                found[_text(info.name.encode("utf-8", "surrogateescape")).replace("\\", "/")] = info

        def copy(wanted: Mapping[str, Path]) -> None:
            for member, target in wanted.items():
                source = archive.extractfile(found[member])
                if source is not None:
                    copied(source, target, MAX_BYTES, name)

        yield Packed(tuple(Member(n, i.size, i.size) for n, i in found.items()), copy)


def _squeezed(
    open_: Callable[[Path], io.BufferedIOBase],
) -> Callable[[Path, str, Path], AbstractContextManager[Packed]]:
    """One file squeezed by itself, which is often a tar."""

    @contextmanager
    def opened(path: Path, name: str, scratch: Path) -> Iterator[Packed]:
        inside = scratch / "inside"
        try:
            with open_(path) as source:
                copied(source, inside, allowed(path), name)
        except OSError as error:  # how gzip and bz2 say that they are damaged
            if error.errno:
                raise
            raise FileBroken(file=name) from error
        if _is_tar(inside):
            with _tar(inside, name, scratch) as packed:
                yield packed
        else:
            stem = Path(name).stem

            def copy(wanted: Mapping[str, Path]) -> None:
                for target in wanted.values():
                    with inside.open("rb") as source:
                        copied(source, target, MAX_BYTES, name)

            size = inside.stat().st_size
            yield Packed((Member(stem, size, size),), copy)

    return opened


@contextmanager
def _seven_zip(path: Path, name: str, _scratch: Path) -> Iterator[Packed]:
    import py7zr
    from py7zr import exceptions

    try:
        with py7zr.SevenZipFile(path) as archive:
            if archive.needs_password():
                raise ArchiveEncrypted(file=name)
            infos = archive.list()
            if any(info.is_symlink for info in infos):
                raise ArchiveHasLinks(file=name)
            check(path, name, (info.uncompressed for info in infos))
            sizes = {info.filename: info.uncompressed for info in infos if info.is_file}

            def copy(wanted: Mapping[str, Path]) -> None:
                sent = {member: (target, sizes[member]) for member, target in wanted.items()}
                archive.extract(targets=list(wanted), factory=_seven_zip_targets(sent, name))

            yield Packed(tuple(Member(n, size, size) for n, size in sizes.items()), copy)
    except exceptions.PasswordRequired as error:
        raise ArchiveEncrypted(file=name) from error
    except exceptions.UnsupportedCompressionMethodError as error:
        raise ArchiveMethod(file=name, method=str(error)[:80]) from error
    except (exceptions.ArchiveError, struct.error, AssertionError, IndexError, KeyError) as error:
        raise FileBroken(file=name) from error


def _seven_zip_targets(wanted: Mapping[str, tuple[Path, int]], name: str) -> Any:
    """Where members go: files of ours, none larger than it said."""
    from py7zr.io import Py7zIO, WriterFactory

    class Target(Py7zIO):
        """A file of ours behind the library's interface."""

        def __init__(self, path: Path, most: int) -> None:
            self._file = path.open("wb")
            self._left = most

        def write(self, data: bytes | bytearray) -> int:
            self._left -= len(data)
            if self._left < 0:
                raise too_large(name)
            return self._file.write(data)

        def read(self, size: int | None = None) -> bytes:  # noqa: ARG002 - the library's interface
            return b""

        def seek(self, offset: int, whence: int = 0) -> int:
            return self._file.seek(offset, whence)

        def flush(self) -> None:
            self._file.flush()

        def size(self) -> int:
            return self._file.tell()

        def close(self) -> None:
            self._file.close()

    class Targets(WriterFactory):
        """Member → where it goes."""

        def create(self, filename: str) -> Py7zIO:
            return Target(*wanted[filename])

    return Targets()


def _rar(_path: Path, name: str, _scratch: Path) -> AbstractContextManager[Packed]:
    raise RarNotRead(file=name)


_KINDS: tuple[tuple[bytes, Callable[[Path, str, Path], AbstractContextManager[Packed]]], ...] = (
    (b"PK\x03\x04", _zip),
    (b"PK\x05\x06", _zip),
    (b"7z\xbc\xaf\x27\x1c", _seven_zip),
    (b"Rar!\x1a\x07", _rar),
    (b"\x1f\x8b", _squeezed(gzip.GzipFile)),
    (b"BZh", _squeezed(bz2.BZ2File)),
    (b"\xfd7zXZ\x00", _squeezed(lzma.LZMAFile)),
)


def _kind(path: Path) -> Callable[[Path, str, Path], AbstractContextManager[Packed]] | None:
    with path.open("rb") as file:
        start = file.read(8)
    found = next((kind for magic, kind in _KINDS if start.startswith(magic)), None)
    return found or (_tar if _is_tar(path) else None)


def _is_tar(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(265)[257:262] == b"ustar"
