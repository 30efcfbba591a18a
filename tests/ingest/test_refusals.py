"""Bad files: each is refused in one sentence, in both languages, and leaves nothing behind."""

import json
import struct
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from georeview import texts
from georeview.core.access import EVERYTHING
from georeview.errors import BadValue, GeoreviewError
from georeview.errors.coordinates import (
    AxesSwapped,
    CrsIsDegrees,
    CrsIsMetres,
    CrsMissing,
    CrsNotReadable,
    CrsOldDatum,
    CrsWrongZone,
    OutsideArea,
    ZonePrefixExtra,
    ZonePrefixMissing,
)
from georeview.errors.files import (
    ArchiveEncrypted,
    ArchiveHasLinks,
    ArchiveTooLarge,
    ColumnMissing,
    ColumnsUnclear,
    EncodingNotKnown,
    EncodingUnclear,
    EncodingWrong,
    FileBroken,
    FileEmpty,
    FileTooHeavy,
    FileTooSlow,
    FormatDisguised,
    HeaderUnclear,
    LayerUnclear,
    NoRows,
    NoShapes,
    NumberMissing,
    PartCut,
    PartMissing,
    RarNotRead,
    UnknownFormat,
)
from georeview.services import Services
from georeview.services.imports import ImportService
from georeview.services.wording import readable
from georeview.settings import Settings
from tests.files import (
    a_home,
    execute,
    geojson,
    geopackage,
    ids,
    leftovers,
    load,
    own_temp,
    projected,
    put,
    put_json,
    shapefile,
    squares,
    table,
    wkt,
    zipped,
)

Make = Callable[[Path], Path]
HERE = squares(2)


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    own_temp(tmp_path / "temp", monkeypatch)
    with a_home(tmp_path) as services:
        yield services


def refused(
    services: Services, path: Path, kind: type[GeoreviewError], **options: object
) -> dict[str, object]:
    """The facts of the refusal, after looking that nothing is left and the sentence is whole."""
    with pytest.raises(kind) as caught:
        load(services, path, **options)
    assert type(caught.value) is kind
    for lang in texts.LANGS:
        for part in ("say", "hint"):
            sentence = texts.say(
                f"error.{kind.code}.{part}", lang, **readable(caught.value.facts, lang)
            )
            assert sentence
            assert str(path.parent) not in sentence
    assert services.store.plots.batches(EVERYTHING) == []
    assert services.store.ledger.head().seq == 0
    assert leftovers(services.files.cache().parent) == []
    assert list(Path(tempfile.gettempdir()).iterdir()) == []
    return caught.value.facts


def loose(**changes: bytes | None) -> Make:
    """A good shapefile with parts exchanged or taken away."""

    def make(folder: Path) -> Path:
        parts = {**shapefile(HERE), **{f".{k}": v for k, v in changes.items()}}
        return put(folder / "in", {k: v for k, v in parts.items() if v is not None})

    return make


def named(name: str, data: bytes) -> Make:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return make


def as_json(name: str, document: object, encoding: str = "utf-8") -> Make:
    return lambda folder: put_json(folder / name, document, encoding)


def in_system(epsg: int, prj: bytes | None, *, swapped: bool = False) -> Make:
    geoms = projected(HERE, epsg)
    if swapped:
        geoms = list(shapely.transform(np.array(geoms), lambda xy: xy[:, ::-1]))
    return lambda folder: put(folder / "in", shapefile(geoms, prj=prj))


def columns(*given: tuple[str | bytes, str, int, list[str | bytes]], encoding: str) -> Make:
    return lambda folder: put(folder / "in", shapefile(HERE, given, encoding=encoding))


DBF = shapefile(HERE)[".dbf"]
SHP = shapefile(HERE)[".shp"]
ROWS = [{"TBBH": "1"}, {"TBBH": "2"}]


@pytest.mark.parametrize(
    ("make", "kind", "facts"),
    [
        # parts
        (loose(dbf=None), PartMissing, {"part": ".dbf"}),
        (loose(prj=None), CrsMissing, {"candidates": "EPSG:4490 (China Geodetic Coordinate System 2000)"}),
        (loose(dbf=DBF[: len(DBF) * 2 // 3]), PartCut, {"part": ".dbf"}),
        (loose(dbf=DBF[:20]), FileBroken, {}),
        (loose(dbf=b"\x03" + bytes(60)), FileBroken, {}),
        (loose(shp=SHP[: len(SHP) - 50]), PartCut, {"part": ".shp"}),
        (loose(shp=b""), FileEmpty, {"file": "plots.shp"}),
        (loose(prj=b"EPSG http://127.0.0.1/"), CrsNotReadable, {}),
        (loose(prj=b"GEOGCS[" + b"x" * 9_000), CrsNotReadable, {}),
        # coordinate systems
        (in_system(4545, None), CrsMissing, {"candidates": "EPSG:4545 (CGCS2000 / 3-degree Gauss-Kruger CM 108E)"}),
        (in_system(4544, None), CrsMissing, {}),
        (in_system(4545, wkt(2381)), CrsOldDatum, {}),
        (in_system(4545, wkt(2433)), CrsOldDatum, {}),
        (in_system(4490, wkt(3857)), CrsIsDegrees, {"candidates": "EPSG:4490 (China Geodetic Coordinate System 2000)"}),
        (in_system(4545, wkt(4524)), ZonePrefixMissing, {"candidates": "EPSG:4545 (CGCS2000 / 3-degree Gauss-Kruger CM 108E)"}),
        (in_system(4524, wkt(4545)), ZonePrefixExtra, {"candidates": "EPSG:4524 (CGCS2000 / 3-degree Gauss-Kruger zone 36)"}),
        (in_system(4545, wkt(4523)), CrsWrongZone, {}),
        (in_system(4545, wkt(4490)), CrsIsMetres, {}),
        (in_system(4545, wkt(4545), swapped=True), AxesSwapped, {"offer": "EPSG:4545+YX"}),
        (in_system(4490, None, swapped=True), AxesSwapped, {"offer": "EPSG:4490+YX"}),
        (
            lambda f: put(f / "in", shapefile(squares(2, lon=12.5, lat=41.9))),
            OutsideArea,
            {"lat": "41.900"},
        ),
        # nothing in it
        (named("a.gpkg", b""), FileEmpty, {}),
        (named("a.zip", b""), FileEmpty, {}),
        (as_json("a.geojson", geojson([], [])), NoRows, {}),
        (as_json("a.geojson", geojson([None, None], ROWS)), NoShapes, {}),
        # encodings
        (as_json("a.geojson", geojson(HERE, [{"TBBH": "图斑桥梁房屋"}] * 2), "gbk"), EncodingWrong, {}),
        (
            columns(ids("1", "2"), ("BZ", "C", 9, [b"\xff\xff\xff", b"a"]), encoding="gbk"),
            EncodingUnclear,
            {"row": 1, "column": "BZ"},
        ),
        # columns
        (
            columns(ids("1", "2"), ids("3", "4", name="JCBH"), encoding="gbk"),
            ColumnsUnclear,
            {"field": "source_id"},
        ),
        (columns(("MC", "C", 9, ["a", "b"]), encoding="gbk"), NumberMissing, {"likely": "-"}),
        (
            columns(ids("1", "2"), ("图斑", "C", 9, ["a", "b"]), encoding="utf-8"),
            HeaderUnclear,
            {"columns": "图斑"},
        ),
        # formats
        (named("a.doc", b"hello"), UnknownFormat, {"file": "a.doc"}),
        (named("a.geojson", b'{"type": "FeatureCollection", "features": ['), FileBroken, {}),
        (named("a.geojson", b'{"a":' * 100_000), FileBroken, {}),
        (named("a.geojson", b'{"type":"FeatureCollection","features":[1]}'), FileBroken, {}),
        (named("a.gpkg", b"SQLite format 3\x00" + bytes(2_000)), FileBroken, {}),
        (
            as_json("a.json", geojson(HERE, ROWS, crs={"type": "link", "properties": {"href": "http://127.0.0.1/crs"}})),
            CrsNotReadable,
            {},
        ),
        (
            as_json("a.json", geojson(HERE, ROWS, crs={"type": "name", "properties": {"name": "http://127.0.0.1/crs"}})),
            CrsNotReadable,
            {},
        ),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused(
    services: Services,
    tmp_path: Path,
    make: Make,
    kind: type[GeoreviewError],
    facts: dict[str, object],
) -> None:
    assert refused(services, make(tmp_path), kind).items() >= facts.items()


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"crs": "http://127.0.0.1/4490"}, CrsNotReadable),
        ({"crs": "EPSG:4545"}, CrsIsDegrees),
        ({"encoding": "utf-16"}, EncodingNotKnown),
        ({"encoding": "utf-8"}, EncodingWrong),
        ({"mapping": {"source_id": "NO"}}, ColumnMissing),
        ({"area_unit": "acre"}, BadValue),
    ],
)
def test_a_wrong_option_is_refused(
    services: Services,
    tmp_path: Path,
    options: dict[str, object],
    kind: type[GeoreviewError],
) -> None:
    given = [ids("1", "2"), ("TBLX", "C", 9, ["桥梁", "桥梁"])]
    path = put(tmp_path / "in", shapefile(HERE, given))
    refused(services, path, kind, **options)


def test_several_layers_are_asked_about(services: Services, tmp_path: Path) -> None:
    path = geopackage(tmp_path / "a.gpkg", HERE, {"TBBH": ["1", "2"]}, layer="one")
    geopackage(path, HERE, {"TBBH": ["3", "4"]}, layer="two")
    assert refused(services, path, LayerUnclear)["layers"] == "one, two"
    assert refused(services, path, LayerUnclear, layer="three")
    assert load(services, path, layer="two").complete


def test_a_view_that_calls_itself_ends(services: Services, tmp_path: Path) -> None:
    path = geopackage(tmp_path / "a.gpkg", HERE, {"TBBH": ["1", "2"]})
    execute(
        path,
        "CREATE VIEW endless AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c)"
        " SELECT x AS fid, x AS TBBH, NULL AS geom FROM c",
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('endless', 'attributes', 'e')",
    )
    services = capped(services, read_seconds=3)
    assert refused(services, path, FileTooSlow, layer="endless") == {"seconds": 3}


def capped(services: Services, **caps: int) -> Services:
    """The same services with tighter caps."""
    parts = (services.store, services.files, services.overlay, services.clock)
    return replace(services, imports=ImportService(*parts, Settings(**caps)))


# Archives -----------------------------------------------------------------------------------------

GOOD = {f"plots{suffix}": data for suffix, data in shapefile(HERE).items()}


def archive(members: dict[str, bytes]) -> Make:
    return lambda folder: zipped(folder / "a.zip", members)


def with_link(folder: Path) -> Path:
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w") as file:
        link = zipfile.ZipInfo("plots.shp")
        link.external_attr = 0o120777 << 16
        file.writestr(link, "/etc/passwd")
    return path


def encrypted(folder: Path) -> Path:
    path = zipped(folder / "a.zip", GOOD)
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    path.write_bytes(data)
    return path


def overlapping(folder: Path) -> Path:
    """Every member of the directory points at the same packed bytes."""
    path = zipped(folder / "a.zip", {"a0.geojson": b" " * 900_000})
    data = path.read_bytes()
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry = data[start:end]
    entries = b"".join(entry.replace(b"a0.geo", f"{i:02x}.geo".encode()) for i in range(256))
    tail = struct.pack("<HHHHIIH", 0, 0, 256, 256, len(entries), start, 0)
    path.write_bytes(data[:start] + entries + b"PK\x05\x06" + tail)
    return path


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (archive({"readme.md": b"x"}), UnknownFormat),
        (archive({"inner.zip": b"PK\x03\x04"}), FileBroken),
        (archive({**GOOD, "more.7z": b"7z"}), FileBroken),
        (archive({**GOOD, "photos.rar": b"Rar!\x1a\x07\x00"}), RarNotRead),
        (archive({**GOOD, **{f"other{k[5:]}": v for k, v in GOOD.items()}}), LayerUnclear),
        (archive({**GOOD, "plots.geojson": b"{}"}), LayerUnclear),
        (archive({"big.geojson": b" " * 30_000_000}), ArchiveTooLarge),
        (archive({f"{i}.txt": b"" for i in range(2_001)}), ArchiveTooLarge),
        (with_link, ArchiveHasLinks),
        (encrypted, ArchiveEncrypted),
        (overlapping, ArchiveTooLarge),
        (named("a.zip", b"PK\x03\x04" + b"x" * 200), FileBroken),
        (named("a.gpkg", b"PK\x03\x04" + b"x" * 200), FormatDisguised),
    ],
)
def test_a_bad_archive_is_refused(
    services: Services, tmp_path: Path, make: Make, kind: type[GeoreviewError]
) -> None:
    refused(services, make(tmp_path), kind)


def test_a_lying_directory_does_not_unpack_more_than_it_says(
    services: Services, tmp_path: Path
) -> None:
    path = zipped(tmp_path / "a.zip", {"a.geojson": b" " * 800_000})
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<I", 800_000), struct.pack("<I", 1_000)))
    refused(services, path, FileBroken)


def test_names_that_climb_out_are_never_used(services: Services, tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {f"../../../climbed{k[5:]}": v for k, v in GOOD.items()})
    assert load(services, path).complete
    assert not list(tmp_path.rglob("climbed*"))


# Within the limits --------------------------------------------------------------------------------


@pytest.mark.slow
def test_forty_megabytes_in_one_ring_are_read_or_refused(
    services: Services, tmp_path: Path
) -> None:
    angle = np.linspace(0, 2 * np.pi, 1_000_000, endpoint=False)
    ring = np.column_stack([107.1 + 0.01 * np.cos(angle), 31.56 + 0.01 * np.sin(angle)])
    text = json.dumps({"type": "Polygon", "coordinates": [[*ring.tolist(), ring[0].tolist()]]})
    assert len(text) > 40_000_000
    path = put_json(tmp_path / "a.geojson", geojson([json.loads(text)], [{"TBBH": "1"}]))
    assert load(services, path).files[0].stored == 1
    tight = capped(services, read_memory_mb=300)
    with pytest.raises(FileTooHeavy):
        load(tight, path, batch="tight")


def test_rows_that_cannot_be_are_set_aside_one_by_one(services: Services, tmp_path: Path) -> None:
    good = squares(30)
    far = shapely.box(200, 100, 201, 101)
    strange = [
        {"type": "Polygon", "coordinates": [[[107, 31], [float("nan"), 31], [107, 32], [107, 31]]]},
        {"type": "Point", "coordinates": [1e999, 31.5]},
        {"type": "Nonsense"},
        {"type": "LineString", "coordinates": [[107.1, 31.5], [107.2, 31.6]]},
        {"type": "Polygon", "coordinates": []},
        None,
        shapely.box(10, 10, 11, 11),
        far,
    ]
    rows = [{"TBBH": str(i)} for i in range(30 + len(strange))]
    path = put_json(tmp_path / "a.geojson", geojson([*good * 1, *strange], rows))
    with pytest.raises(OutsideArea):
        load(services, path)
    more = squares(200)
    rows = [{"TBBH": str(i)} for i in range(200 + len(strange))]
    report = load(services, put_json(path, geojson([*more, *strange], rows))).files[0]
    assert report.stored == 200
    assert [item.code for item in report.set_aside] == [
        "bad_geometry",
        "bad_geometry",
        "bad_geometry",
        "not_polygon",
        "empty_geometry",
        "empty_geometry",
        "outside_china",
        "bad_coordinates",
    ]
    for item in report.set_aside:
        for lang in texts.LANGS:
            assert texts.say(f"flag.{item.code}.say", lang, **item.facts)


def test_a_table_shorter_than_its_shapes_is_said(services: Services, tmp_path: Path) -> None:
    parts = {**shapefile(squares(3)), ".dbf": table([ids("1", "2")], "gbk")}
    report = load(services, put(tmp_path / "in", parts)).files[0]
    assert (report.rows_in, report.stored) == (3, 2)
    assert [(item.row, item.code) for item in report.set_aside] == [(3, "half_a_row")]


def test_deleted_rows_are_set_aside(services: Services, tmp_path: Path) -> None:
    parts = shapefile(squares(3))
    data = bytearray(parts[".dbf"])
    data[33 + 32 + 25] = ord("*")
    report = load(services, put(tmp_path / "in", {**parts, ".dbf": bytes(data)})).files[0]
    assert [(item.row, item.code) for item in report.set_aside] == [(2, "row_deleted")]
    assert report.stored == 2


@pytest.mark.parametrize("shx", [None, b"", b"x" * 40, shapefile(squares(1))[".shx"][:-4]])
def test_a_missing_or_broken_index_is_rebuilt_and_said(
    services: Services, tmp_path: Path, shx: bytes | None
) -> None:
    path = loose(shx=shx)(tmp_path)
    report = load(services, path).files[0]
    assert report.stored == 2
    assert [note["code"] for note in report.read["notes"]] == ["shx_rebuilt"]
    assert not path.with_suffix(".shx").exists() or path.with_suffix(".shx").read_bytes() == shx
