"""A store moved to the other back end, or to another home: same events, numbers and hashes."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from georeview.errors.upkeep import SameStore
from georeview.services.upkeep import Advance
from georeview.settings import Settings
from georeview.storage import homes
from georeview.storage.files import Files
from georeview.storage.ports.ledger import Head
from georeview.storage.store import DatabaseStore, open_store
from georeview.storage.transfer import Carried, rows, steps, transfer


@dataclass(frozen=True, slots=True)
class Transferred:
    """What went over.

    Attributes:
        rows: Rows by table, counted at both ends.
        head: End of the ledger, the same at both ends.
        files: Files copied to another home; none where the home stays.
        missing: Hashes of evidence that was not whole in the source.
        behind: Events that were kept in the source since, and are not in the target.
    """

    rows: Mapping[str, int]
    head: Head
    files: int
    missing: tuple[str, ...]
    behind: int


def target_of(settings: Settings, to: str) -> Settings:
    """Settings of the store that is moved to.

    Args:
        settings: Those of the source.
        to: An address ``postgresql://…``, which keeps the home, or the folder of another home.

    Raises:
        SameStore: It is the source itself.
    """
    if "://" in to:
        target = replace(settings, store=to)
    else:
        target = replace(settings, home=Path(to), store="")
    same_home = target.home.resolve() == settings.home.resolve()
    if same_home and target.store == settings.store:
        raise SameStore
    return target


class TransferService:
    """Carrying a store over as of one moment; the source is not changed.

    Args:
        store: The source.
        settings: Those it was opened with.
    """

    def __init__(self, store: DatabaseStore, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    def steps(self) -> int:
        """How often ``advance`` will be told of a row or an event."""
        return steps(rows(self._store.engine))

    def move(self, to: str, advance: Advance) -> Transferred:
        """Carry everything over.

        Args:
            to: See ``target_of``.
            advance: Told how many rows, events and files have been done since last time.

        Raises:
            SameStore: The target is the source.
            StoreNotEmpty: The target holds something.
            HomeNotEmpty: The target is another home, and something lies in it.
            TransferDiffers: Something other arrived than what was sent; nothing stays.
            StoreFlawed: The source does not hold against itself; nothing stays.
            Unavailable: Either end gave up; nothing stays.
        """
        source = self._store
        target = target_of(self._settings, to)
        if target.home.resolve() == self._settings.home.resolve():
            with closing(open_store(target)) as store:
                carried = transfer(source.engine, store.engine, advance, checked=True)
                copied, missing = 0, tuple[str, ...]()
        else:
            home = self._settings.home
            carried, copied, missing = _to_another_home(source, home, target, advance)
        behind = source.ledger.head().seq - carried.head.seq
        return Transferred(carried.rows, carried.head, copied, missing, behind)


def _to_another_home(
    source: DatabaseStore, home: Path, target: Settings, advance: Advance
) -> tuple[Carried, int, tuple[str, ...]]:
    homes.need_empty(target.home)
    with homes.arriving(target.home) as folder:
        with closing(open_store(replace(target, home=folder))) as store:
            carried = transfer(source.engine, store.engine, advance, checked=True)
            Files(folder).belong(store.store_id(), used=False)
            # Rows first: the files they name are all there by then.
            named = list(store.evidence.hashes())
            missing = tuple(sha256 for sha256 in named if not Files(home).whole("evidence", sha256))
            scenes = [scene.scene_id for scene in store.scenes.all()]
            copied = 0
            for name, path in homes.kept(home, (s for s in named if s not in set(missing)), scenes):
                homes.copy(path, folder / name)
                copied += 1
                advance(1)
        homes.move_in(target.home, folder, database=True)
    return carried, copied, missing
