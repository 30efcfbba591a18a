"""What events add up to: a plot's review, which the store's projection must equal."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import reduce
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from georeview.core.course import COURSE_FIELDS, moved_course
from georeview.core.ledger import Draft, Event, Value
from georeview.core.plot import STATE_FIELDS, UNLISTED, Review, UndoPoint

UNDO_DEPTH = 3
"""Marks of one person in a row that stay undoable."""

_NOTHING: Mapping[str, Value] = MappingProxyType({})
_STATE_FIELDS = frozenset(STATE_FIELDS)
_REVIEW_FIELDS = tuple(field.name for field in fields(Review))
_review_values = attrgetter(*_REVIEW_FIELDS)


def apply(state: Review, event: Event) -> Review:
    """The state after one more event. Never judges: what is in the ledger has happened."""
    if event.version == state.version:
        return state
    # What a change replaced is needed to take a mark back, and is not read otherwise.
    replaced = event.replaced if event.action == "mark" else _NOTHING
    return _moved(state, event, replaced, event.changes, event.seq, event.version)


def advance(state: Review, draft: Draft, seq: int, version: int) -> Review:
    """What ``apply`` gives for the event that a draft becomes, without reading it back."""
    if version == state.version:
        return state
    # In the order of the event's text, so that a projection made anew is the same to the byte.
    replaced = {name: draft.before[name] for name in sorted(draft.before) if name in draft.after}
    return _moved(state, draft, replaced, draft.after, seq, version)


def moves_sight(action: str, before: str, after: str) -> bool:
    """Whether an event changes who sees a plot, or what shape they see.

    Args:
        action: What is done.
        before: What it changes, canonical text.
        after: What it changes it to; a quoted name stands in canonical text only as a name.
    """
    if action in ("revise", "restore", "retract"):
        return True
    if '"area":' in after:
        return True
    return any(f'"stage":"{stage}"' in text for stage in UNLISTED for text in (before, after))


def _moved(
    state: Review,
    what: Event | Draft,
    replaced: Mapping[str, Value],
    changes: Mapping[str, Value],
    seq: int,
    version: int,
) -> Review:
    # Every move leaves points of one person only.
    own = state.undo if state.undo and state.undo[-1].actor == what.actor else ()
    if what.action == "mark":
        own = (*own, UndoPoint(what.actor, replaced))[-UNDO_DEPTH:]
    elif what.action == "undo_mark":
        own = own[:-1]
    values: dict[str, Any] = dict(zip(_REVIEW_FIELDS, _review_values(state), strict=True))
    values |= {name: value for name, value in changes.items() if name in _STATE_FIELDS}
    if not COURSE_FIELDS.isdisjoint(changes):
        values["course_text"] = moved_course(state.course_text, changes)
    values["version"], values["seq"], values["undo"] = version, seq, own
    return Review(*values.values())


def replay(plot_id: str, events: Iterable[Event]) -> Review:
    """The state that a plot's events, oldest first, add up to."""
    return reduce(apply, events, Review(plot_id))
