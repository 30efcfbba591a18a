"""What each mark needs before it can be submitted."""

import pytest

from georeview.core.plot import Review
from georeview.core.reasons import EVIDENCE_KINDS, REASONS
from georeview.core.requirements import Missing, Proof, describe, missing

PERMIT = {
    "permit_no": "川水许可〔2019〕3号",
    "permit_authority": "县水利局",
    "permit_date": "2019-03-02",
}


def negative(reason: str, **fields: str) -> Review:
    return Review("p", mark="false_positive", reason=reason, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("review", "proof", "lacking"),
    [
        (negative("FP31"), Proof(facts=True, band="out"), ()),
        (negative("FP31"), Proof(facts=True, band="critical"), (("E_PHOTO",),)),
        (negative("FP31"), Proof(), (("E_FACT",), ("E_PHOTO",))),
        (negative("FP42"), Proof(image_pair=True), ()),
        (negative("FP42"), Proof(), (("E_IMG",),)),
        (negative("FP41"), Proof(evidence={"E_PHOTO": 1}), ()),
        (negative("FP12"), Proof(evidence={"E_STATE": 1, "E_PHOTO": 1}), ()),
        (negative("FP21", **PERMIT), Proof(evidence={"E_PERMIT": 1, "E_PHOTO": 1}), ()),
        (
            negative("FP21"),
            Proof(evidence={"E_PERMIT": 1, "E_PHOTO": 1}),
            (("permit_no",), ("permit_authority",), ("permit_date",)),
        ),
        (
            negative("FP21", **PERMIT),
            Proof(evidence={"E_PHOTO": 1}, permits=frozenset({"川水许可〔2019〕3号"})),
            (),
        ),
        (
            negative("FP27", **PERMIT),
            Proof(evidence={"E_PERMIT": 1, "E_PHOTO": 1}),
            (("permit_valid_to",),),
        ),
        (negative("FP46"), Proof(image_pair=True), (("type_actual",),)),
        (negative("FP99", note="太短"), Proof(evidence={"E_PHOTO": 1, "E_STATE": 1}), (("note",),)),
        (Review("p"), Proof(), (("mark",),)),
        (Review("p", mark="false_positive"), Proof(), (("reason",),)),
    ],
)
def test_negatives(review: Review, proof: Proof, lacking: tuple[tuple[str, ...], ...]) -> None:
    assert tuple(thing.any_of for thing in missing(review, proof)) == lacking


def test_a_problem_needs_two_photos_a_measure_a_class_and_words() -> None:
    bare = Review("p", mark="confirmed")
    assert missing(bare, Proof(evidence={"E_PHOTO": 1}, facts=True)) == (
        Missing("evidence", ("E_PHOTO",), 1),
        Missing("field", ("violation",)),
        Missing("field", ("area_m2", "volume_m3")),
        Missing("field", ("note",)),
    )
    said = Review("p", mark="confirmed", violation="PR21", volume_m3="600", note="沙坑")
    assert missing(said, Proof(evidence={"E_PHOTO": 2}, facts=True)) == ()


def test_a_historic_problem_needs_opinion_and_age() -> None:
    review = Review(
        "p",
        mark="confirmed",
        determination="problem_historic",
        violation="PR44",
        area_m2="80",
        note="老房",
    )
    lacking = missing(review, Proof(evidence={"E_PHOTO": 2}, facts=True))
    assert [thing.any_of for thing in lacking] == [("E_FLOOD",), ("E_HISTORY",)]


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("code", sorted(REASONS))
def test_whatever_a_reason_lacks_can_be_said(code: str, lang: str) -> None:
    lacking = missing(negative(code), Proof())
    assert lacking
    assert describe(lacking, lang)  # type: ignore[arg-type]


def test_reasons_ask_only_for_known_kinds() -> None:
    asked = {kind for r in REASONS.values() for group in r.evidence for kind in group}
    assert asked <= set(EVIDENCE_KINDS)
