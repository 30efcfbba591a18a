"""The same plots in every format, encoding and coordinate system, and what becomes of each.

``docs/incoming.md`` shows the outcome; ``scripts/incoming.py`` writes it there, a test holds it true.
"""

import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from georeview import sandbox
from georeview.ingest import ReadOptions, beside
from tests.files import geojson, projected, put, put_json, shapefile, squares, wkt
from tests.ingest.making import survey, typed_parquet, xlsx

HERE = squares(3)
NUMBERS = ["0012345678901234567", "A-2", "3"]
RARE = ["𬇙水河", "桥梁", "坑塘养殖(二)"]
COMMON = ["巴河", "橋樑", "房屋"]
SYSTEMS = (4490, 4326, 4545, 4524, 4544, 3857, 2381, 0)
"""EPSG codes; nought is EPSG:4545 with nothing that says so."""

OUTCOMES = "tests.ingest.many:outcomes"
NEAR = 1e-8
"""Degrees: a millimetre."""

Write = Callable[[Path, list[Any], list[str], int, str], Path]


@dataclass(frozen=True)
class Form:
    """One format.

    Attributes:
        write: Writes shapes and texts in a system and an encoding.
        encodings: Those it may be in.
        systems: Those it can say, or be given.
        given: Whether it never says its system, so that the user has to.
    """

    write: Write
    encodings: tuple[str, ...] = ("UTF-8",)
    systems: tuple[int, ...] = SYSTEMS
    given: bool = False


def _prj(epsg: int) -> bytes | None:
    return wkt(epsg) if epsg else None


def _shp(cpg: Mapping[str, bytes | None]) -> Write:
    def write(folder: Path, geoms: list[Any], texts: list[str], epsg: int, encoding: str) -> Path:
        name = encoding.split(maxsplit=1)[0]
        columns = [("TBBH", "C", 24, NUMBERS), ("BZ", "C", 60, texts)]
        mark = cpg[encoding]
        return put(folder, shapefile(geoms, columns, encoding=name, prj=_prj(epsg), cpg=mark))

    return write


def _gdal(name: str, driver: str) -> Write:
    def write(folder: Path, geoms: list[Any], texts: list[str], epsg: int, encoding: str) -> Path:
        from pyogrio.raw import write as write_file

        folder.mkdir(parents=True, exist_ok=True)
        options = {"encoding": encoding} if driver == "MapInfo File" else {}
        write_file(
            folder / name,
            np.asarray(shapely.to_wkb(np.array(geoms)), dtype=object),
            [np.array(NUMBERS, dtype=object), np.array(texts, dtype=object)],
            ["TBBH", "BZ"],
            driver=driver,
            crs=f"EPSG:{epsg}" if epsg else None,
            geometry_type="Polygon",
            **options,
        )
        return folder / name

    return write


def _parquet(encoding: str) -> Write:
    def write(folder: Path, geoms: list[Any], texts: list[str], epsg: int, _encoding: str) -> Path:
        import geopandas

        folder.mkdir(parents=True, exist_ok=True)
        columns = {"TBBH": NUMBERS, "BZ": texts}
        frame = geopandas.GeoDataFrame(columns, geometry=geoms, crs=epsg or None)
        frame.to_parquet(folder / "a.parquet", geometry_encoding=encoding)
        return folder / "a.parquet"

    return write


def _typed(folder: Path, geoms: list[Any], texts: list[str], epsg: int, _encoding: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    wkb = shapely.to_wkb(np.array(geoms)).tolist()
    columns = {"TBBH": NUMBERS, "BZ": texts}
    return typed_parquet(folder / "a.parquet", columns, wkb, f"EPSG:{epsg}")


def _features(geoms: list[Any], texts: list[str], **more: Any) -> dict[str, Any]:
    rows = [{"TBBH": n, "BZ": t} for n, t in zip(NUMBERS, texts, strict=True)]
    return geojson(geoms, rows, **more)


def _geojson(folder: Path, geoms: list[Any], texts: list[str], epsg: int, _encoding: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    named = {"crs": {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{epsg}"}}}
    return put_json(folder / "a.geojson", _features(geoms, texts, **(named if epsg else {})))


def _lines(folder: Path, geoms: list[Any], texts: list[str], _epsg: int, _encoding: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(f, ensure_ascii=False) for f in _features(geoms, texts)["features"])
    (folder / "a.geojsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder / "a.geojsonl"


def _topology(folder: Path, geoms: list[Any], texts: list[str], _epsg: int, _encoding: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    inner = [
        {"type": "Polygon", "arcs": [[i]], "properties": {"TBBH": n, "BZ": t}}
        for i, (n, t) in enumerate(zip(NUMBERS, texts, strict=True))
    ]
    arcs = [list(map(list, geom.exterior.coords)) for geom in geoms]
    objects = {"图斑": {"type": "GeometryCollection", "geometries": inner}}
    return put_json(folder / "a.topojson", {"type": "Topology", "arcs": arcs, "objects": objects})


def _kml_text(geoms: list[Any], texts: list[str], encoding: str) -> bytes:
    marks = "".join(
        f'<Placemark><ExtendedData><Data name="TBBH"><value>{n}</value></Data><Data name="BZ">'
        f"<value>{t}</value></Data></ExtendedData><Polygon><outerBoundaryIs><LinearRing>"
        f"<coordinates>{' '.join(f'{x!r},{y!r}' for x, y in geom.exterior.coords)}</coordinates>"
        "</LinearRing></outerBoundaryIs></Polygon></Placemark>"
        for geom, n, t in zip(geoms, NUMBERS, texts, strict=True)
    )
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    return f'{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{marks}</Document></kml>'.encode(encoding)  # fmt: skip


def _kml(folder: Path, geoms: list[Any], texts: list[str], _epsg: int, encoding: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.kml").write_bytes(_kml_text(geoms, texts, encoding))
    return folder / "a.kml"


def _kmz(folder: Path, geoms: list[Any], texts: list[str], _epsg: int, encoding: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / "a.kmz", "w") as file:
        file.writestr("doc.kml", _kml_text(geoms, texts, encoding))
    return folder / "a.kmz"


def _gpx(folder: Path, geoms: list[Any], texts: list[str], _epsg: int, encoding: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    tracks = "".join(
        f"<trk><extensions><TBBH>{n}</TBBH><BZ>{t}</BZ></extensions><trkseg>"
        + "".join(f'<trkpt lon="{x!r}" lat="{y!r}"/>' for x, y in geom.exterior.coords)
        + "</trkseg></trk>"
        for geom, n, t in zip(geoms, NUMBERS, texts, strict=True)
    )
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    text = f'{head}<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">{tracks}</gpx>'
    (folder / "a.gpx").write_bytes(text.encode(encoding))
    return folder / "a.gpx"


def _dxf(folder: Path, geoms: list[Any], texts: list[str], _epsg: int, encoding: str) -> Path:
    """Closed outlines, each with its number as a text inside and the note as its layer."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = [
        "0\nSECTION\n2\nHEADER\n9\n$DWGCODEPAGE\n3\nANSI_936\n0\nENDSEC\n0\nSECTION\n2\nENTITIES\n"
    ]
    for i, (geom, n, t) in enumerate(zip(geoms, NUMBERS, texts, strict=True)):
        corners = list(geom.exterior.coords)[:-1]
        points = "".join(f"10\n{x!r}\n20\n{y!r}\n" for x, y in corners)
        inside = geom.representative_point()
        parts.append(
            f"0\nLWPOLYLINE\n5\n{2 * i + 10:X}\n100\nAcDbEntity\n8\n{t}\n100\nAcDbPolyline\n90\n"
            f"{len(corners)}\n70\n1\n{points}0\nTEXT\n5\n{2 * i + 11:X}\n100\nAcDbEntity\n8\n{t}\n"
            f"100\nAcDbText\n10\n{inside.x!r}\n20\n{inside.y!r}\n40\n1\n1\n{n}\n100\nAcDbText\n"
        )
    (folder / "a.dxf").write_bytes("".join([*parts, "0\nENDSEC\n0\nEOF\n"]).encode(encoding))
    return folder / "a.dxf"


def _dxf_blocks(folder: Path, geoms: list[Any], texts: list[str], epsg: int, encoding: str) -> Path:
    """The same drawing as a block that is inserted at its origin."""
    path = _dxf(folder, geoms, texts, epsg, encoding)
    head, body = path.read_bytes().decode(encoding).split("2\nENTITIES\n")
    inner, tail = body.split("0\nENDSEC\n")
    block = f"2\nBLOCKS\n0\nBLOCK\n8\n0\n2\nb\n70\n0\n10\n0\n20\n0\n3\nb\n{inner}0\nENDBLK\n8\n0\n0\nENDSEC\n"
    insert = (
        "0\nINSERT\n5\nFF\n100\nAcDbEntity\n8\n0\n100\nAcDbBlockReference\n2\nb\n10\n0\n20\n0\n"
    )
    whole = f"{head}{block}0\nSECTION\n2\nENTITIES\n{insert}0\nENDSEC\n{tail}"
    path.write_bytes(whole.encode(encoding))
    return path


def _csv(folder: Path, geoms: list[Any], texts: list[str], _epsg: int, encoding: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    rows = [f'{n},{t},"{g.wkt}"' for n, t, g in zip(NUMBERS, texts, geoms, strict=True)]
    text = "\r\n".join(["TBBH,BZ,几何", *rows])
    (folder / "a.csv").write_bytes(text.encode("utf-8-sig" if "BOM" in encoding else encoding))
    return folder / "a.csv"


def _xlsx(folder: Path, geoms: list[Any], texts: list[str], _epsg: int, _encoding: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    rows = [[n, t, g.wkt] for n, t, g in zip(NUMBERS, texts, geoms, strict=True)]
    return xlsx(folder / "a.xlsx", {"图斑": [["TBBH", "BZ", "WKT"], *rows]})


def _survey(folder: Path, geoms: list[Any], texts: list[str], epsg: int, encoding: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    called = {2381: "80国家大地坐标系", 0: ""}.get(epsg, "2000国家大地坐标系")
    zone = {4544: "35"}.get(epsg, "36")
    plots = [(n, [list(g.exterior.coords)]) for n, g in zip(NUMBERS, geoms, strict=True)]
    text = survey(plots, 坐标系=called, 带号=zone)
    for number, note in zip(NUMBERS, texts, strict=True):
        text = text.replace(f"地块{number},面,H48,桥梁", f"地块{number},面,H48,{note}")
    (folder / "a.txt").write_bytes(text.encode(encoding))
    return folder / "a.txt"


GB, DEGREES = "GB18030", (4490, 4326)
_CPG = {"UTF-8 .cpg": b"UTF-8", "UTF-8": None, "GB18030 .cpg": b"GB18030", "GB18030": None, "GB18030 .cpg=GBK": b"GBK", "GB18030 .cpg=UTF-8": b"UTF-8"}  # fmt: skip

FORMS: Mapping[str, Form] = {
    "Shapefile": Form(_shp(_CPG), tuple(_CPG)),
    "GeoPackage": Form(_gdal("a.gpkg", "GPKG")),
    "FileGDB": Form(_gdal("a.gdb", "OpenFileGDB")),
    "SpatiaLite/SQLite": Form(_gdal("a.sqlite", "SQLite")),
    "GeoJSON": Form(_geojson),
    "GeoJSONSeq": Form(_lines, systems=DEGREES),
    "TopoJSON": Form(_topology, systems=DEGREES),
    "GeoParquet": Form(_parquet("WKB")),
    "GeoParquet (GeoArrow)": Form(_parquet("geoarrow")),
    "Parquet (GEOMETRY)": Form(_typed, systems=SYSTEMS[:-1]),
    "FlatGeobuf": Form(_gdal("a.fgb", "FlatGeobuf")),
    "KML": Form(_kml, ("UTF-8", GB), DEGREES),
    "KMZ": Form(_kmz, ("UTF-8",), DEGREES),
    "GML": Form(_gdal("a.gml", "GML")),
    "GPX (tracks)": Form(_gpx, ("UTF-8", GB), DEGREES),
    "MapInfo TAB": Form(_gdal("a.tab", "MapInfo File"), ("UTF-8", "CP936")),
    "MapInfo MIF": Form(_gdal("a.mif", "MapInfo File"), ("UTF-8", "CP936")),
    "DXF": Form(_dxf, ("UTF-8", GB), given=True),
    "DXF (blocks)": Form(_dxf_blocks, ("UTF-8", GB), given=True),
    "CSV (WKT)": Form(_csv, ("UTF-8", "UTF-8 BOM", GB, "UTF-16"), given=True),
    "XLSX (WKT)": Form(_xlsx, given=True),
    "国土 TXT": Form(_survey, ("UTF-8", GB), (4490, 4545, 4524, 4544, 2381, 0)),
}


@dataclass(frozen=True)
class Tried:
    """One file: its format, encoding and system, and what is said about it."""

    form: str
    encoding: str
    epsg: int
    path: Path
    options: ReadOptions


def files(folder: Path) -> Iterator[Tried]:
    """Every file there is to try."""
    for name, form in FORMS.items():
        for encoding in form.encodings:
            for epsg in form.systems:
                # The shift to the old datum is unknown, so the numbers of its twin will do.
                geoms = projected(HERE, 4545 if epsg in (0, 2381) else epsg)
                here = folder / f"{len(name)}{name[:3]}-{encoding}-{epsg}".replace("/", "-")
                texts = COMMON if encoding == "CP936" else RARE
                path = form.write(here, geoms, texts, epsg, encoding)
                crs = f"EPSG:{epsg}" if form.given and epsg else None
                mapping = {"source_id": "标注", "note_issued": "Layer"} if "DXF" in name else None
                yield Tried(name, encoding, epsg, path, ReadOptions(crs=crs, mapping=mapping))


def tried(folder: Path) -> dict[str, dict[tuple[str, int], str]]:
    """Format → encoding and system → outcome: ``taken``, or why not."""
    made = list(files(folder))
    sets = tuple(beside(one.path) for one in made)
    found = sandbox.run(OUTCOMES, sets, tuple(one.options for one in made), None)
    outcomes: dict[str, dict[tuple[str, int], str]] = {}
    for one, outcome in zip(made, found, strict=True):
        outcomes.setdefault(one.form, {})[one.encoding, one.epsg] = _judged(one, outcome)
    return outcomes


def _judged(one: Tried, outcome: Mapping[str, Any]) -> str:
    """Taken is what has every number, text and vertex; anything less is said."""
    if outcome["code"] != "taken":
        return str(outcome["code"])
    texts = COMMON if one.encoding == "CP936" else RARE
    expected = dict(zip(NUMBERS, zip(texts, HERE, strict=True), strict=True))
    if {plot[0] for plot in outcome["plots"]} != set(expected):
        return "rows differ"
    off = 0.0
    for number, shape, fields, extra, _ in outcome["plots"]:
        text, geom = expected[number]
        if text not in (*fields.values(), *extra.values()):
            return "texts differ"
        off = max(off, float(shapely.hausdorff_distance(shapely.from_wkb(shape), geom)))
    return "taken" if off <= NEAR else "taken_to_2_cm" if off <= 20 * NEAR else "shapes differ"
