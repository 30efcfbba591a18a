"""The same place in an earlier batch: by shape, helped by the number, and what is suggested of it."""

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from georeview.core.lineage import Earlier, alike, seen_before
from tests.overlay.scene import at, layers, overlay, rows


def earlier(shape, number="OLD-1", *, mark="pending", reason=None, violation=None, outcome=None):
    return Earlier(f"id-{number}", "2022", number, at(shape), mark, reason, violation, outcome)


def lineage(plot, *before, number="NEW-1"):
    (row,) = rows(overlay([plot], layers(), numbers=[number], before=list(before)))
    return row["lineage"]


def hints(plot, *before):
    (row,) = rows(overlay([plot], layers(), numbers=["NEW-1"], before=list(before)))
    return [(hint["key"], hint["code"]) for hint in row["hints"]]


@pytest.mark.parametrize(
    ("moved_m", "number", "relation"),
    [
        (0, "NEW-1", "same"),
        (33, "NEW-1", "same"),
        (34, "NEW-1", "overlap"),
        (53, "OLD-1-2", "same"),
        (54, "OLD-1-2", "overlap"),
        (53, "NEW-1", "overlap"),
        (81, "NEW-1", "near"),
        (119, "OLD-1-2", "near"),
    ],
)
def test_shapes_decide_and_a_number_only_helps(moved_m, number, relation):
    # Squares of 100 m: moved by m they share 100 - m of 100 + m.
    (row,) = lineage(
        box(moved_m, 0, moved_m + 100, 100), earlier(box(0, 0, 100, 100)), number=number
    )
    assert row["relation"] == relation
    common = max(0, 100 - moved_m)
    assert row["iou"] == pytest.approx(common / (200 - common), abs=1e-3)
    assert row["cover"] == pytest.approx(common / 100, abs=1e-3)
    assert row["distance_m"] == pytest.approx(max(0, moved_m - 100), abs=0.1)


def test_what_lies_further_than_twenty_metres_is_no_kin_whatever_its_number():
    assert lineage(box(121, 0, 221, 100), earlier(box(0, 0, 100, 100)), number="OLD-1-2") == []


def test_a_common_part_of_less_than_fifty_square_metres_is_only_near():
    (row,) = lineage(box(0, 0, 7, 7), earlier(box(0, 0, 100, 100)))
    assert (row["relation"], row["cover"]) == ("near", 1.0)


def test_a_point_is_the_place_of_whatever_lies_within_twenty_metres():
    (row,) = lineage(shapely.Point(119, 50), earlier(box(0, 0, 100, 100)))
    assert (row["relation"], row["iou"], row["distance_m"]) == ("same", None, 19.0)
    assert lineage(shapely.Point(121, 50), earlier(box(0, 0, 100, 100))) == []


def test_the_closest_stand_first():
    found = lineage(
        box(0, 0, 100, 100),
        earlier(box(110, 0, 200, 100), "near"),
        earlier(box(20, 0, 120, 100), "second"),
        earlier(box(5, 0, 105, 100), "first"),
    )
    assert [row["source_id"] for row in found] == ["first", "second", "near"]


def test_a_settled_negative_is_suggested_again():
    was = earlier(box(0, 0, 100, 100), mark="false_positive", reason="FP21", outcome="negative")
    assert hints(box(0, 0, 100, 100), was) == [("as_before", "FP21")]


def test_what_nobody_has_accepted_yet_suggests_nothing():
    was = earlier(box(0, 0, 100, 100), mark="false_positive", reason="FP21")
    assert hints(box(0, 0, 100, 100), was) == []


def test_a_problem_at_the_place_hides_every_negative():
    before = (
        earlier(box(0, 0, 100, 100), "1", mark="false_positive", reason="FP21", outcome="negative"),
        earlier(box(0, 0, 100, 100), "2", mark="rectified", violation="PR32", outcome="rectified"),
    )
    assert hints(box(0, 0, 100, 100), *before) == [("problem_before", "PR32")]


def test_an_overlap_is_shown_and_suggests_nothing():
    was = earlier(box(0, 0, 100, 100), mark="false_positive", reason="FP21", outcome="negative")
    assert hints(box(60, 0, 160, 100), was) == []


@given(st.text(min_size=1, max_size=30), st.integers(0, 99), st.integers(0, 99))
def test_a_short_suffix_is_no_other_number_and_anything_else_is(number, n, m):
    assert alike(number, f"{number}-{n}")
    assert alike(f"{number}-{n}", f"{number}-{m}")
    assert not alike(f"{number}x", number)
    assert not alike(number, f"{number}-{n + 100}")


def test_a_group_is_named_by_its_oldest_plot():
    place = box(0, 0, 100, 100)
    oldest, other, beside = earlier(place, "z"), earlier(place, "a"), earlier(place, "0")
    far = earlier(box(110, 0, 210, 100), "1")
    (row,) = rows(overlay([place], layers(), numbers=["N"], before=[far, oldest, other, beside]))
    assert row["lineage_group"] == "id-z"
    assert rows(overlay([place], layers()))[0]["lineage_group"] is None


def test_times_before_are_batches_and_not_plots():
    row = {"batch": "2021", "relation": "same"}
    assert seen_before([row, row, row | {"relation": "near", "batch": "2020"}]) == 1
