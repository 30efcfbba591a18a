from datetime import UTC, datetime

import pytest
import shapely
from shapely import box

from georeview import texts
from georeview.core.lineage import Earlier
from georeview.overlay.hints import HINTS
from tests.overlay.scene import at, feature, layers, line, one

MGMT = [feature(box(-600, -80, 600, 80), "m")]
RIVER = [feature(line((-600, 0), (600, 0)), "R1", "河")]
BRIDGE = {"permit_no": "许可2020-7", "kind": "桥梁", "valid_to": "2025-01-01"}


def hints(plot, issued=None, now=datetime(2023, 4, 28, tzinfo=UTC), before=(), **kinds):
    made = layers(**({"mgmt_area": MGMT} | kinds))
    return one(plot, made, types=[issued], now=now, numbers=["N"], before=before)["hints"]


def was(mark, reason=None, outcome=None):
    """A plot of an earlier batch at the first place."""
    return Earlier("p", "2022", "O", at(box(0, 0, 9, 9)), mark, reason, None, outcome)


def codes(*args, **kinds):
    return [hint["code"] for hint in hints(*args, **kinds)]


def test_outside_the_area():
    (hint,) = hints(box(0, 100, 20, 110))
    assert (hint["code"], hint["key"]) == ("FP31", "outside")
    assert hint["facts"] == {"edge_m": 20.0, "layer": "mgmt_area-id", "version": "v1"}


def test_inside_without_anything_known_there_is_no_suggestion():
    assert hints(box(0, 20, 20, 30)) == []


def test_unknown_boundary_suggests_nothing():
    assert hints(box(0, 5_000, 20, 5_020)) == []


@pytest.mark.parametrize(("inside_m", "code"), [(1, ["FP32"]), (3, [])])
def test_only_the_outline_touches(inside_m, code):
    assert codes(box(0, 80 - inside_m, 20, 120 - inside_m)) == code


def test_shape_alone_gives_words_and_no_code():
    (hint,) = hints(box(0, -60, 10, 60), river=RIVER)
    assert (hint["code"], hint["key"], hint["facts"]) == (None, "bridge_like", {"width_m": 10.0})
    assert hints(box(0, -60, 60, 60), river=RIVER) == []
    assert hints(box(0, 5, 10, 65), river=RIVER) == []


def permit(distance_m, **props):
    return [feature(shapely.Point(20 + distance_m, 25), "P", "一号桥", **(BRIDGE | props))]


def test_a_fitting_permit_is_named_with_its_number():
    (hint,) = hints(box(0, 20, 20, 30), "跨河桥梁", permit=permit(30))
    assert hint["code"] == "FP21"
    assert hint["facts"]["number"] == "许可2020-7"
    assert hint["facts"]["distance_m"] == 30.0


@pytest.mark.parametrize(
    ("issued", "distance_m", "props"),
    [
        ("临河房屋", 30, {}),
        (None, 30, {}),
        ("桥梁", 51, {}),
        ("桥梁", 30, {"valid_to": "2023-04-27"}),
    ],
)
def test_a_permit_that_does_not_fit_is_not_suggested(issued, distance_m, props):
    assert codes(box(0, 20, 20, 30), issued, permit=permit(distance_m, **props)) == []


def test_a_permit_holds_through_its_last_day_in_shanghai():
    plot, last = box(0, 20, 20, 30), permit(30, valid_to="2023-04-28")
    late = datetime(2023, 4, 28, 15, 59, tzinfo=UTC)
    assert codes(plot, "桥梁", permit=last, now=late) == ["FP21"]
    assert codes(plot, "桥梁", permit=last, now=late.replace(hour=16)) == []


def test_works_beside_a_dike():
    dike = [feature(line((-100, 40), (100, 40)), "D", "江堤")]
    assert codes(box(0, 20, 20, 30), "堤防护岸", dike=dike) == ["FP13"]
    assert codes(box(0, 0, 20, 10), "堤防护岸", dike=dike) == []
    assert codes(box(0, 20, 20, 30), "临河房屋", dike=dike) == []


@pytest.mark.parametrize(
    ("ledger", "code"), [("PR31", "PR31"), ("乱采", "PR21"), ("unheard of", "PR90"), (None, "PR90")]
)
def test_a_known_problem_hides_every_suggestion_of_not_a_problem(ledger, code):
    known = [feature(shapely.Point(10, 130), "K7", **{"class": ledger})]
    assert codes(box(0, 100, 20, 110), known_problem=known) == [code]
    far = [feature(shapely.Point(10, 165), "K7", **{"class": ledger})]
    assert codes(box(0, 100, 20, 110), known_problem=far) == ["FP31"]


def test_the_first_rule_that_fits_gives_the_only_code():
    assert codes(box(0, 100, 20, 110), "桥梁", permit=permit(0)) == ["FP31"]


@pytest.mark.parametrize("lang", texts.LANGS)
def test_every_hint_has_a_sentence_for_its_facts(lang):
    everything = {
        "river": RIVER,
        "permit": permit(30),
        "dike": [feature(line((-100, 40), (100, 40)), "D")],
    }
    said = [
        *hints(box(0, 100, 20, 110)),
        *hints(box(0, 79, 20, 119)),
        *hints(box(0, 20, 20, 30), "桥梁", **everything),
        *hints(box(0, 20, 20, 30), "堤防", **everything),
        *hints(box(0, -60, 10, 60), **everything),
        *hints(box(0, 0, 9, 9), known_problem=[feature(shapely.Point(0, 0), None)]),
        *hints(box(0, 0, 9, 9), before=[was("false_positive", "FP42", "negative")]),
        *hints(box(0, 0, 9, 9), before=[was("confirmed")]),
    ]
    assert {hint["key"] for hint in said} == {hint.key for hint in HINTS}
    for hint in said:
        assert texts.say(f"hint.{hint['key']}", lang, **hint["facts"])
