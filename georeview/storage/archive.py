"""A backup as one file: a zip that any tool opens, with a manifest and a signed head in it.

The manifest names every other member with its size and hash, and the head covers the manifest, so
a backup can be held whole against a signature. What lies inside is looked at before a byte of it
is written: nothing goes anywhere but to the few places a home has.
"""

import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Final

from georeview.core.heads import SignedHead, as_text, parse
from georeview.errors.exports import OutNotWritable
from georeview.errors.store import DiskFull
from georeview.errors.upkeep import BackupBroken, OutExists
from georeview.settings import DATABASE
from georeview.storage.files import CHUNK, refusing, sync_folder

FORMAT: Final = "georeview backup 1"
MANIFEST: Final = "manifest.json"
HEAD: Final = "head.json"
MANIFEST_MAX: Final = 512 << 20
HEAD_MAX: Final = 1 << 14

_PLACES: Final = re.compile(
    rf"{re.escape(DATABASE)}|(evidence|sources)/([0-9a-f]{{2}})/\2[0-9a-f]{{62}}"
    r"|imagery/[\w-][\w.-]*/[\w-][\w.-]*"
)
"""What a member may be called: where it goes in a home."""

_ENCRYPTED: Final = 1
_DAMAGED: Final = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, OverflowError,
    RuntimeError, ValueError,
)  # fmt: skip
"""What the reader of zips raises where bytes are not as they were."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a backup."""

    sha256: str
    size: int


class Writer:
    """Puts members into a backup, the manifest and its head last."""

    def __init__(self, target: zipfile.ZipFile) -> None:
        self._zip = target
        self._members: dict[str, Member] = {}

    def add(self, name: str, source: Path, *, packed: bool) -> None:
        """Put a file in.

        Args:
            name: Where it goes in a home.
            source: The file.
            packed: Whether it gets smaller by packing, as pictures do not.
        """
        with source.open("rb") as stream:
            self._members[name] = self._put(name, stream, packed=packed)

    def finish(self, told: Mapping[str, Any], sign: Callable[[str], SignedHead]) -> SignedHead:
        """Put in what is told of the whole, and the head that covers it.

        Args:
            told: What the manifest says beside the members.
            sign: Signs a head that covers a hash.
        """
        members = {name: asdict(member) for name, member in self._members.items()}
        manifest = {"format": FORMAT, **told, "members": members}
        text = json.dumps(manifest, ensure_ascii=False, indent=1).encode("utf-8")
        kept = self._put(MANIFEST, BytesIO(text), packed=True)
        head = sign(kept.sha256)
        self._put(HEAD, BytesIO(as_text(head).encode("utf-8")), packed=True)
        return head

    def _put(self, name: str, source: BinaryIO, *, packed: bool) -> Member:
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = 0o100640 << 16
        digest, size = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=True) as out:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
                out.write(chunk)
        return Member(digest.hexdigest(), size)


@contextmanager
def writing(out: Path) -> Iterator[Writer]:
    """Write a backup beside its name; it gets the name when it is whole and on the disk.

    Raises:
        OutExists: There is a file of that name.
        OutNotWritable: Nothing can be written there.
        Unavailable: The disk is full.
    """
    if out.exists():
        raise OutExists(out=out.name)
    part = out.with_name(f".{out.name}.part-{secrets.token_hex(8)}")
    try:
        file = os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
    except OSError as error:
        raise OutNotWritable(out=out.name) from error
    try:
        with file, refusing():
            with zipfile.ZipFile(file, "w", compresslevel=1) as target:
                yield Writer(target)
            file.flush()
            os.fsync(file.fileno())
        if out.exists():
            raise OutExists(out=out.name)
        with refusing():
            part.rename(out)
            sync_folder(out.absolute().parent)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


# Reading -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Archive:
    """A backup whose table of contents has been held against its manifest.

    Attributes:
        made_at: When it was made.
        rows: Rows by table.
        missing: Hashes of evidence that was lost already.
        members: Every file by where it goes in a home.
        head: The head that was signed with it.
        sealed: Whether the head covers this manifest.
    """

    made_at: str
    rows: Mapping[str, int]
    missing: tuple[str, ...]
    members: Mapping[str, Member]
    head: SignedHead
    sealed: bool
    _zip: zipfile.ZipFile
    _file: str

    def unpack(self, folder: Path, advance: Callable[[int], None]) -> None:
        """Put every member where it goes, held to its hash.

        Args:
            folder: An empty one.
            advance: Told after each file: 1.

        Raises:
            BackupBroken: A member is not what the manifest says.
            Unavailable: The disk is full or cannot be written.
        """
        need = sum(member.size for member in self.members.values())
        with refusing():
            if shutil.disk_usage(folder).free < need:
                raise DiskFull(why=f"< {need >> 20} MB")
        for name, member in self.members.items():
            target = folder / name
            with refusing():
                target.parent.mkdir(parents=True, exist_ok=True)
                self._unpack_one(name, member, target)
            advance(1)

    def _unpack_one(self, name: str, member: Member, target: Path) -> None:
        digest, left = hashlib.sha256(), member.size
        with _reading(self._file, name), self._zip.open(name) as source, target.open("xb") as out:
            while chunk := source.read(min(CHUNK, left + 1)):
                left -= len(chunk)
                if left < 0:
                    break
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        if left or digest.hexdigest() != member.sha256:
            raise BackupBroken(file=self._file, what=name)
        if name != DATABASE:
            target.chmod(0o440)


@contextmanager
def opened(file: Path) -> Iterator[Archive]:
    """Open a backup and look at all it says it holds.

    Raises:
        BackupBroken: It is none of ours, has members it should not have, or lacks some.
    """
    try:
        with _reading(file.name, "zip"):
            source = zipfile.ZipFile(file)
    except OSError as error:
        raise BackupBroken(
            file=file.name, what=errno.errorcode.get(error.errno or 0, "-")
        ) from error
    with source:
        infos = {info.filename: info for info in source.infolist()}
        if len(infos) != len(source.infolist()):
            raise BackupBroken(file=file.name, what="zip")
        manifest = _small(source, infos, MANIFEST, MANIFEST_MAX, file.name)
        head = parse(_small(source, infos, HEAD, HEAD_MAX, file.name), HEAD)
        whole = Archive(
            **_told(manifest, file.name),
            head=head,
            sealed=head.covers == hashlib.sha256(manifest).hexdigest(),
            _zip=source,
            _file=file.name,
        )
        _hold(infos, whole.members, file.name)
        yield whole


def _small(
    source: zipfile.ZipFile, infos: Mapping[str, Any], name: str, limit: int, file: str
) -> bytes:
    if name not in infos or infos[name].file_size > limit:
        raise BackupBroken(file=file, what=name)
    with _reading(file, name), source.open(name) as stream:
        return stream.read(limit)


def _told(manifest: bytes, file: str) -> dict[str, Any]:
    """What the manifest says, as the attributes of an ``Archive``."""
    try:
        told = json.loads(manifest)
        if told["format"] != FORMAT:
            raise BackupBroken(file=file, what="format")
        return {
            "made_at": str(told["made_at"]),
            "rows": {str(table): int(n) for table, n in told["rows"].items()},
            "missing": tuple(map(str, told["missing"])),
            "members": {
                str(name): Member(str(member["sha256"]), int(member["size"]))
                for name, member in told["members"].items()
            },
        }
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BackupBroken(file=file, what=MANIFEST) from error


def _hold(infos: Mapping[str, zipfile.ZipInfo], members: Mapping[str, Member], file: str) -> None:
    """Every member is in the manifest, goes where a home has a place for it, and is a plain file."""
    strange = (infos.keys() ^ members.keys()) - {MANIFEST, HEAD}
    if strange or DATABASE not in members or {MANIFEST, HEAD} & members.keys():
        raise BackupBroken(file=file, what=min(strange, default=DATABASE)[:80])
    for name, member in members.items():
        info = infos[name]
        kind = (info.external_attr >> 16) & 0o170000
        plain = kind in {0, 0o100000} and not info.flag_bits & _ENCRYPTED
        if not _PLACES.fullmatch(name) or not plain or info.file_size != member.size:
            raise BackupBroken(file=file, what=name[:80])


@contextmanager
def _reading(file: str, what: str) -> Iterator[None]:
    """Turn what a damaged zip does to its reader into a refusal of ours."""
    try:
        yield
    except _DAMAGED as error:
        raise BackupBroken(file=file, what=what) from error
