"""Files of more formats than those of ``tests.files``, byte by byte."""

import json
import lzma
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

Cell = str | int | float | None

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACK = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def xlsx(
    path: Path, sheets: Mapping[str, Sequence[Sequence[Cell]] | str], hidden: str = ""
) -> Path:
    """A workbook; a sheet given as text is the XML of its rows."""
    numbers = range(1, len(sheets) + 1)
    listed = "".join(
        f'<sheet name="{name}" sheetId="{i}" r:id="r{i}"{_state(name == hidden)}/>'
        for i, name in zip(numbers, sheets, strict=True)
    )
    links = "".join(
        f'<Relationship Id="r{i}" Type="{_DOC}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in numbers
    )
    links += f'<Relationship Id="s" Type="{_DOC}/styles" Target="styles.xml"/>'
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="application/vnd.'
        'openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for i in numbers
    )
    members = {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACK}/content-types"><Default Extension='
        '"rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override '
        'PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        f'spreadsheetml.sheet.main+xml"/>{types}</Types>',
        "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACK}/relationships"><Relationship '
        f'Id="w" Type="{_DOC}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_DOC}"><sheets>{listed}'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACK}/relationships">'
        f"{links}</Relationships>",
        "xl/styles.xml": f'{_HEAD}<styleSheet xmlns="{_MAIN}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
    }
    for i, rows in zip(numbers, sheets.values(), strict=True):
        inner = rows if isinstance(rows, str) else _rows(rows)
        members[f"xl/worksheets/sheet{i}.xml"] = (
            f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{inner}</sheetData></worksheet>'
        )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in members.items():
            file.writestr(name, text)
    return path


def _state(hidden: bool) -> str:
    return ' state="hidden"' if hidden else ""


def _rows(rows: Sequence[Sequence[Cell]]) -> str:
    return "".join(
        f'<row r="{r}">{"".join(_cell(cell, r, c) for c, cell in enumerate(row))}</row>'
        for r, row in enumerate(rows, 1)
    )


def _cell(cell: Cell, row: int, column: int) -> str:
    at = f"{_letters(column)}{row}"
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
    return f'<c r="{at}"><v>{cell!r}</v></c>'


def day(serial: int, at: str) -> str:
    """A cell that shows a date."""
    return f'<c r="{at}" s="1"><v>{serial}</v></c>'


def _letters(column: int) -> str:
    column, low = divmod(column, 26)
    return (_letters(column - 1) if column else "") + chr(65 + low)


def seven_zip(path: Path, members: Mapping[str, bytes], *, attributes: int | None = None) -> Path:
    """A solid 7z archive of LZMA2, header as it is."""
    data = b"".join(members.values())
    dictionary = 2**16
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": dictionary}]
    packed = lzma.compress(data, lzma.FORMAT_RAW, filters=filters)
    sizes = [len(content) for content in members.values()]
    names = "".join(f"{name}\0" for name in members).encode("utf-16-le")
    crcs = b"".join(struct.pack("<I", zlib.crc32(content)) for content in members.values())
    header = b"\x01\x04\x06" + number(0) + number(1) + b"\x09" + number(len(packed)) + b"\x00"
    header += b"\x07\x0b\x01\x00" + b"\x01\x21\x21\x01\x08" + b"\x0c" + number(len(data)) + b"\x00"
    header += b"\x08\x0d" + number(len(sizes))
    if len(sizes) > 1:
        header += b"\x09" + b"".join(map(number, sizes[:-1]))
    header += b"\x0a\x01" + crcs + b"\x00\x00"
    header += b"\x05" + number(len(sizes)) + b"\x11" + number(len(names) + 1) + b"\x00" + names
    if attributes is not None:
        header += b"\x15" + number(2 + 4 * len(sizes)) + b"\x01\x00"
        header += struct.pack("<I", attributes) * len(sizes)
    header += b"\x00\x00"
    place = struct.pack("<QQI", len(packed), len(header), zlib.crc32(header))
    start = b"7z\xbc\xaf\x27\x1c\x00\x04" + struct.pack("<I", zlib.crc32(place)) + place
    path.write_bytes(start + packed + header)
    return path


def number(n: int) -> bytes:
    """A number as 7z writes it."""
    for more in range(8):
        if n < 1 << (7 * (more + 1)):
            high = n >> (8 * more)
            return bytes([(0xFF00 >> more) & 0xFF | high]) + (n & ((1 << 8 * more) - 1)).to_bytes(
                more, "little"
            )
    return b"\xff" + n.to_bytes(8, "little")


def typed_parquet(
    path: Path, columns: Mapping[str, Sequence[str]], wkb: Sequence[bytes | None], crs: str
) -> Path:
    """Parquet whose column of shapes has the type GEOMETRY of Parquet itself."""
    import pyarrow as pa
    from pyarrow.parquet import write_table

    class Wkb(pa.ExtensionType):
        """What Arrow writes as that type."""

        def __init__(self) -> None:
            super().__init__(pa.binary(), "geoarrow.wkb")

        def __arrow_ext_serialize__(self) -> bytes:
            return json.dumps({"crs": crs}).encode()

        @classmethod
        def __arrow_ext_deserialize__(cls, _stored: Any, _about: bytes) -> "Wkb":
            return cls()

    pa.register_extension_type(Wkb())
    try:
        shapes = pa.ExtensionArray.from_storage(Wkb(), pa.array(wkb, pa.binary()))
        write_table(pa.table({**columns, "geom": shapes}), path, store_schema=False)
    finally:
        pa.unregister_extension_type("geoarrow.wkb")
    return path


ABOUT = {
    "格式版本号": "1.01",
    "坐标系": "2000国家大地坐标系",
    "几度分带": "3",
    "投影类型": "高斯克吕格",
    "计量单位": "米",
    "带号": "36",
}


def survey(
    plots: Sequence[tuple[str, Sequence[Sequence[tuple[float, float]]]]], **about: str
) -> str:
    """Boundary points: plots of an id and rings of east and north, closed as offices do."""
    lines = ["[属性描述]", *(f"{k}={v}" for k, v in (ABOUT | about).items()), "[地块坐标]"]
    for name, rings in plots:
        lines.append(f"{sum(len(ring) for ring in rings)},0.17,{name},地块{name},面,H48,桥梁,,@")
        for ring, points in enumerate(rings, 1):
            lines += [
                f"J{i},{ring},{north!r},{east!r}" for i, (east, north) in enumerate(points, 1)
            ]
    return "\r\n".join(lines) + "\r\n"
