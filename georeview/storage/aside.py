"""Which plots have records beside them that nobody has settled, and which those are."""

from collections.abc import Iterable, Mapping

from georeview.core.aside import Lying, lying
from georeview.storage.engine import Connection
from georeview.storage.ledger import events_of
from georeview.storage.ports.plots import Plot

COUNT = "UPDATE plot_state SET conflicts = :n WHERE plot_id = :plot_id"


def lying_among(connection: Connection, plots: Iterable[Plot]) -> dict[str, Lying]:
    """Plot → its records, of those that have some; the others cost nothing."""
    return {
        plot.given.plot_id: lying(events_of(connection, plot.given.plot_id))
        for plot in plots
        if plot.conflicts
    }


def keep_conflicts(connection: Connection, counted: Mapping[str, int]) -> None:
    """Keep how many records lie beside plots, where that has changed."""
    if counted:
        rows = [{"plot_id": plot_id, "n": n} for plot_id, n in counted.items()]
        connection.executemany(COUNT, rows)
