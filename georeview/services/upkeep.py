"""Holding what is kept against itself."""

from collections.abc import Iterator

from georeview.storage.files import Files
from georeview.storage.ports import Flaw, Store


class UpkeepService:
    """What whoever looks after the machine asks for."""

    def __init__(self, store: Store, files: Files) -> None:
        self._store = store
        self._files = files

    def verify(self) -> Iterator[Flaw]:
        """Recompute every hash, link and projection, and hold every evidence file to its hash."""
        yield from self._store.ledger.verify()
        for sha256 in self._store.evidence.hashes():
            if not self._files.whole("evidence", sha256):
                yield Flaw("evidence", None, sha256)
