"""Marks are told apart by everybody: by colour, by shape and by dash."""

from itertools import combinations

import numpy as np
import pytest

from georeview.core import layers, palette
from tests.core.colours import EYES, ciede2000, lab


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_measure_agrees_with_the_published_pairs(one, other, expected: float) -> None:
    assert ciede2000(np.array(one), np.array(other)) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("eye", list(EYES))
def test_any_two_marks_are_far_apart_for_every_eye(eye: str) -> None:
    fills = [style.fill for style in palette.MARKS.values()]
    apart = [ciede2000(lab(a, eye), lab(b, eye)) for a, b in combinations(fills, 2)]
    assert min(apart) >= 20


def test_no_mark_is_told_by_colour_alone() -> None:
    styles = palette.MARKS.values()
    assert len({style.symbol for style in styles}) == len(palette.MARKS)
    assert sorted(style.code for style in styles) == [0, 1, 2, 3]
    assert {name: style.dash for name, style in palette.MARKS.items() if style.dash} == {
        "false_positive": (3, 4),
        "rectified": (10, 4),
    }


def test_every_kind_of_layer_has_a_line_style() -> None:
    assert {kind.style for kind in layers.KINDS.values()} <= set(palette.LINES)
