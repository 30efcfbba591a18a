"""What columns may mean where no alias says so: proposed, with the reason, and never taken."""

from collections.abc import Mapping, Sequence

import pytest

from georeview import texts
from georeview.core.fields import PLOT_FIELDS
from georeview.ingest.columns import match
from georeview.ingest.proposals import Profile, Proposal, no_number, propose

WORDS = ["甲", "乙", "丙", "甲"]


def only(columns: Mapping[str, Sequence[object]], **mapped: str) -> Proposal | None:
    found = propose(columns, mapped)
    for proposal in found:
        for lang in texts.LANGS:
            assert texts.say(f"proposal.{proposal.because}", lang, like=proposal.like)
    return found[0] if found else None


@pytest.mark.parametrize(
    ("header", "field", "like"),
    [
        ("所属县区名称(必填项)", "county_stated", "县区名称"),
        ("图斑编号(唯一)", "source_id", "图斑编号"),
        ("疑似问题类型说明", "type_issued", "疑似问题类型"),
        ("图斑的编号", "source_id", "图斑编号"),
        ("监测编码号", "source_id", "监测编号"),
        ("河湖所在名称", "river_stated", "河湖"),
        ("TBBH2023", "source_id", "TBBH"),
        ("REMARKS", "note_issued", "REMARK"),
    ],
)
def test_headers_that_hold_or_resemble_an_alias(header: str, field: str, like: str) -> None:
    found = only({header: WORDS})
    assert found is not None
    assert (found.field, found.header, found.because) == (field, header, "similar")
    assert found.like == like
    assert field not in match([header], {})  # a proposal is not a match


@pytest.mark.parametrize("header", ["TBMC", "XH", "XZ1X", "河", "备用一", "FID", "OBJECTID"])
def test_headers_that_resemble_nothing(header: str) -> None:
    assert only({header: WORDS}) is None


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        (["511902", "511921001", "511922"], "adcode_stated"),
        ([107.1234, 106.9182, "107.5021", None], "lon"),
        (["31°30′12″", "31.9033", "32.0121"], "lat"),
        (["左岸", "右岸", "左岸", "/"], "bank_stated"),
        (["A-0001", "A-0002", "A-0003"], "source_id"),
        (["A-0001", "A-0002", "A-0001"], None),
        ([12.5, 13.25, 14.75], None),
        (["511902", "511921"], None),
        (WORDS, None),
    ],
)
def test_values_that_can_hardly_be_anything_else(cells: list[object], field: str | None) -> None:
    found = only({"F1": cells})
    assert (found and found.field) == field
    assert found is None or found.because == "values"


def test_what_was_chosen_before_comes_first() -> None:
    columns = {"甲列": ["A1", "A2", "A3"], "图斑编号(新)": ["1", "2", "3"]}
    assert propose(columns, {})[0].header == "图斑编号(新)"
    profiles = [Profile("2023-1", {"source_id": "甲列"}), Profile("2022", {"address": "甲列"})]
    first = propose(columns, {}, profiles)[0]
    assert first == Proposal("source_id", "甲列", "remembered", "2023-1", 1.0)
    # Only for fields that have no column yet.
    assert propose({"甲列": []}, {"source_id": "TBBH"}, profiles[:1]) == ()


def test_two_that_are_as_likely_are_both_proposed() -> None:
    columns = {"图斑编号甲": WORDS, "图斑编号乙": WORDS}
    assert {p.header for p in propose(columns, {})} == set(columns)


def test_a_missing_number_names_what_may_be_it() -> None:
    refusal = no_number(
        {"图斑编号(新)": ["1", "2", "3"], "BZ": ["", "", ""]}, {"note_issued": "BZ"}
    )
    assert refusal.facts["likely"] == "图斑编号(新)"
    assert no_number({"BZ": [""]}, {}).facts["likely"] == "-"


def test_every_alias_means_its_field_and_no_other() -> None:
    for field in PLOT_FIELDS:
        for alias in field.aliases:
            assert match([alias], {}) == {field.name: alias}
            for unit in ("(亩)", "(㎡)", "_1", "*"):
                assert match([alias + unit], {}) == {field.name: alias + unit}
