"""Parts of a plot on their way in, in the commit of the step that cut it."""

from georeview.storage.engine import Connection
from georeview.storage.intake import Taking
from georeview.storage.ledger import head_of
from georeview.storage.ports.deliveries import Entries
from georeview.storage.ports.plots import Plot

OF_PARENT = "UPDATE plot_state SET parent = :parent WHERE plot_id = :plot_id"


def add_parts(connection: Connection, parent: Plot, parts: Entries) -> None:
    """Keep the parts of a plot with their first events, facts and projection."""
    taking = Taking(connection, head_of(connection))
    taking.write(parts, parent.review_due)
    taking.finish()
    named = [
        {"plot_id": plot_id, "parent": parent.given.plot_id} for plot_id in parts.plots.plot_id
    ]
    connection.executemany(OF_PARENT, named)
