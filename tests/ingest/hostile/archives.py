"""Archives."""

import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.files import zipped
from tests.ingest.hostile.base import GOOD, ONE, Family, Make, Trap, changed, cut, data
from tests.ingest.making import number, seven_zip

Fill = Callable[[tarfile.TarFile, Trap], None]


def packed(members: Mapping[str, bytes]) -> Make:
    return lambda folder, trap: zipped(folder / "a.zip", members)


def overlapping(folder: Path, trap: Trap) -> Path:
    """Every member of the directory points at the same packed bytes."""
    path = zipped(folder / "a.zip", {"a0.geojson": b" " * 900_000})
    content = path.read_bytes()
    start, end = content.index(b"PK\x01\x02"), content.index(b"PK\x05\x06")
    entry = content[start:end]
    entries = b"".join(entry.replace(b"a0.geo", f"{i:02x}.geo".encode()) for i in range(256))
    tail = struct.pack("<HHHHIIH", 0, 0, 256, 256, len(entries), start, 0)
    path.write_bytes(content[:start] + entries + b"PK\x05\x06" + tail)
    return path


def zip_with(name: str, mode: int) -> Make:
    def make(folder: Path, trap: Trap) -> Path:
        with zipfile.ZipFile(folder / "a.zip", "w") as file:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            file.writestr(info, str(trap.secret))
            for member, found in GOOD.items():
                file.writestr(member, found)
        return folder / "a.zip"

    return make


def flagged(content: bytes) -> bytes:
    """A zip whose members claim to be locked."""
    found = bytearray(content)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        found[found.index(mark) + at] |= 1
    return bytes(found)


def add(file: tarfile.TarFile, name: str, content: bytes = b"", **attributes: Any) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in attributes.items():
        setattr(info, key, value)
    file.addfile(info, io.BytesIO(content))


def tarred(name: str, fill: Fill, mode: str = "w:gz") -> Make:
    def make(folder: Path, trap: Trap) -> Path:
        with tarfile.open(folder / name, mode) as file:  # type: ignore[call-overload]
            fill(file, trap)
        return folder / name

    return make


def good(prefix: str) -> Fill:
    return lambda file, trap: [add(file, prefix + n, c) for n, c in GOOD.items()] and None


def special(kind: bytes) -> Fill:
    return lambda file, trap: add(file, "plots.geojson", type=kind, linkname=str(trap.secret))


def many(file: tarfile.TarFile, trap: Trap) -> None:
    for i in range(2_100):
        add(file, f"{i}.txt")


def lying_tar(content: bytes) -> bytes:
    """A member that claims seven gigabytes."""
    header = bytearray(content[:512])
    header[124:136] = b"70000000000\0"
    header[148:156] = b" " * 8
    header[148:156] = f"{sum(header):06o}\0 ".encode()
    return bytes(header) + content[512:]


def seven(change: Callable[[bytes], bytes] = bytes, **more: Any) -> Make:
    return changed(lambda folder, trap: seven_zip(folder / "a.7z", GOOD, **more), change)


def with_header(header: bytes, content: bytes = b"") -> bytes:
    place = struct.pack("<QQI", len(content), len(header), zlib.crc32(header))
    start = b"7z\xbc\xaf\x27\x1c\x00\x04" + struct.pack("<I", zlib.crc32(place)) + place
    return start + content + header


def coder(content: bytes, other: bytes) -> bytes:
    """The archive with another coder than LZMA2."""
    size = struct.unpack_from("<Q", content, 12)[0]
    header = content[32 + size :].replace(b"\x01\x21\x21\x01\x08", b"\x01" + other)
    return with_header(header, content[32 : 32 + size])


def zip_bytes(members: Mapping[str, bytes]) -> bytes:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return found.getvalue()


def deep(levels: int) -> bytes:
    """Archives inside each other."""
    found = zip_bytes(GOOD)
    for _ in range(levels):
        found = zip_bytes({"a.zip": found})
    return found


def packed_in(make: Make) -> Make:
    """The file of another case inside a zip."""

    def made(folder: Path, trap: Trap) -> Path:
        inner = make(folder, trap).rename(folder / "inner.zip")
        return zipped(folder / "a.zip", {"inner.zip": inner.read_bytes()})

    return made


def tar_bytes() -> bytes:
    found = io.BytesIO()
    with tarfile.open(fileobj=found, mode="w") as file:
        add(file, "a.txt")
    return found.getvalue()


TARRED = tar_bytes()
"""Whatever stands behind its end belongs to no member."""
FAR = b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(4) + struct.pack("<QQI", 2**60, 2**60, 0)
ZIP = packed(GOOD)

FAMILY: Family = {
    "zip-ratio": ("archive_too_large", packed({"big.geojson": b" " * 30_000_000})),
    "zip-overlap": ("archive_too_large", overlapping),
    "zip-many": ("archive_too_large", packed({f"{i}.txt": b"" for i in range(2_001)})),
    "zip-in-zip": ("taken", packed({"more.zip": zip_bytes(GOOD)})),
    "zip-in-zip-cut": ("file_broken", packed({**GOOD, "more.zip": b"PK\x03\x04"})),
    "zip-in-zip-climbs": ("taken", packed({"../more.zip": zip_bytes({f"../../{k}": v for k, v in GOOD.items()})})),
    "zip-in-zip-bomb": ("archive_too_large", packed({"more.zip": zip_bytes({"big.geojson": bytes(30_000_000)})})),
    "zip-many-bombs": ("archive_too_large", packed({f"{i}.zip": zip_bytes({"a.geojson": bytes(6_000_000)}) for i in range(20)})),
    "zip-of-gz-that-hide": ("archive_too_large", packed({f"{i}.tar.gz": gzip.compress(TARRED + bytes(9_000_000)) for i in range(20)})),
    "zip-ten-deep": ("archive_nested", packed({"a.zip": deep(10)})),
    "zip-many-in-many": ("archive_too_large", packed({f"{i}.zip": zip_bytes({f"{k}.txt": b"" for k in range(90)}) for i in range(90)})),
    "zip-link-in-zip": ("archive_has_links", packed_in(zip_with("plots.geojson", 0o120777))),
    "zip-locked-in-zip": ("archive_encrypted", packed({"more.zip": flagged(zip_bytes(GOOD))})),
    "zip-rar-in-zip": ("rar_not_read", packed({**GOOD, "more.rar": b"Rar!\x1a\x07\x00"})),
    "7z-in-zip": ("file_broken", packed({"more.7z": b"7z"})),
    "tgz-in-zip": ("file_broken", packed({"more.tar.gz": b"\x1f\x8b"})),
    "zip-climbs": ("taken", packed({f"../../../../tmp/{k}": v for k, v in GOOD.items()})),
    "zip-absolute": ("taken", packed({f"/etc/{k}": v for k, v in GOOD.items()})),
    "zip-drive": ("taken", packed({f"C:\\Windows\\{k}": v for k, v in GOOD.items()})),
    "zip-symlink": ("archive_has_links", zip_with("plots.geojson", 0o120777)),
    "zip-device": ("taken", zip_with("dev", 0o020666)),
    "zip-locked": ("archive_encrypted", changed(ZIP, flagged)),
    "zip-cut-start": ("file_broken", changed(ZIP, lambda d: d[:20])),
    "zip-cut-middle": ("file_broken", cut(ZIP, 0.5)),
    "zip-cut-end": ("file_broken", changed(ZIP, lambda d: d[:-10])),
    "zip-noise": ("file_broken", changed(ZIP, lambda d: d[:60] + b"\xff" * 99 + d[159:])),
    "zip-lying-size": (
        "file_broken",
        changed(
            packed({"a.geojson": b" " * 800_000}),
            lambda d: d.replace(struct.pack("<I", 800_000), struct.pack("<I", 1_000)),
        ),
    ),
    "zip-twice": ("layer_unclear", packed({**GOOD, "PLOTS.DBF": b"x"})),
    "zip-part-alone": ("part_missing", packed({"plots.dbf": GOOD["plots.dbf"]})),
    "zip-nothing": ("unknown_format", packed({"a.exe": b"MZ"})),
    "7z-good": ("taken", seven()),
    "7z-cut": ("file_broken", seven(lambda d: d[:-40])),
    "7z-cut-start": ("file_broken", seven(lambda d: d[:20])),
    "7z-crc": ("file_broken", seven(lambda d: d[:60] + b"\x55\xaa" + d[62:])),
    "7z-link": ("archive_has_links", seven(attributes=0x8000 | 0o120777 << 16)),
    "7z-dictionary": ("file_too_heavy", seven(lambda d: coder(d, b"\x21\x21\x01\x26"))),
    "7z-locked": ("archive_encrypted", seven(lambda d: coder(d, b"\x04\x06\xf1\x07\x01"))),
    "7z-ppmd": ("archive_method", seven(lambda d: coder(d, b"\x03\x03\x04\x01"))),
    "7z-far-header": ("file_broken", data("a.7z", FAR)),
    "7z-many-files": ("file_broken", data("a.7z", with_header(b"\x01\x05" + number(2**40)))),
    "7z-many-streams": ("file_broken", data("a.7z", with_header(b"\x01\x04\x06\x00" + number(2**50)))),
    "7z-odd-header": ("file_broken", data("a.7z", with_header(b"\x17\x06\x00\x01\x09\x05\x00" * 3))),
    "tar-symlink": ("archive_has_links", tarred("a.tar.gz", special(tarfile.SYMTYPE))),
    "tar-hardlink": ("archive_has_links", tarred("a.tgz", special(tarfile.LNKTYPE))),
    "tar-device": ("unknown_format", tarred("a.tar", special(tarfile.CHRTYPE), "w")),
    "tar-pipe": ("unknown_format", tarred("a.tar", special(tarfile.FIFOTYPE), "w")),
    "tar-climbs": ("taken", tarred("a.tar.gz", good("../../../"))),
    "tar-absolute": ("taken", tarred("a.tar.xz", good("/etc/"), "w:xz")),
    "tar-many": ("archive_too_large", tarred("a.tar.gz", many)),
    "tar-nested": ("file_broken", tarred("a.tar.bz2", lambda f, t: add(f, "b.zip", b"PK"), "w:bz2")),
    "tar-lying-size": ("file_broken", changed(tarred("a.tar", good(""), "w"), lying_tar)),
    "tar-cut": ("part_missing", cut(tarred("a.tar", good(""), "w"), 0.2)),
    "gz-good": ("taken", data("a.geojson.gz", gzip.compress(ONE))),
    "gz-bomb": ("archive_too_large", data("a.geojson.gz", lambda t: gzip.compress(bytes(40_000_000)))),
    "xz-bomb": ("archive_too_large", data("a.geojson.xz", lambda t: lzma.compress(bytes(40_000_000), preset=0))),
    "gz-cut": ("file_broken", data("a.geojson.gz", gzip.compress(ONE)[:-20])),
    "gz-noise": ("file_broken", data("a.geojson.gz", b"\x1f\x8b\x08\x00" + b"x" * 300)),
    "rar": ("rar_not_read", data("a.rar", b"Rar!\x1a\x07\x01\x00" + bytes(100))),
}  # fmt: skip
