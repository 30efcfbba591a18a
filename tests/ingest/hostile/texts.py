"""Tables, workbooks, boundary points and JSON."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.files import geojson
from tests.ingest.hostile.base import HERE, ONE, Family, Make, Trap, cut, data
from tests.ingest.making import survey, xlsx

CSV = "TBBH,经度,纬度,BZ\n1,106.75,31.86,{}\n"
HEAD = ["TBBH", "经度", "纬度"]
SHEET: dict[str, Any] = {"s": [HEAD, ["1", 106.75, 31.86]]}


def note(text: str) -> Make:
    return data("a.csv", CSV.format(text))


def row(cells: str) -> Make:
    return data("a.csv", f"TBBH,经度,纬度\n1,106.75,31.86\n{cells}\n")


def column(shape: str) -> Make:
    return data(
        "a.csv", f'TBBH,JD,WD,WKT\n1,107.1,31.56,"{HERE[0].wkt}"\n2,107.1,31.56,"{shape}"\n'
    )


def sheet(rows: str) -> Make:
    return lambda folder, trap: xlsx(folder / "a.xlsx", {"s": rows})


def in_workbook(member: str, change: Callable[[bytes, Trap], bytes]) -> Make:
    """A workbook with one of its files changed, or added."""

    def make(folder: Path, trap: Trap) -> Path:
        with zipfile.ZipFile(xlsx(folder / "good.xlsx", SHEET)) as file:
            members = {name: file.read(name) for name in file.namelist()}
        members[member] = change(members.get(member, b""), trap)
        with zipfile.ZipFile(folder / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as file:
            for name, content in members.items():
                file.writestr(name, content)
        return folder / "a.xlsx"

    return make


def laughing(content: bytes, _trap: Trap) -> bytes:
    lines = ['<!DOCTYPE a [<!ENTITY a0 "ha">']
    lines += [f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12)]
    body = content.split(b"?>", 1)[1].replace(b"<v>106.75</v>", b"<v>&a11;</v>")
    return b'<?xml version="1.0"?>' + "\n".join(lines).encode() + b"]>" + body


def reading(content: bytes, trap: Trap) -> bytes:
    body = content.split(b"?>", 1)[1].replace(b">1<", b">&x;<")
    return (
        f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file://{trap.secret}">]>'.encode()
        + body
    )


def document(**more: Any) -> Make:
    return data("a.geojson", json.dumps(geojson(HERE[:1], [{"TBBH": "1"}]) | more))


def feature(geometry: str, properties: str = '{"TBBH": "2"}') -> Make:
    """One good feature and this one."""
    good = json.loads(ONE)["features"][0]
    text = f'{json.dumps(good)}, {{"type": "Feature", "geometry": {geometry}, "properties": {properties}}}'
    return data("a.geojson", f'{{"type": "FeatureCollection", "features": [{text}]}}')


def circle(n: int) -> str:
    angle = np.linspace(0, 2 * np.pi, n, endpoint=False)
    ring = np.column_stack([107.1 + 0.01 * np.cos(angle), 31.56 + 0.01 * np.sin(angle)])
    return json.dumps({"type": "Polygon", "coordinates": [[*ring.tolist(), ring[0].tolist()]]})


def topology(**more: Any) -> Make:
    found = {
        "type": "Topology",
        "arcs": [[[107.1, 31.56], [107.1004, 31.56], [107.1004, 31.5604], [107.1, 31.56]]],
        "objects": {"a": {"type": "Polygon", "arcs": [[0]], "properties": {"TBBH": "1"}}},
    }
    return data("a.topojson", json.dumps(found | more))


def points(text: str) -> Make:
    return data("a.txt", text.encode("gbk"))


EAST, NORTH = 36_414_580.0, 3_493_400.0
SQUARE = [(EAST, NORTH), (EAST + 40, NORTH), (EAST + 40, NORTH + 40), (EAST, NORTH)]
FAR = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="{}"><v>1</v></c></row>'
LINE = json.dumps(json.loads(ONE)["features"][0])

TABLES: Family = {
    "csv-64-kB-value": ("taken", note("长" * 65_536)),
    "csv-2,001-columns": ("too_many_columns", data("a.csv", "TBBH,经度,纬度" + ",a" * 1_998 + "\n1,106.75,31.86\n")),
    "csv-2,000-columns": ("taken", data("a.csv", "TBBH,经度,纬度" + ",a" * 1_997 + "\n1,106.75,31.86\n")),
    "csv-ten-million-commas": ("too_many_columns", data("a.csv", lambda t: "TBBH,经度,纬度\n1,106.75,31.86" + "," * 10_000_000)),
    "csv-noughts": ("taken", data("a.csv", CSV.format("a").replace("1,", "1\0,"))),
    "csv-control": ("taken", note("\x01\x02\x1b[31m\x7f")),
    "csv-formula": ("taken", note("=cmd|' /C calc'!A0")),
    "csv-markup": ("taken", note("<script>alert(1)</script>")),
    "csv-direction": ("taken", note("\u202egnp.exe")),
    "csv-open-quote": ("taken", note('"a')),
    "csv-mixed-encodings": ("taken", data("a.csv", CSV.format("桥梁房屋").encode("gbk") + "2,106.75,31.87,桥梁\n".encode())),
    "csv-no-encoding": ("encoding_unclear", data("a.csv", b"TBBH,JD,WD,BZ\n1,106.75,31.86,\xff\xff\xfe\xff\n" * 3)),
    "csv-headers-alone": ("no_rows", data("a.csv", "TBBH,经度,纬度\n")),
    "csv-blanks": ("no_rows", data("a.csv", "\n" * 100_000)),
    "csv-nan": ("taken", row("2,NaN,inf")),
    "csv-endless-number": ("taken", row(f"2,{'9' * 100_000},31.86")),
    "csv-one-long-line": ("number_missing", data("a.csv", "x" * 5_000_000 + "\nz\n")),
    "csv-utf-16-cut": ("encoding_wrong", data("a.csv", CSV.format("a").encode("utf-16")[:-1])),
    "csv-deep-wkt": ("taken", column("GEOMETRYCOLLECTION(" * 50_000)),
    "csv-wkt-nan": ("taken", column("POLYGON((nan nan, 1 1, 2 2, nan nan))")),
    "csv-wkt-curve": ("taken", column("CURVEPOLYGON(CIRCULARSTRING(0 0, 1 1, 2 0, 1 -1, 0 0))")),
    "csv-hex-lies": ("taken", data("a.csv", f"TBBH,g\n1,{HERE[0].wkb_hex}\n2,0103000000FFFFFFFFFFFFFFFF\n".replace("g\n", "JD,WD,g\n").replace("1,", "1,107.1,31.56,").replace("2,01", "2,107.1,31.56,01"))),
    "csv-is-a-program": ("format_disguised", data("a.csv", b"MZ" + bytes(500))),
    "csv-is-html": ("format_disguised", data("a.csv", "<html><img src=http://127.0.0.1/>")),
    "xlsx-last-corner": ("sheet_too_large", sheet(FAR.format("XFD1048576"))),
    "xlsx-last-row": ("sheet_too_large", sheet(FAR.format("AA1048576"))),
    "xlsx-beyond": ("sheet_too_large", sheet(FAR.format("ZZZ9999999"))),
    "xlsx-laughs": ("taken", in_workbook("xl/worksheets/sheet1.xml", laughing)),
    "xlsx-reads": ("file_broken", in_workbook("xl/worksheets/sheet1.xml", reading)),
    "xlsx-links-out": ("taken", in_workbook("xl/externalLinks/externalLink1.xml", lambda d, t: f'<externalLink><externalBook href="{t.url}"/></externalLink>'.encode())),
    "xlsx-bomb": ("archive_too_large", in_workbook("xl/media/a.bin", lambda d, t: bytes(40_000_000))),
    "xlsx-not-xml": ("file_broken", in_workbook("xl/worksheets/sheet1.xml", lambda d, t: b"<worksheet><sheetData><row")),
    "xlsx-no-sheet": ("format_disguised", lambda f, t: _only_types(f)),
    "xlsx-cut": ("file_broken", cut(lambda f, t: xlsx(f / "a.xlsx", SHEET), 0.6)),
    "xlsx-locked": ("file_encrypted", data("a.xlsx", lambda t: _compound("EncryptedPackage"))),
    "xlsx-is-html": ("format_disguised", data("a.xlsx", "<html><table>")),
    "xls-noise": ("file_broken", data("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5_000))),
    "xls-is-csv": ("format_disguised", data("a.xls", CSV.format("a"))),
    "txt-points-first": ("file_broken", points("[地块坐标]\nJ1,1,3493400,36414580\n")),
    "txt-no-plots": ("no_rows", points("[属性描述]\n坐标系=2000\n[地块坐标]\n")),
    "txt-nan": ("taken", points(survey([("1", [SQUARE]), ("2", [[(float("nan"), 1.0)] * 4])]))),
    "txt-infinite": ("taken", points(survey([("1", [SQUARE]), ("2", [[(float("inf"), 1e308)] * 4])]))),
    "txt-3,000-rings": ("no_shapes", points(survey([("1", [SQUARE] * 3_000)]))),
    "txt-two-points": ("taken", points(survey([("1", [SQUARE]), ("2", [SQUARE[:2]])]))),
    "txt-no-commas": ("taken", points(survey([("1", [SQUARE])]) + "@@@@\nxxx\n")),
}  # fmt: skip

JSON: Family = {
    "json-deep": ("file_broken", data("a.geojson", '{"a":' * 100_000)),
    "json-deep-value": ("file_broken", feature("null", '{"TBBH":"2","a":' + "[" * 50_000 + "]" * 50_000 + "}")),
    "json-cut": ("file_broken", data("a.geojson", ONE[:-10])),
    "json-cut-early": ("file_broken", data("a.geojson", ONE[:20])),
    "json-nan": ("taken", feature('{"type":"Polygon","coordinates":[[[NaN,31],[107,31],[107,32],[107,31]]]}')),
    "json-infinite": ("taken", feature('{"type":"Point","coordinates":[1e999,31.5]}')),
    "json-long-number": ("file_broken", feature("null", '{"TBBH":' + "9" * 10_000 + "}")),
    "json-two-points": ("taken", feature('{"type":"Polygon","coordinates":[[[107,31],[107,32]]]}')),
    "json-empty-ring": ("taken", feature('{"type":"Polygon","coordinates":[[]]}')),
    "json-texts-for-numbers": ("taken", feature('{"type":"Point","coordinates":["107","31"]}')),
    "json-numbers-for-lists": ("taken", feature('{"type":"Polygon","coordinates":5}')),
    "json-deep-collection": ("taken", feature('{"type":"GeometryCollection","geometries":[' * 400 + "]}" * 400)),
    "json-half-character": ("taken", feature("null", '{"TBBH":"\\ud83d"}')),
    "json-100,000-keys": ("too_many_columns", feature("null", json.dumps({f"k{i}": 1 for i in range(100_000)}))),
    "json-not-a-list": ("format_disguised", document(features={"a": 1})),
    "json-numbers-for-features": ("file_broken", document(features=[1, 2])),
    "json-pipeline": ("format_disguised", data("a.json", lambda t: json.dumps({"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline ! read {t.secret}"}))),
    "json-service": ("format_disguised", data("a.json", lambda t: json.dumps({"type": "FeatureService", "url": t.url}))),
    "json-crs-link": ("crs_not_readable", data("a.geojson", lambda t: json.dumps(json.loads(ONE) | {"crs": {"type": "link", "properties": {"href": t.url}}}))),
    "json-crs-name": ("crs_not_readable", data("a.geojson", lambda t: json.dumps(json.loads(ONE) | {"crs": {"type": "name", "properties": {"name": t.url}}}))),
    "json-is-vrt": ("format_disguised", data("a.geojson", lambda t: f"<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>{t.secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>")),
    "json-gbk": ("encoding_wrong", data("a.geojson", ONE.replace(b'"1"', '"桥梁房屋"'.encode("gbk")))),
    "json-200,000-vertices": ("taken", feature(circle(200_000))),
    "seq-a-line-cut": ("taken", data("a.geojsonl", f"{LINE}\n{LINE[:40]}\n")),
    "seq-all-cut": ("file_broken", data("a.geojsonl", f"{LINE[:40]}\n{LINE[:50]}\n")),
    "seq-deep": ("taken", data("a.geojsonl", f"{LINE}\n" + '{"a":' * 100_000)),
    "seq-marks-alone": ("file_broken", data("a.geojsonl", "\x1e" * 10_000)),
    "seq-other-things": ("format_disguised", data("a.ndjson", '{"type": "gdalg"}\n')),
    "topo-arc-not-there": ("file_broken", topology(objects={"a": {"type": "Polygon", "arcs": [[7]]}})),
    "topo-arc-a-million-times": ("file_broken", topology(objects={"a": {"type": "MultiPolygon", "arcs": [[[0] * 3_000_000] * 3]}})),
    "topo-deep": ("file_broken", data("a.topojson", '{"type":"Topology","arcs":[],"objects":{"a":' + '{"type":"GeometryCollection","geometries":[' * 40_000)),
    "topo-odd-transform": ("file_broken", topology(transform={"scale": "x", "translate": None})),
    "topo-nan": ("no_shapes", data("a.topojson", '{"type":"Topology","arcs":[[[NaN,1],[2,2],[3,NaN],[NaN,1]]],"objects":{"a":{"type":"Polygon","arcs":[[0]],"properties":{"TBBH":"1"}}}}')),
    "topo-no-objects": ("format_disguised", topology(objects=None)),
    "topo-odd-kind": ("file_broken", topology(objects={"a": {"type": "Teapot", "arcs": []}})),
}  # fmt: skip


def _only_types(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "a.xlsx", "w") as file:
        file.writestr("[Content_Types].xml", "<Types/>")
    return folder / "a.xlsx"


def _compound(stream: str) -> bytes:
    """As much of a compound file as names one stream in it."""
    name = stream.encode("utf-16-le")
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1_016) + name + bytes(1_024)
