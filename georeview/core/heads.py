"""A signed head: where the ledger ended at one moment, sworn to with a key that lies elsewhere.

Whoever can write the database can make every hash anew, or cut off the end; a head that somebody
else keeps shows it, for the ledger must still hold exactly that event under that number.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from enum import StrEnum

from georeview.core.ledger import canonical
from georeview.errors.upkeep import HeadMalformed

FORMAT = "georeview head 1"


class Why(StrEnum):
    """What a head was signed for."""

    HOURLY = "hourly"
    BACKUP = "backup"
    EXPORT = "export"
    PUBLISHED = "published"
    ASKED = "asked"
    ACCESS = "access"


@dataclass(frozen=True, slots=True)
class SignedHead:
    """The end of a ledger, and a signature over it.

    Attributes:
        store: Identity of the store.
        seq: Number of its last event.
        hash: Hash of that event.
        why: A value of ``Why``.
        covers: SHA-256 of the file it was handed over with; for ``Why.ACCESS`` the hash of the last
            entry of the access log; empty where there was neither.
        signed_at: When, ISO 8601 UTC.
        key: Public key, 64 hexadecimal digits (Ed25519).
        signature: 128 hexadecimal digits, over ``payload``.
    """

    store: str
    seq: int
    hash: str
    why: str
    covers: str
    signed_at: str
    key: str
    signature: str


_TEXTS = tuple(f.name for f in fields(SignedHead) if f.name != "seq")
_HEX = {"hash": 64, "key": 64, "signature": 128}


def payload(head: SignedHead) -> bytes:
    """The bytes that are signed: all of the head but the signature, the same everywhere."""
    content = {k: v for k, v in asdict(head).items() if k != "signature"}
    return canonical({"format": FORMAT, **content}).encode("utf-8")


def as_json(head: SignedHead) -> dict[str, object]:
    """The head as it is given away."""
    return {"format": FORMAT, **asdict(head)}


def as_text(head: SignedHead) -> str:
    """The head as a file of its own."""
    return json.dumps(as_json(head), indent=1, ensure_ascii=False) + "\n"


def parse(text: str | bytes, file: str) -> SignedHead:
    """Read a head back, from a file of its own or from the report of an export.

    Args:
        text: The file's content.
        file: What to call it in a refusal.

    Raises:
        HeadMalformed: There is no head of ours in it.
    """
    try:
        given = json.loads(text)
        if "options" in given:
            given = given["options"]["signed_head"]
        if given.pop("format") != FORMAT:
            raise HeadMalformed(file=file)
        head = SignedHead(**given)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise HeadMalformed(file=file) from error
    if not _is_whole(head):
        raise HeadMalformed(file=file)
    return head


def _is_whole(head: SignedHead) -> bool:
    numbered = type(head.seq) is int and head.seq >= 0
    texts = all(isinstance(getattr(head, name), str) for name in _TEXTS)
    return numbered and texts and all(_is_hex(getattr(head, n), size) for n, size in _HEX.items())


def _is_hex(text: str, size: int) -> bool:
    return len(text) == size and set(text) <= set("0123456789abcdef")


class Verdict(StrEnum):
    """What a ledger says to a head; all but the first are flaws."""

    HELD = "held"
    FORGED = "head_forged"
    OTHER_STORE = "head_other_store"
    CUT = "head_cut"
    REWRITTEN = "head_rewritten"


def judge(
    head: SignedHead, *, store: str, found: str | None, holds: Callable[[SignedHead], bool]
) -> Verdict:
    """Hold a head against a ledger.

    Args:
        head: The head.
        store: Identity of the store that is looked at.
        found: Hash of the event with the head's number; ``None`` when the ledger ends before.
        holds: Tells whether a signature is that of the head's key.
    """
    if not holds(head):
        return Verdict.FORGED
    if head.store != store:
        return Verdict.OTHER_STORE
    if found is None:
        return Verdict.CUT
    return Verdict.HELD if found == head.hash else Verdict.REWRITTEN
