"""Archives and folders: which data set is meant, which layer of it, and all of them."""

import io
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from georeview import sandbox
from georeview.errors.files import LayerUnclear, UnknownFormat
from georeview.geometry.land import Land
from georeview.ingest import EVERY_LAYER, LOOK, ReadOptions
from georeview.services import Services
from tests.files import geojson, geopackage, ids, load, put_json, shapefile, squares, zipped
from tests.ingest.making import seven_zip, xlsx
from tests.ingest.taken import take

HERE = squares(2)
Pack = Callable[[Path, Mapping[str, bytes]], Path]


def tar(mode: str) -> Pack:
    def pack(path: Path, members: Mapping[str, bytes]) -> Path:
        with tarfile.open(path, mode) as file:  # type: ignore[call-overload]
            for name, content in members.items():
                info = tarfile.TarInfo(name.encode("gbk").decode("utf-8", "surrogateescape"))
                info.size = len(content)
                file.addfile(info, io.BytesIO(content))
        return path

    return pack


def parts(name: str, *numbers: str) -> dict[str, bytes]:
    found = shapefile(HERE[: len(numbers)], [ids(*numbers)])
    return {f"{name}{suffix}": data for suffix, data in found.items()}


def geodatabase(folder: Path, *layers: str) -> Path:
    from pyogrio.raw import write

    path = folder / "图斑.gdb"
    wkb = np.asarray(shapely.to_wkb(np.array(HERE)), dtype=object)
    for layer in layers:
        numbers = np.array([f"{layer}1", f"{layer}2"], dtype=object)
        write(path, wkb, [numbers], ["TBBH"], layer=layer, driver="OpenFileGDB", crs="EPSG:4490",
              geometry_type="Polygon", append=path.exists())  # fmt: skip
    return path


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("a.zip", zipped),
        ("a.7z", seven_zip),
        ("a.tar", tar("w")),
        ("a.tar.gz", tar("w:gz")),
        ("a.tgz", tar("w:gz")),
        ("a.tar.bz2", tar("w:bz2")),
        ("a.tar.xz", tar("w:xz")),
    ],
)
def test_every_archive_gives_what_was_packed(tmp_path: Path, name: str, pack: Pack) -> None:
    packed = pack(tmp_path / name, {"说明.pdf": b"%PDF", **parts("一级/图斑", "甲1", "甲2")})
    taken = take(packed)
    assert list(taken.plots) == ["甲1", "甲2"]
    assert (taken.read["file"], taken.read["layer"]) == (name, "图斑")


def inside(folder: Path, name: str, pack: Pack, members: Mapping[str, bytes]) -> bytes:
    return pack(folder / name, members).read_bytes()


def test_an_archive_in_an_archive_is_read_like_a_folder(tmp_path: Path) -> None:
    county = inside(tmp_path, "in.7z", seven_zip, parts("图斑", "甲1", "甲2"))
    letter = inside(tmp_path, "in.zip", zipped, {"巴州.7z": county, "说明.pdf": b"%PDF"})
    taken = take(zipped(tmp_path / "a.zip", {"市局/来文.zip": letter}))
    assert list(taken.plots) == ["甲1", "甲2"]
    assert (taken.read["file"], taken.read["layer"]) == ("a.zip", "图斑")


def test_the_archives_of_several_counties_are_told_apart(
    services: Services, tmp_path: Path
) -> None:
    members = {
        f"{county}.zip": inside(tmp_path, f"{county}.zip", zipped, parts("图斑", f"{county}1"))
        for county in ("巴州", "平昌")
    }
    path = zipped(tmp_path / "a.zip", members)
    with pytest.raises(LayerUnclear) as refused:
        take(path)
    assert refused.value.facts["layers"] == "巴州.zip/图斑.shp, 平昌.zip/图斑.shp"
    assert list(take(path, layer="平昌.zip/图斑.shp").plots) == ["平昌1"]
    report = load(services, path, layer=EVERY_LAYER)
    assert [(file.read["layer"], file.stored) for file in report.files] == [
        ("巴州.zip/图斑.shp", 1),
        ("平昌.zip/图斑.shp", 1),
    ]


@given(st.lists(st.sampled_from(["zip", "7z", "tar.gz", "tar.xz"]), min_size=1, max_size=3))
@settings(max_examples=6, phases=[Phase.generate])
def test_however_archives_are_nested_the_plots_are_the_same(kinds: list[str]) -> None:
    packs: dict[str, Pack] = {
        "zip": zipped,
        "7z": seven_zip,
        "tar.gz": tar("w:gz"),
        "tar.xz": tar("w:xz"),
    }
    with tempfile.TemporaryDirectory() as folder:
        members: Mapping[str, bytes] = parts("图斑", "甲1", "甲2")
        for depth, kind in enumerate(kinds):
            path = packs[kind](Path(folder) / f"{depth}.{kind}", members)
            members = {f"{depth}.{kind}": path.read_bytes()}
        assert list(take(path).plots) == ["甲1", "甲2"]


def test_lists_beside_shapes_are_named_and_left(tmp_path: Path) -> None:
    packed = zipped(tmp_path / "a.zip", {**parts("图斑", "1"), "清单.csv": b"a", "说明.txt": b"b"})
    taken = take(packed)
    assert {"code": "files_left", "facts": {"files": "清单, 说明"}} in taken.read["notes"]


def test_a_list_alone_is_what_is_meant(tmp_path: Path) -> None:
    packed = zipped(tmp_path / "a.zip", {"清单.csv": b"TBBH,JD,WD\n1,106.75,31.86\n"})
    assert list(take(packed).plots) == ["1"]


def test_a_geodatabase_comes_as_folder_or_packed(tmp_path: Path) -> None:
    path = geodatabase(tmp_path, "甲")
    (path / "secret.txt").write_text("x")
    taken = take(path)
    assert (taken.read["file"], taken.read["format"]) == ("图斑.gdb", "gdb")
    for inner in ("图斑.gdb/", "一级/图斑.gdb/", ""):
        packed = tmp_path / f"{len(inner)}.zip"
        with zipfile.ZipFile(packed, "w") as file:
            for part in path.iterdir():
                file.write(part, f"{inner}{part.name}")
        assert list(take(packed).plots) == ["甲1", "甲2"]


def test_a_folder_that_is_no_geodatabase_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in.gdb").mkdir()
    for folder in (tmp_path, tmp_path / "in.gdb"):
        with pytest.raises(UnknownFormat):
            take(folder)


def mixed(folder: Path) -> Path:
    """A shapefile, a GeoPackage of two layers and a list, in one archive."""
    path = geopackage(folder / "b.gpkg", HERE, {"TBBH": ["2", "3"]}, layer="一")
    geopackage(path, HERE[:1], {"TBBH": ["4"]}, layer="二")
    return zipped(
        folder / "a.zip", {**parts("a", "1"), "x/b.gpkg": path.read_bytes(), "c.csv": b"x"}
    )


def test_what_is_meant_of_several_is_asked(tmp_path: Path) -> None:
    with pytest.raises(LayerUnclear) as refused:
        take(mixed(tmp_path))
    assert set(str(refused.value.facts["layers"]).split(", ")) == {"a", "b"}
    with pytest.raises(LayerUnclear) as refused:
        take(tmp_path / "a.zip", layer="b")
    assert refused.value.facts["layers"] == "一, 二"


@pytest.mark.parametrize(
    ("layer", "numbers"),
    [("a", "1"), ("a.shp", "1"), ("b/一", "23"), ("b.gpkg/二", "4"), ("x/b.gpkg/二", "4")],
)
def test_a_name_says_which(tmp_path: Path, layer: str, numbers: str) -> None:
    assert "".join(take(mixed(tmp_path), layer=layer).plots) == numbers


def test_all_are_taken_each_as_a_file_of_its_own(services: Services, tmp_path: Path) -> None:
    report = load(services, mixed(tmp_path), layer=EVERY_LAYER)
    assert {file.read["layer"]: file.stored for file in report.files} == {"a": 1, "一": 2, "二": 1}
    assert {file.file for file in report.files} == {"a.zip"}


def test_all_of_an_archive_are_its_lists_too(services: Services, tmp_path: Path) -> None:
    packed = zipped(
        tmp_path / "a.zip",
        {
            **parts("图斑", "1"),
            "清单.csv": "TBBH,整改建议\n1,拆除\n".encode(),
            "说明.txt": "填表须知\n".encode(),
        },
    )
    report = load(services, packed, layer=EVERY_LAYER)
    assert [(file.read["layer"], file.stored, file.joined) for file in report.files] == [
        ("图斑", 1, 0),
        ("清单", 0, 1),
    ]
    looked = sandbox.run(LOOK, (packed,), ReadOptions(), Land(), ())
    assert looked.layers == ("图斑", "清单"), "one may be taken together with the other"


def test_all_of_a_file_of_one_is_that_one(services: Services, tmp_path: Path) -> None:
    path = put_json(tmp_path / "a.geojson", geojson(HERE[:1], [{"TBBH": "1"}]))
    assert load(services, path, layer=EVERY_LAYER).files[0].stored == 1


def test_all_sheets_of_a_workbook(services: Services, tmp_path: Path) -> None:
    head = ["TBBH", "JD", "WD"]
    sheets = {"甲": [head, ["1", 106.75, 31.86]], "乙": [head, ["2", 106.76, 31.86]], "空": []}
    report = load(services, xlsx(tmp_path / "a.xlsx", sheets), layer=EVERY_LAYER)
    assert [file.read["layer"] for file in report.files] == ["甲", "乙"]
