"""Connections that are open while nobody uses them."""

import threading
from typing import Generic, Protocol, TypeVar

from georeview.errors.store import StoreGone


class Closing(Protocol):
    """What can be closed."""

    def close(self) -> None:
        """Give back what is held."""


C = TypeVar("C", bound=Closing)


class Idle(Generic[C]):
    """A few connections kept for whoever reads next.

    Args:
        most: How many; what is given back beyond that is closed.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._gate = threading.Lock()
        self._kept: list[C] = []
        self._closed = False

    def take(self) -> C | None:
        """One of them, or nothing when there is none.

        Raises:
            StoreGone: All is closed.
        """
        with self._gate:
            if self._closed:
                raise StoreGone(why="closed")
            return self._kept.pop() if self._kept else None

    def give(self, connection: C) -> None:
        """Keep a connection, or close it where enough are kept."""
        with self._gate:
            if not self._closed and len(self._kept) < self._most:
                self._kept.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Close them all; nothing is kept from now on."""
        with self._gate:
            self._closed = True
            kept, self._kept = self._kept, []
        for connection in kept:
            connection.close()
