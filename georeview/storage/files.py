"""The files beside the store: originals by their hash, images, and a cache that may be lost."""

import errno
import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from georeview.errors import NotFound, TooLarge
from georeview.errors.store import DiskFull, HomeEmpty, HomeOfAnother, StoreGone, StoreReadOnly
from georeview.settings import DATABASE

Kind = Literal["evidence", "sources"]
CHUNK = 1 << 20
PARTS = ("cache/.part-*", "evidence/.part-*", "sources/.part-*", "imagery/part-*")
"""Names of what is being written, in every folder where something is."""
DETAILS = "finds"
"""Folder in the cache of what was found in uploads."""
MARKER = "store.id"
"""File in the home that names the store whose files lie there."""
KEPT = ("evidence", "sources", "imagery", DATABASE)
"""What a home that has been used holds at least one of."""

_REFUSALS = {
    errno.ENOSPC: DiskFull,
    errno.EDQUOT: DiskFull,
    errno.EFBIG: DiskFull,
    errno.EROFS: StoreReadOnly,
    errno.EACCES: StoreReadOnly,
    errno.EPERM: StoreReadOnly,
}


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that lies safe under the hash of its bytes."""

    sha256: str
    size: int


class Files:
    """Everything the home holds beside the database.

    Args:
        home: The folder; folders inside are made when first needed.
    """

    def __init__(self, home: Path) -> None:
        self._home = home

    # Originals -----------------------------------------------------------------------------------

    def take(self, source: BinaryIO | Path, kind: Kind, limit_bytes: int) -> Taken:
        """Keep bytes for ever under their hash; the same bytes twice are one file.

        Args:
            source: A stream, read to its end, or a file.
            kind: Which folder.
            limit_bytes: More than this is refused while reading.

        Raises:
            TooLarge: Over the limit; nothing stays behind.
            Unavailable: The disk is full or cannot be written; nothing stays behind.
        """
        if isinstance(source, Path):
            with source.open("rb") as stream:
                return self.take(stream, kind, limit_bytes)
        with refusing(), self._beside(kind) as part:
            taken = copy_in(source, part, limit_bytes)
            target = self.path(kind, taken.sha256)
            if not target.exists():
                target.parent.mkdir(exist_ok=True)
                part.chmod(0o440)
                part.rename(target)
                sync_folder(target.parent)
                sync_folder(target.parent.parent)
        return taken

    def path(self, kind: Kind, sha256: str) -> Path:
        """Where the bytes with this hash lie, whether or not they are there.

        Raises:
            NotFound: This is no hash.
        """
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise NotFound(what=sha256[:80])
        return self._home / kind / sha256[:2] / sha256

    def whole(self, kind: Kind, sha256: str) -> bool:
        """Whether the bytes are there and still give their hash."""
        path = self.path(kind, sha256)
        if not path.is_file():
            return False
        with refusing(), path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256

    # Uploads and images --------------------------------------------------------------------------

    @contextmanager
    def received(self, source: BinaryIO, name: str, limit_bytes: int) -> Iterator[Path]:
        """Put an upload into a file for as long as it is looked at.

        Args:
            source: The bytes.
            name: File name as the sender called it; only its last part is used.
            limit_bytes: The largest upload.

        Raises:
            TooLarge: Over the limit.
            Unavailable: The disk is full or cannot be written.
        """
        with self._beside("cache") as part:
            file = part / plain_name(name)
            with refusing():
                part.mkdir()
                copy_in(source, file, limit_bytes)
            yield file

    @contextmanager
    def laid_out(self, originals: Iterable[tuple[str, str]]) -> Iterator[list[Path]]:
        """Originals in a folder under the names they were sent with, for as long as it is used.

        Args:
            originals: Name and hash of each, names different from each other.

        Raises:
            NotFound: One is not there.
            Unavailable: The disk is full or cannot be written.
        """
        with self._beside("cache") as part:
            found = []
            with refusing():
                part.mkdir()
                for name, sha256 in originals:
                    original = self.path("sources", sha256)
                    if not original.is_file():
                        raise NotFound(what=plain_name(name))
                    found.append(part / plain_name(name))
                    _linked(original, found[-1])
            yield found

    def imagery(self, scene_id: str) -> Path:
        """The folder of an image, made if it is not there."""
        return self._folder("imagery", plain_name(scene_id))

    @contextmanager
    def alone(self, what: str) -> Iterator[None]:
        """Only one at a time, of all threads and processes on this home, is inside.

        Args:
            what: What is being changed, a constant of the caller.
        """
        with refusing():
            handle = os.open(self.cache() / f".{what}.lock", os.O_CREAT | os.O_RDWR, 0o640)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    # Cache ---------------------------------------------------------------------------------------

    def cache(self) -> Path:
        """The folder that may be deleted at any time, made if it is not there."""
        return self._folder("cache")

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder for work in progress, gone afterwards."""
        with self._beside("cache") as part:
            with refusing():
                part.mkdir()
            yield part

    def exports(self) -> Path:
        """The folder of finished exports, one folder a job, made if it is not there."""
        return self._folder("cache", "exports")

    def details(self, name: str) -> Path:
        """The folder of what was found in an upload, whether or not it is there.

        Args:
            name: Of the job that looked.
        """
        return self._folder("cache", DETAILS) / plain_name(name)

    def keep_details(self, name: str, made: Path) -> None:
        """Put a finished folder of what was found in the place of an earlier one.

        Args:
            name: Of the job that looked.
            made: A folder on the same disk; it is moved.
        """
        folder = self.details(name)
        with self.scratch() as old, refusing():
            if folder.exists():
                folder.rename(old / folder.name)
            made.rename(folder)

    def sweep(self, *, exports_before: float, parts_before: float) -> int:
        """Remove old exports and finds, and what was being written when a process was killed.

        Args:
            exports_before: Seconds since 1970; exports and finds last changed before it go.
            parts_before: The same for files and folders that never got their name.

        Returns:
            How many files and folders went.
        """
        made = (*self.exports().iterdir(), *self._folder("cache", DETAILS).iterdir())
        old = list(_older(made, exports_before))
        parts = (self._home.glob(pattern) for pattern in PARTS)
        old += [path for found in parts for path in _older(found, parts_before)]
        for path in old:
            _remove(path)
        return len(old)

    def cached(self, name: str, make: Callable[[], bytes]) -> bytes:
        """Bytes from the cache, made when they are not there.

        Args:
            name: Relative path, made of what the bytes depend on.
            make: Makes them.
        """
        file = self._home / "cache" / name
        with suppress(FileNotFoundError):
            return file.read_bytes()
        content = make()
        with refusing(), self._beside("cache") as part:
            part.write_bytes(content)
            file.parent.mkdir(parents=True, exist_ok=True)
            part.rename(file)
        return content

    def cached_folder(self, name: str, make: Callable[[Path], None]) -> Path:
        """A folder in the cache, made when it is not there; others beside it are outdated and go.

        Args:
            name: Relative path, made of what the content depends on.
            make: Fills an empty folder.
        """
        folder = self._home / "cache" / name
        if folder.is_dir():
            return folder
        with self.alone("folder"):
            if not folder.is_dir():
                self._fill(folder, make)
        return folder

    def _fill(self, folder: Path, make: Callable[[Path], None]) -> None:
        with self.scratch() as part:
            made = part / folder.name
            with refusing():
                made.mkdir()
            make(made)
            with refusing():
                folder.parent.mkdir(parents=True, exist_ok=True)
                made.rename(folder)
        for other in folder.parent.iterdir():
            if other != folder:
                _remove(other)

    # The home ------------------------------------------------------------------------------------

    def belong(self, store_id: str, *, used: bool) -> None:
        """Hold the home to its store; the first store that uses a home marks it.

        Args:
            store_id: Which store asks.
            used: Whether the store has kept anything: an empty home is then not its own.

        Raises:
            HomeOfAnother: The mark is another store's.
            HomeEmpty: The store is used and nothing of it is here.
            Unavailable: The home cannot be read or marked.
        """
        marker = self._home / MARKER
        with refusing():
            self._home.mkdir(parents=True, exist_ok=True)
            if not marker.exists():
                if used and not any((self._home / name).exists() for name in KEPT):
                    raise HomeEmpty
                self._write(marker, store_id)
            found = marker.read_text(encoding="ascii", errors="replace").strip()
        if found != store_id:
            raise HomeOfAnother(home=found[:8], store=store_id[:8])

    def need_writable(self) -> None:
        """Write a byte through to the disk and take it away again.

        Raises:
            Unavailable: The home cannot be written.
        """
        with refusing():
            probe = self._home / f".part-{secrets.token_hex(8)}"
            try:
                _write_through(probe, "1")
            finally:
                probe.unlink(missing_ok=True)

    def _write(self, file: Path, text: str) -> None:
        """Put a small file there whole: whoever reads it meanwhile sees nothing or all of it."""
        part = file.with_name(f".part-{secrets.token_hex(8)}")
        try:
            _write_through(part, text + "\n")
            part.rename(file)
            sync_folder(file.parent)
        finally:
            part.unlink(missing_ok=True)

    def need_room(self, free_bytes: int) -> None:
        """Refuse to take anything in while the disk is nearly full.

        Raises:
            DiskFull: Less than this is free.
        """
        if self.room() < free_bytes:
            raise DiskFull(why=f"< {free_bytes >> 20} MB")

    def room(self) -> int:
        """Free bytes on the disk of the home."""
        with refusing():
            self._home.mkdir(parents=True, exist_ok=True)
            return shutil.disk_usage(self._home).free

    def _folder(self, *parts: str) -> Path:
        folder = self._home.joinpath(*parts)
        with refusing():
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    @contextmanager
    def _beside(self, kind: str) -> Iterator[Path]:
        """A name in the same file system that is free, and is gone afterwards."""
        folder = self._folder(kind)
        part = folder / f".part-{secrets.token_hex(8)}"
        try:
            yield part
        finally:
            _remove(part)


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what the disk says into a refusal of ours."""
    try:
        yield
    except OSError as error:
        refusal = _REFUSALS.get(error.errno or 0, StoreGone)
        raise refusal(why=errno.errorcode.get(error.errno or 0, "OSError")) from error


def copy_in(source: BinaryIO, target: Path, limit_bytes: int) -> Taken:
    """Copy and hash in one go; the bytes are on disk when this returns."""
    digest, size = hashlib.sha256(), 0
    with target.open("xb") as out:
        while chunk := source.read(CHUNK):
            size += len(chunk)
            if size > limit_bytes:
                raise TooLarge(limit=f"{limit_bytes / 2**20:g} MB")
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return Taken(digest.hexdigest(), size)


def _write_through(file: Path, text: str) -> None:
    with file.open("x", encoding="ascii") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())


def _linked(original: Path, target: Path) -> None:
    """The same bytes under another name, without a copy where the file system can."""
    try:
        os.link(original, target)
    except OSError:
        shutil.copyfile(original, target)


def _older(paths: Iterable[Path], than: float) -> Iterator[Path]:
    for path in paths:
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < than:
                yield path


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Have a folder's names on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def plain_name(name: str) -> str:
    """The last part of a name, without anything a file system could take for more."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c if c.isprintable() and c not in '<>:"|?*' else "_" for c in last).strip(". ")
    return kept[-60:] or "file"
