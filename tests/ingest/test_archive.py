"""Archives and folders: which data set is meant, which layer of it, and all of them."""

import io
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import shapely

from georeview import errors
from georeview.ingest import EVERY_LAYER
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
        with pytest.raises(errors.UnknownFormat):
            take(folder)


def mixed(folder: Path) -> Path:
    """A shapefile, a GeoPackage of two layers and a list, in one archive."""
    path = geopackage(folder / "b.gpkg", HERE, {"TBBH": ["2", "3"]}, layer="一")
    geopackage(path, HERE[:1], {"TBBH": ["4"]}, layer="二")
    return zipped(
        folder / "a.zip", {**parts("a", "1"), "x/b.gpkg": path.read_bytes(), "c.csv": b"x"}
    )


def test_what_is_meant_of_several_is_asked(tmp_path: Path) -> None:
    with pytest.raises(errors.LayerUnclear) as refused:
        take(mixed(tmp_path))
    assert set(str(refused.value.facts["layers"]).split(", ")) == {"a", "b"}
    with pytest.raises(errors.LayerUnclear) as refused:
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


def test_all_of_a_file_of_one_is_that_one(services: Services, tmp_path: Path) -> None:
    path = put_json(tmp_path / "a.geojson", geojson(HERE[:1], [{"TBBH": "1"}]))
    assert load(services, path, layer=EVERY_LAYER).files[0].stored == 1


def test_all_sheets_of_a_workbook(services: Services, tmp_path: Path) -> None:
    head = ["TBBH", "JD", "WD"]
    sheets = {"甲": [head, ["1", 106.75, 31.86]], "乙": [head, ["2", 106.76, 31.86]], "空": []}
    report = load(services, xlsx(tmp_path / "a.xlsx", sheets), layer=EVERY_LAYER)
    assert [file.read["layer"] for file in report.files] == ["甲", "乙"]
