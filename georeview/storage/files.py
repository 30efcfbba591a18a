"""The files beside the store: originals by their hash, images, and a cache that may be lost."""

import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from georeview.errors import (
    DiskFull,
    HomeEmpty,
    HomeOfAnother,
    NotFound,
    StoreGone,
    StoreReadOnly,
    TooLarge,
)

Kind = Literal["evidence", "sources"]
CHUNK = 1 << 20
MARKER = "store.id"
"""File in the home that names the store whose files lie there."""
KEPT = ("evidence", "sources", "imagery", "georeview.sqlite")
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
        with _refusing(), self._beside(kind) as part:
            taken = _copy(source, part, limit_bytes)
            target = self.path(kind, taken.sha256)
            if not target.exists():
                target.parent.mkdir(exist_ok=True)
                part.chmod(0o440)
                part.rename(target)
                _sync_folder(target.parent)
                _sync_folder(target.parent.parent)
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
        with _refusing(), path.open("rb") as file:
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
            file = part / _plain_name(name)
            with _refusing():
                part.mkdir()
                _copy(source, file, limit_bytes)
            yield file

    def imagery(self, scene_id: str) -> Path:
        """The folder of an image, made if it is not there."""
        return self._folder("imagery", _plain_name(scene_id))

    # Cache ---------------------------------------------------------------------------------------

    def cache(self) -> Path:
        """The folder that may be deleted at any time, made if it is not there."""
        return self._folder("cache")

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
        with _refusing(), self._beside("cache") as part:
            part.write_bytes(content)
            file.parent.mkdir(parents=True, exist_ok=True)
            part.rename(file)
        return content

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
        with _refusing():
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
        with _refusing():
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
            _sync_folder(file.parent)
        finally:
            part.unlink(missing_ok=True)

    def need_room(self, free_bytes: int) -> None:
        """Refuse to take anything in while the disk is nearly full.

        Raises:
            DiskFull: Less than this is free.
        """
        with _refusing():
            self._home.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(self._home).free < free_bytes:
                raise DiskFull(why=f"< {free_bytes >> 20} MB")

    def _folder(self, *parts: str) -> Path:
        folder = self._home.joinpath(*parts)
        with _refusing():
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
            if part.is_dir():
                shutil.rmtree(part, ignore_errors=True)
            else:
                part.unlink(missing_ok=True)


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn what the disk says into a refusal of ours."""
    try:
        yield
    except OSError as error:
        refusal = _REFUSALS.get(error.errno or 0, StoreGone)
        raise refusal(why=errno.errorcode.get(error.errno or 0, "OSError")) from error


def _copy(source: BinaryIO, target: Path, limit_bytes: int) -> Taken:
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


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _plain_name(name: str) -> str:
    """The last part of a name, without anything a file system could take for more."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c if c.isprintable() and c not in '<>:"|?*' else "_" for c in last).strip(". ")
    return kept[-60:] or "file"
