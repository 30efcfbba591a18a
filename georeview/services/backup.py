"""A live store as one file: database, originals and images as of one moment, under a signed head.

The database in it is always the embedded one, whatever the store is kept in: carried row by row,
so a backup of either back end is restored into either, and can be read with any SQLite for ever.
"""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from itertools import islice
from pathlib import Path

from georeview.clock import Clock
from georeview.core.heads import SignedHead, Why
from georeview.services.upkeep import MOST_FLAWS, Advance, UpkeepService
from georeview.settings import DATABASE, Settings, shown
from georeview.storage import archive
from georeview.storage.files import Files
from georeview.storage.homes import kept
from georeview.storage.ports.ledger import Flaw
from georeview.storage.store import DatabaseStore, open_store
from georeview.storage.transfer import Carried, rows, steps, transfer


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds.

    Attributes:
        head: End of the ledger in it, signed.
        rows: Rows by table.
        files: Files beside the database.
        size: Bytes of the archive.
        missing: Hashes of evidence that should have been there and was not whole.
        flaws: What ``verify`` found in it, the first few.
    """

    head: SignedHead
    rows: Mapping[str, int]
    files: int
    size: int
    missing: tuple[str, ...]
    flaws: tuple[Flaw, ...]


class BackupService:
    """Making backups of a store that goes on working."""

    def __init__(
        self,
        store: DatabaseStore,
        files: Files,
        upkeep: UpkeepService,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._store = store
        self._files = files
        self._upkeep = upkeep
        self._clock = clock
        self._settings = settings

    def steps(self) -> int:
        """How often ``advance`` will be told of a row or an event."""
        return steps(rows(self._store.engine))

    def write(self, out: Path, advance: Advance, *, imagery: bool = True) -> Backup:
        """Put everything into one file, as of one moment; it appears whole or not at all.

        A lost file or a flaw does not stop it, for then a backup is needed most; it is told.

        Args:
            out: The file, which must not be there yet.
            advance: Told how many rows, events and files have been done since last time.
            imagery: Whether images are put in; without, they have to be loaded again.

        Raises:
            OutExists: There is a file of that name.
            OutNotWritable: Nothing can be written there.
            Unavailable: The store cannot be read, the disk is full, or nothing can be signed.
        """
        with archive.writing(out) as target, self._files.scratch() as folder:
            copied = self._copied(folder, advance)
            target.add(DATABASE, folder / DATABASE, packed=True)
            missing = [s for s in copied.evidence if not self._files.whole("evidence", s)]
            whole = [s for s in copied.evidence if s not in set(missing)]
            home, files = self._settings.home, 0
            for name, path in kept(home, whole, copied.scenes if imagery else ()):
                target.add(name, path, packed=False)
                files += 1
                advance(1)
            told = {
                "made_at": self._clock().isoformat(),
                "version": metadata.version("georeview"),
                "imagery": imagery,
                "missing": missing,
                "rows": dict(copied.carried.rows),
                "settings": {line.variable: line.value for line in shown(self._settings, {})},
            }
            head = target.finish(told, partial(self._sign, copied.carried))
        size = out.stat().st_size
        return Backup(head, dict(copied.carried.rows), files, size, tuple(missing), copied.flaws)

    def _copied(self, folder: Path, advance: Advance) -> "_Copied":
        """The store as of one moment, in a file of its own, held against itself."""
        with closing(open_store(Settings(home=folder))) as copy:
            return _Copied(
                carried=transfer(self._store.engine, copy.engine, advance, checked=False),
                flaws=tuple(islice(copy.ledger.verify(advance=advance), MOST_FLAWS)),
                evidence=tuple(copy.evidence.hashes()),
                scenes=tuple(scene.scene_id for scene in copy.scenes.all()),
            )

    def _sign(self, carried: Carried, sha256: str) -> SignedHead:
        return self._upkeep.sign_head(Why.BACKUP, covers=sha256, at=carried.head)


@dataclass(frozen=True, slots=True)
class _Copied:
    """A copy of the store, and what it names."""

    carried: Carried
    flaws: tuple[Flaw, ...]
    evidence: tuple[str, ...]
    scenes: tuple[str, ...]
