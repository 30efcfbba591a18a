"""7z archives, by the LZMA of Python's own library: names, sizes, and members copied out in order.

Read are Copy, LZMA, LZMA2, Delta, BCJ, Deflate and BZip2, which is what archivers write unless
told otherwise; the rest (PPMd, BCJ2, passwords) is refused by name. The layout is that of
``7zFormat.txt`` in the LZMA SDK.
"""

import bz2
import io
import lzma
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from georeview.errors import ArchiveEncrypted, ArchiveHasLinks, ArchiveMethod

MAGIC: Final = b"7z\xbc\xaf\x27\x1c"
MAX_HEADER: Final = 16 * 2**20
MAX_DICTIONARY: Final = 256 * 2**20
MAX_COUNT: Final = 100_000
"""More of anything than an archive of data sets has."""

_HEADER, _ENCODED = 0x01, 0x17
_MAIN_STREAMS, _FILES = 0x04, 0x05
_PACK, _UNPACK, _SUBSTREAMS = 0x06, 0x07, 0x08
_SIZE, _CRC, _FOLDER, _CODER_SIZES, _COUNT = 0x09, 0x0A, 0x0B, 0x0C, 0x0D
_EMPTY_STREAM, _EMPTY_FILE, _NAMES, _ATTRIBUTES = 0x0E, 0x0F, 0x11, 0x15
_UNIX_ATTRIBUTES, _LINK = 0x8000, 0o120000

_LZMA_FILTERS: Final = {
    b"\x21": lzma.FILTER_LZMA2,
    b"\x03\x01\x01": lzma.FILTER_LZMA1,
    b"\x03": lzma.FILTER_DELTA,
    b"\x03\x03\x01\x03": lzma.FILTER_X86,
    b"\x04": lzma.FILTER_X86,
}
_COPY, _DEFLATE, _BZIP2, _AES = b"\x00", b"\x04\x01\x08", b"\x04\x02\x02", b"\x06\xf1\x07\x01"
_CALLED = {b"\x03\x04\x01": "PPMd", b"\x03\x03\x01\x1b": "BCJ2", b"\x04\x01\x09": "Deflate64"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in the archive.

    Attributes:
        name: Its name, ``/`` between folders.
        size: Its bytes.
        folder: Number of the packed stream it is in; below nought where it is empty.
        start: Its place in that stream, unpacked.
        crc: Checksum of its bytes, ``None`` where the archive has none.
    """

    name: str
    size: int
    folder: int = -1
    start: int = 0
    crc: int | None = None


@dataclass(slots=True)
class _Coder:
    method: bytes
    properties: bytes


@dataclass(slots=True)
class _Folder:
    """One packed stream and what it went through; ``chain`` ends with the coder to undo first."""

    coders: list[_Coder]
    chain: list[int]
    sizes: list[int] = field(default_factory=list)
    crc: int | None = None
    parts: list[int] = field(default_factory=list)
    crcs: list[int | None] = field(default_factory=list)
    start: int = 0
    packed: int = 0

    @property
    def size(self) -> int:
        """Bytes that come out."""
        return self.sizes[self.chain[0]] if self.sizes else 0


@dataclass(frozen=True, slots=True)
class Archive:
    """What an archive holds."""

    name: str
    entries: tuple[Entry, ...]
    _folders: tuple[_Folder, ...]

    def copy(self, file: IO[bytes], wanted: Mapping[str, Path]) -> None:
        """Copy members out, each packed stream being walked once; never more than they claim.

        Raises:
            EOFError: The archive ends before a member does.
            ValueError: A member is not what its checksum says.
        """
        by_folder: dict[int, list[Entry]] = {}
        for entry in self.entries:
            if entry.name in wanted:
                by_folder.setdefault(entry.folder, []).append(entry)
        for number, entries in by_folder.items():
            if number < 0:
                for entry in entries:
                    wanted[entry.name].touch()
                continue
            stream = _Stream(_unpacked(file, self._folders[number], self.name))
            for entry in sorted(entries, key=lambda entry: entry.start):
                stream.skip_to(entry.start)
                with wanted[entry.name].open("wb") as target:
                    crc = stream.copy(target, entry.size)
                if entry.crc not in (None, crc):
                    raise ValueError(entry.name)


class _Stream:
    """Bytes that come in blocks, walked forwards."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = b""
        self._at = 0

    def skip_to(self, start: int) -> None:
        """Leave out what lies before."""
        self.copy(None, start - self._at)

    def copy(self, target: IO[bytes] | None, n: int) -> int:
        """The next bytes, all of them or an error; returns their checksum."""
        crc = 0
        while n > 0:
            if not self._rest:
                self._rest = next(self._blocks, b"")
                if not self._rest:
                    raise EOFError
            taken = self._rest[:n]
            self._rest = self._rest[n:]
            n -= len(taken)
            self._at += len(taken)
            if target is not None:
                target.write(taken)
                crc = zlib.crc32(taken, crc)
        return crc


def read(file: IO[bytes], name: str) -> Archive:
    """What an archive says of itself; nothing of it is believed beyond its own length.

    Raises:
        ArchiveEncrypted: It wants a password.
        ArchiveHasLinks: It holds links.
        ArchiveMethod: It is packed in a way that is not read.
        ValueError: It makes no sense.
    """
    try:
        start = file.read(32)
        offset, size, _crc = struct.unpack_from("<QQI", start, 12)
        header = _stored(file, 32 + offset, size)
        while header[:1] == bytes([_ENCODED]):
            folders = _streams(io.BytesIO(header[1:]), name)
            if len(folders) != 1 or folders[0].size > MAX_HEADER:
                raise ValueError(name)
            header = b"".join(_unpacked(file, folders[0], name))
        if not header:
            return Archive(name, (), ())
        return _parsed(header, name)
    except (struct.error, IndexError, UnicodeDecodeError, OverflowError) as error:
        raise ValueError(name) from error


def _stored(file: IO[bytes], start: int, size: int) -> bytes:
    if size > MAX_HEADER:
        raise ValueError(size)
    file.seek(start)
    data = file.read(size)
    if len(data) < size:
        raise EOFError
    return data


def _parsed(header: bytes, name: str) -> Archive:
    data = io.BytesIO(header)
    if _byte(data) != _HEADER:
        raise ValueError(name)
    folders: list[_Folder] = []
    files: list[tuple[str, bool]] = []
    while kind := _byte(data):
        if kind == _MAIN_STREAMS:
            folders = _streams(data, name)
        elif kind == _FILES:
            files = _files(data, name)
        else:
            raise ValueError(kind)
    return Archive(name, tuple(_placed(files, folders)), tuple(folders))


def _placed(files: list[tuple[str, bool]], folders: list[_Folder]) -> Iterator[Entry]:
    """Each file with bytes takes the next place in the packed streams."""
    places = iter(
        (size, number, sum(folder.parts[:i]), folder.crcs[i])
        for number, folder in enumerate(folders)
        for i, size in enumerate(folder.parts)
    )
    for name, empty in files:
        if empty:
            yield Entry(name, 0)
        elif place := next(places, None):
            yield Entry(name, *place)
        else:
            raise ValueError(name)


# Streams -----------------------------------------------------------------------------------------


def _streams(data: IO[bytes], name: str) -> list[_Folder]:
    start = 0
    packed: list[int] = []
    folders: list[_Folder] = []
    while kind := _byte(data):
        if kind == _PACK:
            start, packed = _packed_sizes(data)
        elif kind == _UNPACK:
            folders = _unpack_info(data, name)
        elif kind == _SUBSTREAMS:
            _substreams(data, folders)
        else:
            raise ValueError(kind)
    at = 32 + start
    if len(packed) < len(folders):
        raise ValueError(len(packed))
    for folder, size in zip(folders, packed, strict=False):
        folder.start, folder.packed = at, size
        if not folder.crcs:
            folder.parts, folder.crcs = [folder.size], [folder.crc]
        at += size
    return folders


def _packed_sizes(data: IO[bytes]) -> tuple[int, list[int]]:
    start, n = _number(data), _count(data)
    sizes: list[int] = []
    while kind := _byte(data):
        if kind == _SIZE:
            sizes = [_number(data) for _ in range(n)]
        elif kind == _CRC:
            _digests(data, n)
        else:
            raise ValueError(kind)
    return start, sizes


def _unpack_info(data: IO[bytes], name: str) -> list[_Folder]:
    if _byte(data) != _FOLDER:
        raise ValueError
    n = _count(data)
    if _byte(data):
        raise ValueError
    folders = [_folder(data, name) for _ in range(n)]
    while kind := _byte(data):
        if kind == _CODER_SIZES:
            for folder in folders:
                folder.sizes = [_number(data) for _ in folder.coders]
        elif kind == _CRC:
            for folder, crc in zip(folders, _digests(data, n), strict=True):
                folder.crc = crc
        else:
            raise ValueError(kind)
    return folders


def _folder(data: IO[bytes], name: str) -> _Folder:
    coders = []
    for _ in range(_small(data, 4)):
        flags = _byte(data)
        method = _exactly(data, flags & 0x0F)
        if flags & 0x10:
            streams_in, streams_out = _small(data, 32), _small(data, 32)
            if (streams_in, streams_out) != (1, 1):
                raise ArchiveMethod(file=name, method=_CALLED.get(method, method.hex()))
        coders.append(_Coder(method, _exactly(data, _small(data, 1_000)) if flags & 0x20 else b""))
    feeds = {_number(data): _number(data) for _ in range(len(coders) - 1)}
    return _Folder(coders, _chained(feeds, len(coders)))


def _chained(feeds: Mapping[int, int], n: int) -> list[int]:
    """Coders from the one whose output is the file to the one that is fed from the archive.

    Args:
        feeds: Coder → the coder whose output it takes in.
        n: Number of coders.
    """
    last = set(range(n)) - set(feeds.values())
    if len(last) != 1:
        raise ValueError(feeds)
    chain = [last.pop()]
    while chain[-1] in feeds and len(chain) <= n:
        chain.append(feeds[chain[-1]])
    if sorted(chain) != list(range(n)):
        raise ValueError(feeds)
    return chain


def _substreams(data: IO[bytes], folders: list[_Folder]) -> None:
    counts = [1] * len(folders)
    kind = _byte(data)
    if kind == _COUNT:
        counts = [_count(data) for _ in folders]
        kind = _byte(data)
    for folder, n in zip(folders, counts, strict=True):
        sizes = [_number(data) for _ in range(n - 1)] if kind == _SIZE else []
        last = folder.size - sum(sizes)
        if last < 0 or (n > 1 and kind != _SIZE):
            raise ValueError(last)
        folder.parts = [*sizes, last] if n else []
        folder.crcs = [folder.crc if n == 1 else None] * n
    if kind == _SIZE:
        kind = _byte(data)
    if kind == _CRC:
        unknown = [(f, i) for f in folders for i, crc in enumerate(f.crcs) if crc is None]
        for (folder, i), crc in zip(unknown, _digests(data, len(unknown)), strict=True):
            folder.crcs[i] = crc
        kind = _byte(data)
    if kind:
        raise ValueError(kind)


def _unpacked(file: IO[bytes], folder: _Folder, name: str) -> Iterator[bytes]:
    """A packed stream as it was, block by block; never more than it says."""
    decoders = _decoders(folder, name)
    file.seek(folder.start)
    left, due = folder.packed, folder.size
    while due > 0:
        # Little at a time: a few bytes of LZMA may be megabytes of noughts.
        block = file.read(min(2**12, left))
        left -= len(block)
        for decoder in decoders:
            block = decoder(block)
        if block:
            yield block[:due]
        elif left <= 0:
            raise EOFError
        due -= len(block)


def _decoders(folder: _Folder, name: str) -> list[Any]:
    """What undoes the coders, in that order; LZMA and its filters are one for Python."""
    filters: list[dict[str, Any]] = []
    decoders: list[Any] = []
    for coder in (folder.coders[i] for i in folder.chain):
        if coder.method == _AES:
            raise ArchiveEncrypted(file=name)
        if coder.method in _LZMA_FILTERS:
            filters.append(_filter(coder, name))
        elif coder.method == _DEFLATE:
            decoders.append(zlib.decompressobj(-15).decompress)
        elif coder.method == _BZIP2:
            decoders.append(_BZip2().decompress)
        elif coder.method != _COPY:
            raise ArchiveMethod(file=name, method=_CALLED.get(coder.method, coder.method.hex()))
    if filters:
        if decoders or filters[-1]["id"] not in (lzma.FILTER_LZMA1, lzma.FILTER_LZMA2):
            raise ArchiveMethod(file=name, method="+".join(c.method.hex() for c in folder.coders))
        decoders = [lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters).decompress]
    return decoders


class _BZip2:
    """Streams of BZip2 one after another, as archivers that use several processors write them."""

    def __init__(self) -> None:
        self._current = bz2.BZ2Decompressor()

    def decompress(self, data: bytes) -> bytes:
        """What comes out of the next bytes."""
        out = b""
        while data:
            if self._current.eof:
                self._current = bz2.BZ2Decompressor()
            out += self._current.decompress(data)
            data = self._current.unused_data
        return out


def _filter(coder: _Coder, name: str) -> dict[str, Any]:
    kind, given = _LZMA_FILTERS[coder.method], coder.properties
    if kind == lzma.FILTER_LZMA2:
        bits = given[0]
        if bits > 40:
            raise ValueError(bits)
        size = 2**32 - 1 if bits == 40 else (2 | (bits & 1)) << (bits // 2 + 11)
        return {"id": kind, "dict_size": _dictionary(size, name)}
    if kind == lzma.FILTER_LZMA1:
        packed, size = struct.unpack("<BI", given)
        found = {"lc": packed % 9, "lp": packed // 9 % 5, "pb": packed // 45}
        return {"id": kind, "dict_size": _dictionary(size, name), **found}
    if kind == lzma.FILTER_DELTA:
        return {"id": kind, "dist": given[0] + 1}
    return {"id": kind}


def _dictionary(size: int, name: str) -> int:
    if size > MAX_DICTIONARY:
        raise ArchiveMethod(file=name, method=f"LZMA {size >> 20} MB")
    return max(size, 4096)


# Files -------------------------------------------------------------------------------------------


def _files(data: IO[bytes], archive: str) -> list[tuple[str, bool]]:
    """Names of the files, and whether each is empty; folders are left out."""
    n = _count(data)
    names: list[str] = []
    empty, really = [False] * n, []
    while kind := _byte(data):
        body = io.BytesIO(_exactly(data, _small(data, MAX_HEADER)))
        if kind == _EMPTY_STREAM:
            empty = _bits(body, n)
        elif kind == _EMPTY_FILE:
            really = _bits(body, sum(empty))
        elif kind == _NAMES:
            if _byte(body):
                raise ValueError
            names = body.read().decode("utf-16-le").split("\x00")[:n]
        elif kind == _ATTRIBUTES:
            _no_links(body, n, archive)
    if len(names) < n:
        raise ValueError(len(names))
    is_file = iter(really)
    found = [(name.replace("\\", "/"), hollow) for name, hollow in zip(names, empty, strict=True)]
    # Without bytes are folders, unless the list of empty files says otherwise.
    return [(name, hollow) for name, hollow in found if not hollow or next(is_file, False)]


def _no_links(body: IO[bytes], n: int, archive: str) -> None:
    known = [True] * n if _byte(body) else _bits(body, n)
    if _byte(body):
        raise ValueError
    for _ in range(sum(known)):
        (attributes,) = struct.unpack("<I", _exactly(body, 4))
        if attributes & _UNIX_ATTRIBUTES and (attributes >> 16) & 0o170000 == _LINK:
            raise ArchiveHasLinks(file=archive)


# Numbers -----------------------------------------------------------------------------------------


def _exactly(data: IO[bytes], n: int) -> bytes:
    found = data.read(n)
    if len(found) < n:
        raise EOFError
    return found


def _byte(data: IO[bytes]) -> int:
    return _exactly(data, 1)[0]


def _number(data: IO[bytes]) -> int:
    """The leading ones of the first byte say how many bytes follow it, low ones first."""
    first = _byte(data)
    more = next((i for i in range(8) if not first & (0x80 >> i)), 8)
    low = int.from_bytes(_exactly(data, more), "little")
    high = first & ((0x80 >> more) - 1) if more < 8 else 0
    return low | high << (8 * more)


def _small(data: IO[bytes], most: int) -> int:
    found = _number(data)
    if found > most:
        raise ValueError(found)
    return found


def _count(data: IO[bytes]) -> int:
    return _small(data, MAX_COUNT)


def _bits(data: IO[bytes], n: int) -> list[bool]:
    packed = _exactly(data, (n + 7) // 8)
    return [bool(packed[i // 8] & (0x80 >> (i % 8))) for i in range(n)]


def _digests(data: IO[bytes], n: int) -> list[int | None]:
    known = [True] * n if _byte(data) else _bits(data, n)
    return [struct.unpack("<I", _exactly(data, 4))[0] if there else None for there in known]
