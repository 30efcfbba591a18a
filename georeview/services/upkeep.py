"""Holding what is kept against itself, and swearing to where the ledger ends."""

import logging
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from georeview.clock import Clock
from georeview.core.heads import SignedHead, Why, as_text, parse
from georeview.core.ledger import GENESIS
from georeview.errors.exports import OutNotWritable
from georeview.errors.upkeep import HeadMalformed
from georeview.settings import Settings
from georeview.storage.files import Files
from georeview.storage.homes import put
from georeview.storage.ports.ledger import Flaw, Head
from georeview.storage.ports.store import Store
from georeview.storage.signing import HeadKey, key_file

REPORT_MAX = 64 << 20
"""Bytes read of a file that may hold a head; an export's report names every loss."""

Advance = Callable[[int], None]
log = logging.getLogger("georeview.upkeep")

MOST_FLAWS = 20
"""Flaws that are told; where there are more, these are enough to begin with."""


def _unseen(_: int) -> None:
    """Tell nobody how far it is."""


class UpkeepService:
    """What whoever looks after the machine asks for."""

    def __init__(self, store: Store, files: Files, clock: Clock, settings: Settings) -> None:
        self._store = store
        self._files = files
        self._clock = clock
        self._folder = Path(settings.heads).expanduser() if settings.heads else None
        self._key = HeadKey(key_file(settings.head_key), settings.home)

    def steps(self) -> int:
        """How often ``advance`` will be told of an event, about."""
        return 2 * self._store.ledger.head().seq

    def verify(
        self,
        heads: Mapping[str, SignedHead] = MappingProxyType({}),
        advance: Advance = _unseen,
    ) -> Iterator[Flaw]:
        """Recompute every hash, link and projection, and hold every evidence file to its hash.

        The ledger is held against every signed head that can be had: those given, those of the
        store itself, and those in the folder where heads are put.

        Args:
            heads: Heads that were kept elsewhere, each with what to call it.
            advance: Told how many events or files have been looked at since last time; each
                event is looked at twice.
        """
        put_away, unread = self._put_away_before()
        yield from self._store.ledger.verify({**put_away, **heads}, advance)
        for name in unread:
            yield Flaw("head_unread", None, None, name)
        for sha256 in self._store.evidence.hashes():
            if not self._files.whole("evidence", sha256):
                yield Flaw("evidence", None, None, sha256)
            advance(1)

    def sign_head(self, why: Why, *, covers: str = "", at: Head | None = None) -> SignedHead:
        """Sign where the ledger ends, keep it in the store and, where one is set, in the folder.

        Every hour is enough to ask for nothing while nothing was kept: the last one is given back.

        Args:
            why: What for.
            covers: SHA-256 of the file that the head is handed over with.
            at: An earlier end, of a view that is handed over; else the present one.

        Raises:
            KeyInside: The key lies with the data.
            KeyUnusable: The key cannot be read or made.
            OutNotWritable: The hour's head is in the store, and cannot be put into the folder.
        """
        at = at or self._store.ledger.head()
        last = self._last()
        if why is Why.HOURLY and last and (last.seq, last.hash) == (at.seq, at.hash):
            self._put_away()
            return last
        head = self._key.sign(
            SignedHead(
                store=self._store.store_id(),
                seq=at.seq,
                hash=at.hash,
                why=why.value,
                covers=covers,
                signed_at=self._clock().isoformat(timespec="milliseconds"),
                key="",
                signature="",
            )
        )
        self._store.heads.add(head)
        try:
            self._put_away()
        except OutNotWritable:
            # The hour's job says so; a backup or an export does not fail for another machine.
            log.exception("head.not_put_away")
            if why is Why.HOURLY:
                raise
        return head

    def sign_access(self) -> None:
        """Sign where the access log ends, unless that has been signed already."""
        last = self._store.access.last_hash()
        if last != GENESIS and all(
            (head.why, head.covers) != (Why.ACCESS.value, last) for head in self.heads()
        ):
            self.sign_head(Why.ACCESS, covers=last)

    def heads_known(self) -> int:
        """How many heads the ledger is held against without being given any."""
        return len(self.heads()) + len(self.heads_put_away())

    def heads(self) -> list[SignedHead]:
        """Every head that the store itself has kept, oldest first."""
        return self._store.heads.all()

    def own_key(self) -> str | None:
        """The public key of this machine, ``None`` where there is none that can be read."""
        return self._key.public()

    def heads_put_away(self) -> dict[str, SignedHead]:
        """The heads of this store in the folder where they are put, by file name."""
        return self._put_away_before()[0]

    def _put_away_before(self) -> tuple[dict[str, SignedHead], list[str]]:
        """The heads of this store in the folder, and files there that are none."""
        if self._folder is None or not self._folder.is_dir():
            return {}, []
        store, found, unread = self._store.store_id(), {}, []
        for file in sorted(self._folder.glob("head-*.json")):
            try:
                head = read_head(file)
            except HeadMalformed:
                unread.append(file.name)
            else:
                # Several stores may share the folder.
                if head.store == store:
                    found[file.name] = head
        return found, unread

    def _put_away(self) -> None:
        """Put every head into the folder that is not there, also of times when it was not."""
        if self._folder is None:
            return
        for head in self._store.heads.all():
            file = self._folder / head_name(head)
            if not file.exists():
                put(file, as_text(head).encode("utf-8"))

    def _last(self) -> SignedHead | None:
        return next(reversed(self._store.heads.all()), None)


def head_name(head: SignedHead) -> str:
    """What the file of a head is called: store, number and moment, in the order of signing."""
    moment = "".join(c for c in head.signed_at[:23] if c.isdigit())
    return f"head-{head.store[:8]}-{head.seq:012d}-{moment}-{head.signature[:8]}.json"


def read_head(file: Path) -> SignedHead:
    """A head from its file, from an export or its report, or from a backup.

    Raises:
        HeadMalformed: There is none in it, or it cannot be read.
    """
    try:
        return parse(_head_in(file), file.name)
    except (OSError, zipfile.BadZipFile, zlib.error) as error:
        raise HeadMalformed(file=file.name) from error


def _head_in(file: Path) -> bytes:
    if not zipfile.is_zipfile(file):
        with file.open("rb") as stream:
            return stream.read(REPORT_MAX)
    with zipfile.ZipFile(file) as packed:
        for name in packed.namelist():
            if name == "head.json" or name.endswith("_report.json"):
                with packed.open(name) as stream:
                    return stream.read(REPORT_MAX)
    raise HeadMalformed(file=file.name)
