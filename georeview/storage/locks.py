"""Who works on which plot: leases beside the ledger.

Steps read and leave them on their way through ``keeping``; here they are changed for their own sake.
"""

from collections.abc import Callable, Mapping, Sequence

from georeview.core.access import Scope
from georeview.core.locks import Lock
from georeview.errors import NotFound
from georeview.storage.engine import Connection, Engine, insert, listed, run, statement
from georeview.storage.plots import known_plots
from georeview.storage.ports.leases import Wanted
from georeview.storage.ports.plots import Plot
from georeview.storage.records import LOCK
from georeview.storage.where import among

PUT = statement(
    insert("plot_lock", ("plot_id", *LOCK)), "ON CONFLICT (plot_id) DO UPDATE SET",
    ", ".join(f"{name} = excluded.{name}" for name in LOCK),
)  # fmt: skip
DROP = "DELETE FROM plot_lock WHERE plot_id = :plot_id"
DROP_OF = "DELETE FROM plot_lock WHERE user_name = :user_name"
OF_PLOTS = statement("SELECT plot_id,", listed(LOCK), "FROM plot_lock WHERE")


class LockRecords:
    """The locks over one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def change(self, scope: Scope, plot_id: str, judge: Callable[[Plot], Wanted]) -> Wanted:
        """Give a plot another lock, or none."""

        def work(connection: Connection) -> Wanted:
            plot = known_plots(connection, self._engine.remembered, [plot_id]).get(plot_id)
            if plot is None or not scope.sees(plot.review, plot.given.batch):
                raise NotFound(what=plot_id)
            lock = judge(plot)
            if lock != plot.lock:
                keep_locks(connection, {plot_id: lock})
            return lock

        return self._engine.write(work)

    def release(self, user: str) -> None:
        """Let go of everything somebody holds."""
        run(self._engine, DROP_OF, {"user_name": user})

    def among(self, plot_ids: Sequence[str]) -> Mapping[str, Lock]:
        """Who holds some plots, or did last."""
        if not plot_ids:
            return {}
        where = among("plot_id", plot_ids)
        with self._engine.view() as connection:
            rows = connection.execute(statement(OF_PLOTS, where.sql), where.params)
            return {plot_id: Lock(*lock) for plot_id, *lock in rows}


def keep_locks(connection: Connection, locks: Mapping[str, Lock | None]) -> None:
    """Write down who holds what from now on, in the transaction that is open."""
    held = [
        {"plot_id": plot_id, "user_name": lock.user, "name": lock.name, "unit": lock.unit,
         "until": lock.until}
        for plot_id, lock in locks.items() if lock is not None
    ]  # fmt: skip
    free = [{"plot_id": plot_id} for plot_id, lock in locks.items() if lock is None]
    if held:
        connection.executemany(PUT, held)
    if free:
        connection.executemany(DROP, free)
