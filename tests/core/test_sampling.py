"""Draws that anybody can repeat, and bounds against published values and sums."""

import hashlib
import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from georeview.core.reasons import REASONS
from georeview.core.sampling import (
    FLOOR,
    GROUPS,
    WHOLE,
    Looked,
    Negative,
    allocate,
    clopper_pearson,
    draw,
    judge,
    wilson,
)


@pytest.mark.parametrize(
    ("x", "n", "low", "high"),
    [(0, 81, 0, 4.45), (1, 81, 0.03, 6.69), (3, 81, 0.77, 10.44), (5, 5, 47.82, 100)],
)
def test_the_exact_interval(x: int, n: int, low: float, high: float) -> None:
    found = clopper_pearson(x, n)
    assert (round(found.low * 100, 2), round(found.high * 100, 2)) == (low, high)


@pytest.mark.parametrize(("x", "n", "low", "high"), [(0, 81, 0, 4.53), (19, 874, 1.40, 3.37)])
def test_wilsons_interval(x: int, n: int, low: float, high: float) -> None:
    found = wilson(x / n, n)
    assert (round(found.low * 100, 2), round(found.high * 100, 2)) == (low, high)


def test_the_city_is_judged_by_its_strata() -> None:
    strata = [(420, 26, 0), (310, 20, 1), (290, 18, 0), (180, 11, 0), (75, 6, 1)]
    found = judge([Looked(str(k), *row) for k, row in enumerate(strata)])
    assert found is not None
    assert found.n_eff is not None
    assert (found.frame, found.n, found.wrong) == (1275, 81, 2)
    assert round(found.share * 100, 2) == 2.20
    assert round(found.error * 100, 2) == 1.51
    assert round(found.n_eff, 2) == 94.75
    interval = found.interval
    assert (round(interval.low * 100, 2), round(interval.high * 100, 2)) == (0.62, 7.50)
    assert round(found.expected()[0], 1) == 28.0


def test_a_clean_sample_of_81_does_not_prove_fewer_than_4_45_per_cent() -> None:
    found = judge([Looked("a", 800, 50, 0), Looked("b", 475, 31, 0)])
    assert found is not None
    assert (found.share, found.conservative, found.n_eff) == (0, True, None)
    assert round(found.interval.high * 100, 2) == 4.45
    assert found.expected()[:2] == (0, 0)


def test_what_could_not_be_looked_at_is_told_and_bounds_the_rest() -> None:
    found = judge([Looked("a", 90, 9, 1, missing=1), Looked("b", 10, 0, 0, missing=2)])
    assert found is not None
    assert found.left_out == ("b",)
    assert (found.frame, round(found.share, 4)) == (90, 0.1111)
    assert (found.all_right, found.all_wrong) == (pytest.approx(0.09), pytest.approx(0.28))
    assert judge([Looked("b", 10, 0, 0, missing=2)]) is None


def test_a_stratum_taken_whole_leaves_nothing_to_chance() -> None:
    found = judge([Looked("a", 4, 4, 1)])
    assert found is not None
    assert (found.error, found.interval.low, found.interval.high) == (0, 0.25, 0.25)


def test_every_reason_has_its_group() -> None:
    grouped = [code for codes in GROUPS.values() for code in codes]
    assert len(grouped) == len(set(grouped))
    assert set(REASONS) - set(grouped) == {"FP99"}


def negatives(n: int, county: str = "511921", reason: str = "FP21") -> list[Negative]:
    return [Negative(f"{county}{reason}{k:04d}", county, reason, "in") for k in range(n)]


def test_a_draw_can_be_repeated_by_the_rule_alone() -> None:
    frame = negatives(300) + negatives(3, reason="FP44")
    found = draw(frame, "2023-09")
    assert found == draw(list(reversed(frame)), "2023-09")
    crop, permit = found.parts
    assert (crop.name, crop.size, len(crop.drawn)) == ("511921/crop", 3, 3)
    ranked = sorted(
        (hashlib.sha256(f"2023-09:{p.plot_id}".encode()).hexdigest(), p.plot_id)
        for p in frame
        if p.reason == "FP21"
    )
    assert permit.drawn == tuple(plot_id for _, plot_id in ranked[: len(permit.drawn)])
    assert found.size == 30
    ids = "\n".join(sorted(p.plot_id for p in frame))
    assert found.frame_sha256 == hashlib.sha256(ids.encode()).hexdigest()
    assert draw(frame, "other").parts != found.parts


@given(
    st.dictionaries(
        st.text("abcdef", min_size=1, max_size=3),
        st.tuples(st.integers(1, 400), st.sampled_from([Fraction(2, 100), Fraction(4, 100)])),
        min_size=1,
        max_size=25,
    )
)
def test_any_frame_is_shared_out_within_its_strata(
    strata: dict[str, tuple[int, Fraction]],
) -> None:
    found = allocate(strata)
    total = sum(size for size, _ in strata.values())
    wanted = min(total, max(math.ceil(Fraction(63, 1000) * total), 30))
    for name, (size, _) in strata.items():
        assert found[name] == size if size < WHOLE else FLOOR <= found[name] <= size
    floors = sum(size if size < WHOLE else FLOOR for size, _ in strata.values())
    assert sum(found.values()) == max(wanted, floors)
    alike: dict[tuple[int, Fraction], set[int]] = {}
    for name, row in strata.items():
        alike.setdefault(row, set()).add(found[name])
    assert all(max(sizes) - min(sizes) <= 1 for sizes in alike.values())


@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_exact_interval_holds_the_share_and_mirrors(pair: tuple[int, int]) -> None:
    x, n = pair
    found, mirrored = clopper_pearson(x, n), clopper_pearson(n - x, n)
    assert found.low <= x / n <= found.high
    assert found.low == pytest.approx(1 - mirrored.high, abs=1e-9)
