"""A database as the work of one job sees it: it writes only as long as the job is its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import TypeVar

from georeview.core.jobs import Claim
from georeview.storage.engine import Connection, Engine, Results
from georeview.storage.jobs import renew
from georeview.storage.ports.jobs import Lease
from georeview.storage.ports.ledger import Asked, Pending

T = TypeVar("T")


class FencedEngine:
    """An engine whose every write renews a lease, or is refused when that is somebody else's.

    The lease is locked before the work and renewed again after it, for the work may take longer
    than a lease lasts.

    Args:
        engine: The database; closing the fenced one leaves it open.
        claim: The holder's.
        lease: Gives a lease from the present instant on.
    """

    def __init__(self, engine: Engine, claim: Claim, lease: Callable[[], Lease]) -> None:
        self._engine = engine
        self._claim = claim
        self._lease = lease
        self.dialect = engine.dialect
        self.remembered = engine.remembered

    def view(self) -> AbstractContextManager[Connection]:
        """A connection that sees one consistent state for as long as it is held."""
        return self._engine.view()

    def raw_view(self) -> AbstractContextManager[Connection]:
        """The same for reading what may be damaged."""
        return self._engine.raw_view()

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run work in a transaction of its own, under the lease."""

        def held(connection: Connection) -> T:
            renew(connection, self._claim, self._lease())
            result = work(connection)
            renew(connection, self._claim, self._lease())
            return result

        return self._engine.write(held)

    def submit(self, batch: Sequence[Pending | Asked]) -> Future[Results]:
        """Events are not written by jobs one by one; what is appended goes past the fence."""
        return self._engine.submit(batch)

    def check(self, connection: Connection) -> None:
        """Refuse a connection on which a promise does not hold."""
        self._engine.check(connection)

    def close(self) -> None:
        """Nothing: whoever opened the database closes it."""
