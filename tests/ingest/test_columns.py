"""Headers find their fields by alias; what is unclear is asked about."""

import pytest

from georeview.errors.files import ColumnMissing, ColumnsUnclear
from georeview.ingest.columns import match


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        (["TBBH"], {"source_id": "TBBH"}),
        (["tbbh "], {"source_id": "tbbh "}),
        (["TBBH_1"], {"source_id": "TBBH_1"}),
        (["TBBH", "TBBH_1"], {"source_id": "TBBH"}),
        (["TBBH", "unknown"], {"source_id": "TBBH"}),
        (["图斑编号", "行政区代"], {"source_id": "图斑编号", "adcode_stated": "行政区代"}),
        (["图斑编\ufffd"], {"source_id": "图斑编\ufffd"}),
        (["source_id"], {"source_id": "source_id"}),
        (["县"], {}),
        # What a better header means already is not meant by a cut one too.
        (
            ["TBBH", "TBLX", "图斑"],
            {"source_id": "TBBH", "type_issued": "TBLX", "area_stated": "图斑"},
        ),
    ],
)
def test_headers_find_their_field(headers: list[str], found: dict[str, str]) -> None:
    assert match(headers, {}) == found


@pytest.mark.parametrize(
    "headers",
    [["TBBH", "JCBH"], ["TBBH", "TBBH#2"], ["图斑"], ["TBBH_1", "JCBH_2"], ["TBBH", "图斑"]],
)
def test_unclear_headers_are_asked_about(headers: list[str]) -> None:
    with pytest.raises(ColumnsUnclear):
        match(headers, {})


def test_a_person_decides() -> None:
    assert match(["TBBH", "JCBH"], {"source_id": "JCBH"}) == {"source_id": "JCBH"}
    assert match(["TBBH", "TBBH#2"], {"source_id": "TBBH#2"}) == {"source_id": "TBBH#2"}
    with pytest.raises(ColumnMissing):
        match(["TBBH"], {"source_id": "NO"})
