"""MapInfo TAB and MIF/MID: shapes by GDAL, texts as the bytes they are.

GDAL would recode them by the character set the file names, and lose in silence what that set does
not hold; so our copy names none, and the bytes decide.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from georeview.errors.files import FormatDisguised, PartMissing
from georeview.geometry.systems import parse
from georeview.ingest import arrow
from georeview.ingest.archive import Source
from georeview.ingest.encoding import Encoding, decide, decode
from georeview.ingest.encoding import Raw as RawText
from georeview.ingest.gdal import named_system
from georeview.ingest.raw import Cell, Raw, from_wkb, plain, unreadable, whole
from georeview.ingest.report import Flag
from georeview.ingest.sniff import looks_like

_NEEDED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {".tab": (".dat", ".map", ".id"), ".mif": (".mid",)}
)
_START: Mapping[str, bytes] = MappingProxyType({".tab": b"!table", ".mif": b"version"})
_CHARSET = re.compile(rb'(?im)^([ \t]*!?charset[ \t]+|[ \t]*type[ \t]+native[ \t]+charset[ \t]+)("?)([\w-]{1,40})("?)')  # fmt: skip
_CALLED = {
    b"windowssimpchinese": "GBK",
    b"windowstradchinese": "BIG5",
    b"utf-8": "UTF-8",
}
_ELSEWHERE = re.compile(rb'(?im)^[ \t]*(?:type[ \t]+(?!native)\w+|open[ \t]+table|file[ \t]+")')
"""A .tab that describes something else: a picture, a database, or other tables."""


def read(source: Source, encoding: str | None, _layer: str | None) -> Raw:
    """All rows of a table.

    Raises:
        FormatDisguised: It is something else, or describes other files.
        PartMissing: A part is not there.
        EncodingWrong: Its texts are not in the encoding that was given.
        FileBroken: It is damaged.
    """
    suffix, stated = _without_charset(source)
    from pyogrio.raw import read as read_all

    path = str(source.parts[suffix])
    with arrow.reading(source.name):
        meta, _, wkb, columns = read_all(path, encoding="ISO-8859-1", datetime_as_string=True)
    names = [str(name).encode("latin-1", "replace") for name in meta["fields"]]
    found = decide(_texts(names, columns), given=encoding, cpg=stated, ldid=0, file=source.name)
    geoms = from_wkb(wkb)
    stated_crs = named_system(meta["crs"])
    zone = _zone(stated_crs)
    return whole(
        source=source,
        format=suffix[1:],
        layer=source.stem,
        columns={
            _decoded(name, found): [_cell(value, found) for value in column.tolist()]
            for name, column in zip(names, columns, strict=True)
        },
        geoms=geoms,
        crs=zone or stated_crs,
        encoding=found.name,
        encoding_by="stated" if found.by == "cpg" else found.by,
        notes=(Flag("read_as_cgcs2000", {"crs": zone}),) if zone else (),
        refused=unreadable(geoms, [data is not None for data in wkb]),
    )


def _zone(crs: str | None) -> str | None:
    """The CGCS2000 zone of a Gauss-Krueger grid on WGS 84.

    MapInfo long knew no CGCS2000: this is how its zones are written there. Nobody uses the grid
    on WGS 84 itself, and the two datums are one by the rule of ``geometry.systems``.
    """
    if crs is None or not crs.startswith("PROJCS"):
        return None
    found = parse(crs)
    plain = found.family == "wgs84" and found.method == "tmerc" and found.scale == 1
    number, rest = divmod(found.false_easting_m, 1_000_000)
    if not plain or found.origin_latitude or rest != 500_000:
        return None
    meridian = found.central_meridian
    for width, first, with_zone, without in ((3, 25, 4513, 4534), (6, 13, 4491, 4502)):
        zone = meridian / 3 if width == 3 else (meridian + 3) / 6
        if zone.is_integer() and first <= zone <= first + (20 if width == 3 else 10):
            if number == zone:
                return f"EPSG:{with_zone + int(zone) - first}"
            if number == 0:
                return f"EPSG:{without + int(zone) - first}"
    return None


def _without_charset(source: Source) -> tuple[str, str | None]:
    """Rewrite our copy so that GDAL leaves the texts alone; returns what it said they are in."""
    suffix = next(s for s in _NEEDED if s in source.parts)
    path = source.parts[suffix]
    data = path.read_bytes()
    if not data.lstrip().lower().startswith(_START[suffix]) or (
        suffix == ".tab" and _ELSEWHERE.search(data)
    ):
        raise FormatDisguised(file=source.name, found=looks_like(data[:512]))
    for part in _NEEDED[suffix]:
        if part not in source.parts:
            raise PartMissing(file=source.name, part=part)
    head, mark, body = data.partition(b"\nData") if suffix == ".mif" else (data, b"", b"")
    stated = _CHARSET.search(head)
    path.write_bytes(_CHARSET.sub(rb"\1\2Neutral\4", head) + mark + body)
    return suffix, _CALLED.get(stated[3].lower()) if stated else None


def _texts(names: list[bytes], columns: Any) -> Iterator[RawText]:
    for number, name in enumerate(names, 1):
        yield RawText(name, 0, str(number))
    for name, column in zip(names, columns, strict=True):
        if column.dtype == np.dtype(object):
            for row, value in enumerate(column.tolist(), 1):
                if isinstance(value, str):
                    yield RawText(
                        value.encode("latin-1", "replace"), row, name.decode("ascii", "replace")
                    )


def _decoded(data: bytes, encoding: Encoding) -> str:
    found = decode(data, encoding.name)
    return found[0] if found else data.decode("latin-1")


def _cell(value: Any, encoding: Encoding) -> Cell:
    if isinstance(value, str):
        return _decoded(value.encode("latin-1", "replace"), encoding) or None
    return plain(value)
