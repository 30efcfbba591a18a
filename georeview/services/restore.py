"""A backup brought back into an empty home or database, verified before it is there."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from georeview.clock import Clock
from georeview.core.heads import SignedHead
from georeview.errors.upkeep import BackupBroken, StoreFlawed
from georeview.services.upkeep import MOST_FLAWS, Advance, UpkeepService
from georeview.settings import Settings
from georeview.storage import archive, homes
from georeview.storage.archive import Archive
from georeview.storage.files import Files
from georeview.storage.ports.ledger import Flaw
from georeview.storage.signing import HeadKey, key_file
from georeview.storage.store import DatabaseStore, open_store
from georeview.storage.transfer import need_empty, rows, steps, transfer


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back.

    Attributes:
        made_at: When the backup was made.
        head: The head in it, which the ledger was held against.
        own_key: Whether the head was signed with the key of this machine.
        rows: Rows by table.
        files: Files beside the database.
        missing: Evidence that was lost already when the backup was made.
        flaws: What is wrong all the same; only where that was accepted.
    """

    made_at: str
    head: SignedHead
    own_key: bool
    rows: Mapping[str, int]
    files: int
    missing: tuple[str, ...]
    flaws: tuple[Flaw, ...]


def steps_of(file: Path, settings: Settings) -> int:
    """How often ``advance`` will be told of something, about.

    Raises:
        BackupBroken: The file is no whole backup.
    """
    with archive.opened(file) as backup:
        carried = steps(backup.rows)
        return (
            len(backup.members) + 2 * backup.rows.get("event", 0) + bool(settings.store) * carried
        )


def restore(
    settings: Settings, file: Path, clock: Clock, advance: Advance, *, flawed: bool = False
) -> Restored:
    """Bring a backup back.

    Everything is unpacked beside, held to the manifest, opened, brought to the present schema and
    verified; only then does it move in. What fails leaves nothing behind.

    Args:
        settings: Name the home and the store; both must be empty.
        file: The backup.
        clock: Tells the time.
        advance: Told how many files, rows and events have been done since last time.
        flawed: Whether to bring back what ``verify`` finds something wrong with.

    Raises:
        HomeNotEmpty: Something lies in the home.
        StoreNotEmpty: The database holds something.
        BackupBroken: The file is no whole backup.
        StoreFlawed: Something is wrong with what is in it, and that was not accepted.
        Unavailable: Home or database cannot be written.
    """
    homes.need_empty(settings.home)
    with archive.opened(file) as backup, homes.arriving(settings.home) as folder:
        if not backup.sealed:
            raise BackupBroken(file=file.name, what=archive.HEAD)
        if settings.store:
            with closing(open_store(settings)) as target:
                need_empty(target.engine)
        backup.unpack(folder, advance)
        beside = replace(settings, home=folder, store="")
        with closing(open_store(beside)) as store:
            Files(folder).belong(store.store_id(), used=False)
            flaws = tuple(islice(_flaws(store, backup, beside, clock, advance), MOST_FLAWS))
            if flaws and not flawed:
                raise StoreFlawed(
                    flaw=flaws[0].code, seq=flaws[0].seq or "-", plot=flaws[0].plot_id or "-"
                )
            counted = rows(store.engine)
            if settings.store:
                with closing(open_store(settings)) as target:
                    transfer(store.engine, target.engine, advance, checked=not flawed)
        homes.move_in(settings.home, folder, database=not settings.store)
    return Restored(
        made_at=backup.made_at,
        head=backup.head,
        own_key=backup.head.key == HeadKey(key_file(settings.head_key), settings.home).public(),
        rows=counted,
        files=len(backup.members) - 1,
        missing=backup.missing,
        flaws=flaws,
    )


def _flaws(
    store: DatabaseStore, backup: Archive, settings: Settings, clock: Clock, advance: Advance
) -> Iterator[Flaw]:
    """What is wrong with a restored store, but for files that were lost before."""
    upkeep = UpkeepService(store, Files(settings.home), clock, replace(settings, heads=""))
    for flaw in upkeep.verify({archive.HEAD: backup.head}, advance):
        if flaw.code != "evidence" or flaw.what not in backup.missing:
            yield flaw
