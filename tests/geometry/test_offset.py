"""Plots where a phone map shows them: told by rivers and by stated positions, never by chance."""

import numpy as np
import pytest
import shapely

from georeview.geometry.land import Land
from georeview.geometry.offset import suspect
from georeview.geometry.shift import SHIFTS

METRE = 1 / 110_900


def winding(n):
    """Vertices of a river with bends of some kilometres."""
    x = np.linspace(0, 1, n)
    return np.column_stack([106.6 + 0.9 * x, 31.8 + 0.06 * np.sin(40 * x) + 0.2 * x])


LAND = Land(rivers=(shapely.to_wkb(shapely.LineString(winding(2_000))),))
PLOTS = winding(400) + np.random.default_rng(5).normal(0, 40 * METRE, (400, 2))


@pytest.mark.parametrize("name", SHIFTS)
def test_shifted_plots_are_told_by_the_river(name):
    found = suspect(SHIFTS[name].there(PLOTS), None, LAND)
    assert (found.system, found.what, found.by) == (name, "plots", "rivers")
    assert found.after > 0.9
    assert found.before < 0.4


def test_plots_in_their_place_are_not_suspected():
    assert suspect(PLOTS, None, LAND) is None
    assert suspect(PLOTS, PLOTS, LAND) is None


@pytest.mark.parametrize("bearing", range(0, 360, 15))
def test_another_offset_of_the_same_size_is_no_shift(bearing):
    """Half a kilometre in any direction but that of GCJ-02 has another reason."""
    if 90 <= bearing <= 150:
        return
    angle = np.radians(bearing)
    moved = PLOTS + 475 * METRE * np.array(
        [np.sin(angle) / np.cos(np.radians(31.9)), np.cos(angle)]
    )
    found = suspect(moved, None, LAND)
    assert found is None or found.system != "GCJ-02"


def test_few_plots_and_unknown_rivers_say_nothing():
    shifted = SHIFTS["GCJ-02"].there(PLOTS)
    assert suspect(shifted[:19], None, LAND) is None
    assert suspect(shifted, None, Land()) is None


@pytest.mark.parametrize("name", SHIFTS)
def test_stated_positions_tell_which_of_the_two_is_shifted(name):
    stated = PLOTS.copy()
    stated[::2] = np.nan
    plots = suspect(SHIFTS[name].there(PLOTS), stated, Land())
    assert (plots.system, plots.what, plots.by) == (name, "plots", "positions")
    positions = suspect(PLOTS, SHIFTS[name].there(stated), Land())
    assert (positions.system, positions.what) == (name, "positions")
    assert positions.after < 1 < 400 < positions.before
