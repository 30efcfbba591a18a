"""The log of rights: who gave or took which, each entry bound to the one before it by its hash.

It stands beside the ledger of reviews, is chained like it, and is never changed or shortened.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass

from georeview.core.ledger import GENESIS, Value, canonical

_SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class NewEntry:
    """Something that is about to be changed.

    Attributes:
        at: Server time, ISO 8601 UTC.
        actor: Sign-in name of who changes it.
        action: What is done, a key of ``access.action.``.
        subject: Whose rights: a sign-in name, or the name of a key.
        area: Where they hold; what several have in common.
        detail: What changes, old and new.
    """

    at: str
    actor: str
    action: str
    subject: str
    area: str
    detail: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Entry:
    """One kept entry. Every attribute but ``hash`` goes into the hash, in this order."""

    prev_hash: str
    number: int
    at: str
    actor: str
    action: str
    subject: str
    area: str
    detail: str
    hash: str


def chained(new: NewEntry, number: int = 0, last_hash: str = GENESIS) -> Entry:
    """The entry that follows the one with this number and hash."""
    said = (new.at, new.actor, new.action, new.subject, new.area, canonical(new.detail))
    columns = (last_hash, number + 1, *said)
    return Entry(*columns, _digest(*columns))


def intact(entry: Entry) -> bool:
    """Whether an entry is what its hash says."""
    *columns, own = astuple(entry)
    return bool(_digest(*columns) == own)


def _digest(*values: object) -> str:
    # JSON escapes control characters and names are refused with them, so that nothing can be moved
    # from one column into the next.
    return hashlib.sha256(_SEPARATOR.join(map(str, values)).encode("utf-8")).hexdigest()
