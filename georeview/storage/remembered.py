"""Plots that were read or written lately, so that marking one does not read all of it again.

What a plot was given changes by an event only. Its review is what its events add up to, and the hash
of the last of them covers all before it; its facts change only when the head's ``facts_seq`` moves.
So a plot is remembered under these two, and whoever reads both from the store, in the view or the
transaction they answer from, knows whether what is remembered is what the store holds: whichever
process wrote last, and also when a write that was remembered has been undone.
"""

import threading
from collections.abc import Iterable

from georeview.storage.ports.plots import Plot

MOST = 1536
"""Plots remembered, those that were of use last; 10 kB each."""

SHAPE_MAX = 8192
"""Bytes of a shape that is remembered; larger ones are few, and read anew."""


class PlotMemory:
    """What is remembered over one database, by whatever connection it came."""

    def __init__(self) -> None:
        self._gate = threading.Lock()
        self._plots: dict[str, tuple[int, Plot]] = {}

    def get(self, plot_id: str, last_hash: str, facts_seq: int) -> Plot | None:
        """A plot, if it is remembered as it stands after this event and with these facts."""
        with self._gate:
            found = self._plots.pop(plot_id, None)
            if found is None or found[0] != facts_seq or found[1].hash != last_hash:
                return None
            self._plots[plot_id] = found  # behind all others: it goes last
            return found[1]

    def keep(self, plots: Iterable[Plot], facts_seq: int) -> None:
        """Remember plots; those that were of no use for longest make room."""
        with self._gate:
            for plot in plots:
                self._plots.pop(plot.given.plot_id, None)
                if len(plot.given.wkb) + len(plot.given.source_wkb) <= SHAPE_MAX:
                    self._plots[plot.given.plot_id] = (facts_seq, plot)
            while len(self._plots) > MOST:
                del self._plots[next(iter(self._plots))]
