"""The files that must be asked about, as a clerk sends them: one sentence each, and what then helps.

Each is loaded by the command line as it stands; whoever reads the sentence and does what it says
gets the file in.
"""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import shapely

from georeview import texts
from georeview.errors import GeoreviewError
from georeview.errors.coordinates import (
    AxesSwapped,
    CrsIsDegrees,
    CrsMissing,
    CrsOldDatum,
    CrsWrongZone,
    ZonePrefixExtra,
    ZonePrefixMissing,
)
from georeview.errors.files import ColumnsUnclear, HeaderUnclear, NumberMissing, PartCut
from georeview.services import Services
from georeview.services.wording import readable
from tests.files import Column, a_home, ids, load, projected, put, shapefile, squares, wkt

PLOTS = squares(6, lon=106.9, lat=31.8)
NUMBERS = [f"SC511902-2023-{n:06d}" for n in range(len(PLOTS))]


def swapped(geoms: Sequence[shapely.Geometry]) -> list[shapely.Geometry]:
    return list(shapely.transform(np.array(geoms), lambda xy: xy[:, ::-1]))


def parts(
    geoms: Sequence[shapely.Geometry] = PLOTS,
    *,
    prj: int | None = 4490,
    columns: Sequence[Column] = (),
    encoding: str = "gb18030",
) -> dict[str, bytes]:
    own = [ids(*NUMBERS), *columns] if not columns or columns[0][0] != "-" else list(columns[1:])
    return shapefile(geoms, own, prj=wkt(prj) if prj else None, encoding=encoding)


def only(name: str, encoding: str) -> list[Column]:
    """A file whose numbers stand under another header."""
    return [("-", "C", 1, []), (name.encode(encoding)[:10], "C", 30, NUMBERS)]


@dataclass(frozen=True)
class Asked:
    """A file, how it is refused, words of its Chinese sentence, and what helps."""

    make: Callable[[], dict[str, bytes]]
    kind: type[GeoreviewError]
    words: tuple[str, ...]
    helps: dict[str, object] = field(default_factory=dict)


ASKED = {
    "no_prj_cm108": Asked(
        lambda: parts(projected(PLOTS, 4545), prj=None),
        CrsMissing,
        ("没有说明坐标系", "EPSG:4545", "--crs"),
        {"crs": "EPSG:4545"},
    ),
    "no_prj_cm105": Asked(
        lambda: parts(projected(PLOTS, 4544), prj=None),
        CrsMissing,
        ("EPSG:4544", "EPSG:32648", "--crs"),
        {"crs": "EPSG:4544"},
    ),
    "xian_1980": Asked(
        lambda: parts(projected(PLOTS, 4545), prj=2381),
        CrsOldDatum,
        ("西安1980", "测绘单位", "CGCS2000"),
    ),
    "prj_3857_over_degrees": Asked(
        lambda: parts(prj=3857),
        CrsIsDegrees,
        ("EPSG:3857", "经纬度", "EPSG:4490"),
        {"crs": "EPSG:4490"},
    ),
    "prefix_under_a_system_without": Asked(
        lambda: parts(projected(PLOTS, 4524), prj=4545),
        ZonePrefixExtra,
        ("带号", "EPSG:4524"),
        {"crs": "EPSG:4524"},
    ),
    "no_prefix_under_a_system_with": Asked(
        lambda: parts(projected(PLOTS, 4545), prj=4524),
        ZonePrefixMissing,
        ("没有带号", "EPSG:4545"),
        {"crs": "EPSG:4545"},
    ),
    "neighbouring_zone": Asked(
        lambda: parts(projected(PLOTS, 4524), prj=4525),
        CrsWrongZone,
        ("邻带", "EPSG:4524"),
        {"crs": "EPSG:4524"},
    ),
    "swapped_axes": Asked(
        lambda: parts(swapped(projected(PLOTS, 4545)), prj=4545),
        AxesSwapped,
        ("颠倒", "--crs EPSG:4545+YX"),
        {"crs": "EPSG:4545+YX"},
    ),
    "dbf_cut_in_the_middle": Asked(
        lambda: (whole := parts()) | {".dbf": whole[".dbf"][: len(whole[".dbf"]) * 2 // 3]},
        PartCut,
        (".dbf", "截断"),
    ),
    "two_columns_for_one_field": Asked(
        lambda: parts(columns=[ids(*NUMBERS, name="JCBH")]),
        ColumnsUnclear,
        ("TBBH, JCBH", "--map source_id="),
        {"mapping": {"source_id": "TBBH"}},
    ),
    "no_column_of_numbers": Asked(
        lambda: parts(columns=only("DKBM2", "gbk")),
        NumberMissing,
        ("没有找到图斑编号列", "最像的是:DKBM2", "--map source_id="),
        {"mapping": {"source_id": "DKBM2"}},
    ),
    "a_header_cut_beyond_knowing": Asked(
        lambda: parts(columns=only("图斑", "utf-8")),
        HeaderUnclear,
        ("“图斑”不完整", "图斑类型", "--map 字段=图斑"),
        {"mapping": {"source_id": "图斑"}},
    ),
}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    with a_home(tmp_path_factory.mktemp("asked")) as services:
        yield services


@pytest.mark.parametrize("name", ASKED)
def test_a_file_that_is_unclear_is_asked_about_in_one_sentence(
    services: Services, tmp_path: Path, name: str
) -> None:
    asked = ASKED[name]
    path = put(tmp_path / name, asked.make())
    with pytest.raises(GeoreviewError) as caught:
        load(services, path, batch=name)
    refusal = caught.value
    assert type(refusal) is asked.kind
    said = {
        lang: " ".join(texts.say(f"error.{refusal.code}.{part}", lang, **readable(refusal.facts, lang)) for part in ("say", "hint"))
        for lang in texts.LANGS
    }  # fmt: skip
    for word in asked.words:
        assert word in said["zh-CN"]
    assert str(path.parent) not in said["zh-CN"] + said["en"]
    if asked.helps:
        report = load(services, path, batch=name, **asked.helps)
        assert (report.complete, report.files[0].stored) == (True, len(PLOTS))


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_what_is_clear_in_spite_of_its_form_is_taken_and_told(
    services: Services, tmp_path: Path, encoding: str
) -> None:
    columns = [*only("图斑编号", encoding), ("疑似问题类型".encode(encoding)[:10], "C", 30, ["桥梁"] * 6)]  # fmt: skip
    whole = parts(columns=columns, encoding=encoding)
    del whole[".shx"]
    batch = f"clear {encoding}"
    report = load(services, put(tmp_path / "in", whole), batch=batch)
    read = report.files[0].read
    assert (report.complete, read["encoding"]) == (True, encoding)
    assert set(read["columns"]) == {"source_id", "type_issued"}
    assert [note["code"] for note in read["notes"]] == ["shx_rebuilt"]


def test_rows_that_contradict_each_other_are_set_aside_alone(
    services: Services, tmp_path: Path
) -> None:
    numbers = [NUMBERS[1], *NUMBERS[1:-1], "1.23457E+18"]
    path = put(tmp_path / "in", shapefile(PLOTS, [ids(*numbers)]))
    report = load(services, path, batch="rows").files[0]
    assert [(item.row, item.code) for item in report.set_aside] == [(2, "id_with_two_shapes")]
    assert report.flagged == {"id_inexact": 1}
    assert dataclasses.asdict(report)["stored"] == 5
