"""What is remembered of plots: no more than there is room for, and only what is asked for lately."""

from dataclasses import replace

from georeview.core.plot import Review
from georeview.storage.ports.plots import Plot
from georeview.storage.remembered import MOST, SHAPE_MAX, PlotMemory
from tests.builders import a_plot


def a_known(n: int, last_hash: str = "h") -> Plot:
    given = a_plot(n)
    return Plot(n, given, Review(given.plot_id), None, "", None, None, False, 0, 0, last_hash)


def test_a_plot_is_known_by_its_last_event_and_its_facts() -> None:
    memory, plot = PlotMemory(), a_known(1)
    memory.keep([plot], 7)
    assert memory.get(plot.given.plot_id, "h", 7) == plot
    assert memory.get(plot.given.plot_id, "h", 8) is None
    memory.keep([plot], 7)
    assert memory.get(plot.given.plot_id, "other", 7) is None


def test_those_that_were_of_no_use_for_longest_make_room() -> None:
    memory = PlotMemory()
    plots = [a_known(n) for n in range(MOST + 1)]
    memory.keep(plots[:MOST], 1)
    assert memory.get(plots[0].given.plot_id, "h", 1)
    memory.keep(plots[MOST:], 1)
    assert memory.get(plots[0].given.plot_id, "h", 1)
    assert memory.get(plots[1].given.plot_id, "h", 1) is None
    assert memory.get(plots[2].given.plot_id, "h", 1)


def test_a_very_large_shape_is_not_remembered() -> None:
    memory, plot = PlotMemory(), a_known(1)
    large = replace(plot, given=replace(plot.given, wkb=bytes(SHAPE_MAX)))
    memory.keep([large], 1)
    assert memory.get(plot.given.plot_id, "h", 1) is None
