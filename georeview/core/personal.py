"""Names of third parties: they stand beside the ledger, and events hold a salted hash of them.

A name in an event could never be erased, for every later hash rests on it. So the event says that
somebody was named, the side table says who, and what is erased there leaves the ledger whole. A
salt of its own for each name keeps anybody from finding it again by hashing names one knows.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from georeview.core.commands import HASH_OF_NAME, personal_fields
from georeview.core.ledger import Draft, Named, Value

PERSONAL = personal_fields()
"""Fields of a command that name somebody."""

STANDS_IN: Mapping[str, str] = MappingProxyType({"person": "measure_person", "party": "party"})
"""Field of a command → where the review goes on holding it."""

NAMING = PERSONAL | frozenset(STANDS_IN.values())
"""Every field of a command or a review in which a name may stand."""


@dataclass(frozen=True, slots=True)
class OnRecord:
    """A name on record, or that one was.

    Attributes:
        token: What events say instead.
        plot_id: The plot it was said of.
        field: Field of the command that named it.
        value: The name; ``None`` once it is erased.
        erased_at: When it was erased, ISO 8601 UTC.
        erased_by: By whom.
        reason: Why.
    """

    token: str
    plot_id: str
    field: str
    value: str | None
    erased_at: str | None = None
    erased_by: str | None = None
    reason: str | None = None


def token_of(salt: str, value: str) -> str:
    """What an event says of a name."""
    return HASH_OF_NAME + hashlib.sha256(f"{salt}\x1f{value}".encode()).hexdigest()


def is_token(value: object) -> bool:
    """Whether this stands for a name, and is none."""
    return isinstance(value, str) and value.startswith(HASH_OF_NAME)


def sealed(draft: Draft, salt: Callable[[], str]) -> Draft:
    """The same event with hashes for names, and the names beside it.

    Args:
        draft: A judged event.
        salt: Gives a random text that nobody can guess, a new one each time.
    """
    inner = draft.body.get("said")
    if isinstance(inner, dict) and not PERSONAL.isdisjoint(inner):
        said, named = _sealed(inner, draft.plot_id, salt)
        return replace(draft, body={**draft.body, "said": said}, named=named)
    if PERSONAL.isdisjoint(draft.body):
        return draft
    body, named = _sealed(draft.body, draft.plot_id, salt)
    after = dict(draft.after)
    for one in named:
        held = STANDS_IN[one.field]
        if after.get(held) == one.value:
            after[held] = one.token
    return replace(draft, body=body, after=after, named=named)


def _sealed(
    body: Mapping[str, Value], plot_id: str, salt: Callable[[], str]
) -> tuple[dict[str, Value], tuple[Named, ...]]:
    named = []
    for name in sorted(PERSONAL & body.keys()):
        own, value = salt(), str(body[name])
        named.append(Named(token_of(own, value), plot_id, name, own, value))
    return {**body, **{one.field: one.token for one in named}}, tuple(named)


def tokens_in(body: Mapping[str, Value]) -> set[str]:
    """The names that an event's body says to be on record."""
    inner = body.get("said")
    parts = (body, inner) if isinstance(inner, dict) else (body,)
    return {str(part[name]) for part in parts for name in PERSONAL if is_token(part.get(name))}


def told(body: Mapping[str, Value], names: Mapping[str, str | None] | None) -> dict[str, Value]:
    """Fields as they may be told.

    Args:
        body: As events hold them; those of before names stood apart hold the name itself.
        names: Token → name; ``None`` for whoever may see none.
    """
    shown: dict[str, Value] = {}
    for name, value in body.items():
        if isinstance(value, dict):
            shown[name] = told(value, names)
        elif name not in NAMING:
            shown[name] = value
        elif names is None:
            shown[name] = None
        else:
            shown[name] = names.get(str(value)) if is_token(value) else value
    return shown
