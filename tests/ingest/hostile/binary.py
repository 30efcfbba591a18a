"""Shapefiles, databases, FlatGeobuf, Parquet, MapInfo and drawings."""

import json
import sqlite3
import struct
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from tests.files import ids, put, shapefile, table
from tests.ingest.hostile.base import HERE, Family, Make, Trap, changed, cut, data

TBBH = ["1", "2"]


# Shapefiles --------------------------------------------------------------------------------------


def shp(**parts: bytes | Callable[[bytes], bytes] | None) -> Make:
    """A good shapefile with parts exchanged, changed, or taken away."""

    def make(folder: Path, trap: Trap) -> Path:
        found = shapefile(HERE)
        for name, part in parts.items():
            suffix = f".{name}"
            if part is None:
                found.pop(suffix)
            else:
                found[suffix] = part(found[suffix]) if callable(part) else part
        return put(folder, found)

    return make


def at(place: int, new: bytes) -> Callable[[bytes], bytes]:
    return lambda content: content[:place] + new + content[place + len(new) :]


FIELD = struct.pack("<11sc4xBB14x", b"A", b"C", 10, 0)
MANY_FIELDS = struct.pack("<4B I H H 20x", 3, 123, 4, 10, 2, 65_535, 20_471) + FIELD * 2_047

SHAPEFILES: Family = {
    "shp-good": ("taken", shp()),
    "shp-lying-length": ("part_cut", shp(shp=at(24, struct.pack(">i", 2**30)))),
    "shp-negative-length": ("taken", shp(shp=at(24, struct.pack(">i", -5)))),
    "shp-million-points": ("taken", shp(shp=at(148, struct.pack("<i", 2**30)))),
    "shp-million-parts": ("taken", shp(shp=at(144, struct.pack("<i", 2**31 - 1)))),
    "shp-negative-record": ("file_broken", shp(shp=at(104, struct.pack(">i", -1)), shx=None)),
    "shp-nan": ("taken", shp(shp=at(156, struct.pack("<d", float("nan"))))),
    "shp-odd-kind": ("file_broken", shp(shp=at(108, struct.pack("<i", 77)))),
    "shp-cut": ("part_cut", shp(shp=lambda d: d[:-60])),
    "shp-cut-header": ("part_cut", shp(shp=lambda d: d[:50])),
    "shp-is-vrt": ("format_disguised", shp(shp=b"<OGRVRTDataSource/>")),
    "shp-index-noise": ("taken", shp(shx=b"\xff" * 500)),
    "shp-index-far": ("taken", shp(shx=at(100, struct.pack(">i", 2**30)))),
    "shp-no-table": ("part_missing", shp(dbf=None)),
    "dbf-four-thousand-million-rows": ("part_cut", shp(dbf=at(4, struct.pack("<I", 2**32 - 1)))),
    "dbf-too-few-rows": ("taken", shp(dbf=table([ids("1")], "gbk"))),
    "dbf-2,047-fields": ("part_cut", shp(dbf=MANY_FIELDS)),
    "dbf-no-fields": ("file_broken", shp(dbf=b"\x03" + bytes(60))),
    "dbf-record-of-nothing": ("file_broken", shp(dbf=at(10, b"\x00\x00"))),
    "dbf-cut": ("part_cut", shp(dbf=lambda d: d[:-20])),
    "dbf-noise": ("file_broken", shp(dbf=b"\xff" * 40)),
    "prj-link": ("crs_not_readable", shp(prj=b"http://127.0.0.1/4490")),
    "prj-long": ("crs_not_readable", shp(prj=b"GEOGCS[" + b"x" * 20_000)),
    "prj-deep": ("crs_not_readable", shp(prj=b"GEOGCS[" * 1_000)),
    "prj-file": ("crs_not_readable", shp(prj=b"/etc/passwd")),
    "cpg-noise": ("taken", shp(cpg=b"\xff" * 5_000)),
}  # fmt: skip


# Databases ---------------------------------------------------------------------------------------


def written(name: str, driver: str, **options: Any) -> Make:
    """A good file by GDAL."""

    def make(folder: Path, trap: Trap) -> Path:
        from pyogrio.raw import write

        wkb = np.asarray(shapely.to_wkb(np.array(HERE)), dtype=object)
        columns = [np.array(TBBH, dtype=object)]
        write(
            folder / name,
            wkb,
            columns,
            ["TBBH"],
            driver=driver,
            crs="EPSG:4490",
            geometry_type="Polygon",
            **options,
        )
        return folder / name

    return make


def queried(*statements: str) -> Make:
    """A GeoPackage with a table changed by hand."""

    def make(folder: Path, trap: Trap) -> Path:
        path = written("a.gpkg", "GPKG", layer="plots")(folder, trap)
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("PRAGMA trusted_schema = ON")
            for (trigger,) in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall():
                database.execute(f'DROP TRIGGER "{trigger}"')
            for statement in statements:
                database.execute(statement.format(secret=trap.secret, url=trap.url))
        return path

    return make


ENDLESS = (
    "CREATE VIEW endless AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c)"
    " SELECT x AS fid, x AS TBBH, NULL AS geom FROM c"
)
REGISTER = "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('{}', 'attributes', '{}')"


def in_geodatabase(change: Callable[[Path, Trap], object]) -> Make:
    def make(folder: Path, trap: Trap) -> Path:
        path = written("a.gdb", "OpenFileGDB", layer="plots")(folder, trap)
        change(path, trap)
        return path

    return make


def last_table(folder: Path) -> Path:
    """The table of the plots."""
    return max(folder.glob("*.gdbtable"))


def all_cut(folder: Path, trap: Trap) -> None:
    for path in folder.glob("*.gdbtable"):
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def rewrite(path: Path, place: int, new: bytes) -> None:
    path.write_bytes(at(place, new)(path.read_bytes()))


GPKG, SQLITE, FGB = (
    written("a.gpkg", "GPKG"),
    written("a.sqlite", "SQLite"),
    written("a.fgb", "FlatGeobuf"),
)

DATABASES: Family = {
    "gpkg-cut-start": ("file_broken", cut(GPKG, 0.02)),
    "gpkg-cut-middle": ("file_broken", cut(GPKG, 0.5)),
    "gpkg-cut-end": ("file_broken", cut(GPKG, 0.95)),
    "gpkg-noise": ("file_broken", changed(GPKG, lambda d: d[:100] + b"\xff" * (len(d) - 100))),
    "gpkg-name-alone": ("file_broken", data("a.gpkg", b"SQLite format 3\x00" + bytes(2_000))),
    "gpkg-endless-beside": ("taken", queried(ENDLESS, REGISTER.format("endless", "e"))),
    "gpkg-lying-shape": ("taken", queried("UPDATE plots SET geom = x'47500001000000000103000000FFFFFFFFFFFFFFFF' WHERE fid = 2")),
    "gpkg-shape-is-text": ("taken", queried("UPDATE plots SET geom = 'POLYGON' WHERE fid = 2")),
    "gpkg-number-of-text": ("taken", queried("UPDATE plots SET TBBH = x'FFFEFF' WHERE fid = 2")),
    "gpkg-no-layers": ("file_broken", queried("DELETE FROM gpkg_contents", "DELETE FROM gpkg_geometry_columns", "DROP TABLE plots")),
    "gpkg-view-of-nothing": ("file_broken", queried("CREATE VIEW v AS SELECT * FROM not_there", REGISTER.format("v", "v"))),
    "gpkg-extension": ("file_broken", queried("CREATE VIEW v AS SELECT load_extension('{secret}') AS fid", REGISTER.format("v", "v"))),
    "gpkg-reads-file": ("file_broken", queried("CREATE VIEW v AS SELECT readfile('{secret}') AS fid", REGISTER.format("v", "v"))),
    "gpkg-link-in-srs": ("taken", queried("UPDATE gpkg_spatial_ref_sys SET definition = '{url}', organization = '{url}' WHERE srs_id = 4326")),
    "gpkg-is-zip": ("format_disguised", data("a.gpkg", b"PK\x03\x04" + bytes(100))),
    "sqlite-good": ("taken", SQLITE),
    "sqlite-cut": ("file_broken", cut(SQLITE, 0.5)),
    "sqlite-is-text": ("format_disguised", data("a.sqlite", "CREATE TABLE a (b)")),
    "gdb-good": ("taken", in_geodatabase(lambda p, t: None)),
    "gdb-no-catalogue": ("part_missing", in_geodatabase(lambda p, t: (p / "a00000001.gdbtable").unlink())),
    "gdb-all-cut": ("file_broken", in_geodatabase(all_cut)),
    "gdb-noise": ("file_broken", in_geodatabase(lambda p, t: rewrite(last_table(p), 40, b"\xff" * 400))),
    "gdb-many-rows": ("taken", in_geodatabase(lambda p, t: rewrite(last_table(p), 4, b"\xff\xff\xff\x7f"))),
    "gdb-no-index": ("part_missing", in_geodatabase(lambda p, t: last_table(p).with_suffix(".gdbtablx").unlink())),
    "gdb-disguised": ("format_disguised", in_geodatabase(lambda p, t: (p / "a00000001.gdbtable").write_text("<OGRVRTDataSource/>"))),
    "fgb-good": ("taken", FGB),
    "fgb-long-header": ("file_broken", changed(FGB, at(8, struct.pack("<I", 2**31 - 1)))),
    "fgb-no-header": ("file_broken", changed(FGB, at(8, struct.pack("<I", 0)))),
    "fgb-noise-in-header": ("file_broken", changed(FGB, at(12, b"\xff" * 60))),
    "fgb-noise-in-index": ("taken", changed(FGB, lambda d: d[: len(d) // 2] + b"\xff" * 40 + d[len(d) // 2 + 40 :])),
    "fgb-cut-header": ("file_broken", changed(FGB, lambda d: d[:30])),
    "fgb-cut-middle": ("file_broken", cut(FGB, 0.6)),
    "fgb-cut-end": ("file_broken", cut(FGB, 0.95)),
    "fgb-other": ("format_disguised", data("a.fgb", "{}")),
}  # fmt: skip


# Parquet -----------------------------------------------------------------------------------------


def parquet(
    about: Any = None, *, rows: int = 2, wkb: list[bytes] | None = None, **columns: Any
) -> Make:
    """A GeoParquet file with a description of its own."""

    def make(folder: Path, trap: Trap) -> Path:
        import pyarrow as pa
        from pyarrow.parquet import write_table

        shapes = wkb or shapely.to_wkb(np.array(HERE)).tolist()
        found = pa.table({"TBBH": TBBH[:rows], "geometry": shapes[:rows], **columns})
        told = about(trap) if callable(about) else about if about is not None else described()
        text = told if isinstance(told, str) else json.dumps(told)
        write_table(found.replace_schema_metadata({"geo": text}), folder / "a.parquet")
        return folder / "a.parquet"

    return make


def described(**more: Any) -> dict[str, Any]:
    column = {"encoding": "WKB", "geometry_types": [], **more}
    return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}


def native(rings: list[Any]) -> Make:
    """GeoParquet whose shapes are lists of coordinates: a good one, then these."""
    good = [[list(map(list, HERE[0].exterior.coords))]]

    def make(folder: Path, trap: Trap) -> Path:
        import pyarrow as pa
        from pyarrow.parquet import write_table

        stored = pa.list_(pa.list_(pa.list_(pa.float64(), 2)))
        shapes = pa.array([*good, *rings], stored)
        found = pa.table({"TBBH": [str(i) for i in range(len(shapes))], "geometry": shapes})
        text = json.dumps(described(encoding="polygon"))
        write_table(found.replace_schema_metadata({"geo": text}), folder / "a.parquet")
        return folder / "a.parquet"

    return make


def endless(folder: Path, trap: Trap) -> Path:
    """A hundred million equal rows in a few kilobytes."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    schema = pa.schema({"TBBH": pa.string(), "geometry": pa.binary()}).with_metadata(
        {"geo": json.dumps(described())}
    )
    indices = pa.array(np.zeros(2_000_000, dtype=np.int32))
    columns = [
        pa.DictionaryArray.from_arrays(indices, pa.array([value])) for value in ("1", HERE[0].wkb)
    ]
    part = pa.table(
        [column.cast(kind) for column, kind in zip(columns, schema.types, strict=True)],
        schema=schema,
    )
    with ParquetWriter(folder / "a.parquet", schema) as file:
        for _ in range(3):
            file.write_table(part)
    return folder / "a.parquet"


PARQUET: Family = {
    "parquet-good": ("taken", parquet()),
    "parquet-cut": ("file_broken", cut(parquet(), 0.7)),
    "parquet-name-alone": ("file_broken", data("a.parquet", b"PAR1" + bytes(100) + b"PAR1")),
    "parquet-long-footer": ("file_broken", changed(parquet(), lambda d: d[:-8] + struct.pack("<I", 2**31 - 1) + b"PAR1")),
    "parquet-noise-in-footer": ("file_broken", changed(parquet(), lambda d: d[:-60] + b"\xff" * 50 + d[-10:])),
    "parquet-noise-in-pages": ("file_broken", changed(parquet(), lambda d: d[:8] + b"\xff" * 120 + d[128:])),
    "parquet-six-million-rows": ("too_many_rows", endless),
    "parquet-no-description": ("no_shapes", parquet({})),
    "parquet-description-is-noise": ("file_broken", parquet("{" * 10)),
    "parquet-description-is-deep": ("file_broken", parquet("[" * 100_000)),
    "parquet-description-lies": ("no_shapes", parquet({"primary_column": "x", "columns": {"x": {"encoding": "WKB"}}})),
    "parquet-columns-are-a-list": ("no_shapes", parquet({"primary_column": "geometry", "columns": [1]})),
    "parquet-other-encoding": ("geometry_encoding", parquet(described(encoding="polygon"))),
    "parquet-encoding-is-noise": ("geometry_encoding", parquet(described(encoding="\ud800" * 99))),
    "parquet-native-nan": ("taken", native([[[[float("nan")] * 2] * 4]])),
    "parquet-native-one-point": ("taken", native([[[[107.1, 31.5]]], []])),
    "parquet-native-long": ("taken", native([[[[107.1, 31.5]] * 1_000_000]])),
    "parquet-system-is-a-link": ("crs_not_readable", parquet(lambda t: described(crs=t.url))),
    "parquet-system-is-noise": ("crs_not_readable", parquet(described(crs={"type": "x", "a": [1]}))),
    "parquet-shapes-lie": ("taken", parquet(wkb=[HERE[0].wkb, b"\x01\x03\x00\x00\x00\xff\xff\xff\xff" * 3])),
    "parquet-shapes-are-empty": ("no_shapes", parquet(wkb=[b"", b""])),
    "parquet-is-json": ("format_disguised", data("a.parquet", "{}")),
}  # fmt: skip


# MapInfo -----------------------------------------------------------------------------------------

MIF = """Version 300
Charset "WindowsSimpChinese"
Delimiter ","
CoordSys Earth Projection 1, 104
Columns 1
  TBBH Char(20)
Data

Region 1
  4
107.1 31.56
107.1004 31.56
107.1004 31.5604
107.1 31.56
"""


def mif(text: str = MIF, mid: str | None = '"1"\n') -> Make:
    def make(folder: Path, trap: Trap) -> Path:
        if mid is not None:
            (folder / "a.mid").write_text(mid, encoding="gbk")
        return data("a.mif", text.encode("gbk"))(folder, trap)

    return make


def tab(text: str, **parts: bytes) -> Make:
    """A good table whose description is another."""

    def make(folder: Path, trap: Trap) -> Path:
        written("a.tab", "MapInfo File")(folder, trap)
        for suffix, content in parts.items():
            (folder / f"a.{suffix}").write_bytes(content)
        if text:
            (folder / "a.tab").write_text(text.format(secret=trap.secret, url=trap.url))
        return folder / "a.tab"

    return make


MAPINFO: Family = {
    "mif-good": ("taken", mif()),
    "mif-no-mid": ("part_missing", mif(mid=None)),
    "mif-many-points": ("file_broken", mif(MIF.replace("  4\n", "  2000000000\n"))),
    "mif-many-regions": ("file_broken", mif(MIF.replace("Region 1", "Region 2000000000"))),
    "mif-many-columns": ("file_broken", mif(MIF.replace("Columns 1", "Columns 100000"))),
    "mif-cut": ("file_broken", mif(MIF[:-30])),
    "mif-cut-header": ("file_broken", mif(MIF[:60])),
    "mif-nan": ("taken", mif(MIF + MIF.partition("Data\n")[2].replace("107.1 ", "nan "), '"1"\n"2"\n')),
    "mif-is-vrt": ("format_disguised", mif("<OGRVRTDataSource/>")),
    "tab-good": ("taken", tab("")),
    "tab-is-a-picture": ("format_disguised", tab('!table\nDefinition Table\n  File "{secret}"\n  Type "RASTER"\n')),
    "tab-is-a-link": ("format_disguised", tab("!table\nDefinition Table\n  Type LINKED\n{url}\n")),
    "tab-opens-others": ("format_disguised", tab('!table\nDefinition Table\n  Type NATIVE\n  Fields 1\n a Char (9);\nbegin_metadata\nopen table "{secret}"\n')),
    "tab-map-noise": ("file_broken", tab("", map=b"\xff" * 3_000)),
    "tab-map-nothing": ("file_broken", tab("", map=b"")),
    "tab-dat-noise": ("file_broken", tab("", dat=b"\xff" * 300)),
    "tab-many-fields": ("file_broken", tab("!table\n!version 300\n!charset Neutral\n\nDefinition Table\n  Type NATIVE Charset \"Neutral\"\n  Fields 2000000000\n    TBBH Char (254) ;\n")),
}  # fmt: skip


# Drawings ----------------------------------------------------------------------------------------


def dxf(entities: str, blocks: str = "", head: str = "") -> str:
    head = f"0\nSECTION\n2\nHEADER\n{head}0\nENDSEC\n"
    inner = f"0\nSECTION\n2\nBLOCKS\n{blocks}0\nENDSEC\n" if blocks else ""
    return f"{head}{inner}0\nSECTION\n2\nENTITIES\n{entities}0\nENDSEC\n0\nEOF\n"


def outline(points: str = "", count: int = 4, handle: str = "1A") -> str:
    x, y = 36_414_580, 3_493_400
    corners = points or "".join(
        f"10\n{x + dx}\n20\n{y + dy}\n" for dx, dy in ((0, 0), (40, 0), (40, 40), (0, 40))
    )
    return f"0\nLWPOLYLINE\n5\n{handle}\n100\nAcDbEntity\n8\n0\n100\nAcDbPolyline\n90\n{count}\n70\n1\n{corners}"


def block(name: str, inner: str) -> str:
    return f"0\nBLOCK\n8\n0\n2\n{name}\n70\n0\n10\n0\n20\n0\n3\n{name}\n{inner}0\nENDBLK\n8\n0\n"


def insert(name: str, handle: str = "2B") -> str:
    return f"0\nINSERT\n5\n{handle}\n100\nAcDbEntity\n8\n0\n100\nAcDbBlockReference\n2\n{name}\n10\n0\n20\n0\n"


NESTED = block("b0", outline()) + "".join(
    block(f"b{i}", insert(f"b{i - 1}") * 10) for i in range(1, 12)
)
XREF = "0\nBLOCK\n8\n0\n2\nx\n70\n4\n10\n0\n20\n0\n3\nx\n1\n{secret}\n0\nENDBLK\n8\n0\n"

DRAWINGS: Family = {
    "dxf-good": ("taken", data("a.dxf", dxf(outline()))),
    "dxf-binary": ("format_disguised", data("a.dxf", b"AutoCAD Binary DXF\r\n\x1a\x00" + bytes(100))),
    "dxf-cut": ("file_broken", data("a.dxf", dxf(outline())[:-40])),
    "dxf-cut-early": ("file_broken", data("a.dxf", dxf(outline())[:40])),
    "dxf-nothing-in-it": ("no_rows", data("a.dxf", dxf(""))),
    "dxf-many-points": ("taken", data("a.dxf", dxf(outline(count=2_000_000_000)))),
    "dxf-nan": ("taken", data("a.dxf", dxf(outline() + outline("10\nnan\n20\nnan\n" * 4, handle="1B")))),
    "dxf-blocks-in-themselves": ("taken", data("a.dxf", dxf(outline() + insert("a"), block("a", insert("a"))))),
    "dxf-blocks-by-ten": ("taken", data("a.dxf", dxf(outline() + insert("b11"), NESTED))),
    "dxf-other-drawing": ("taken", data("a.dxf", lambda t: dxf(outline() + insert("x"), XREF.format(secret=t.secret)))),
    "dxf-strange-code-page": ("taken", data("a.dxf", dxf(outline(), head="9\n$DWGCODEPAGE\n3\nANSI_99999\n"))),
    "dxf-is-vrt": ("format_disguised", data("a.dxf", "<OGRVRTDataSource/>")),
}  # fmt: skip
