"""Events as they are told: to people as a plot's history, to other systems as lines of the feed."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from georeview.clock import SHANGHAI
from georeview.core.feed import Change
from georeview.core.ledger import Event
from georeview.core.personal import NAMING, told
from georeview.core.plot import STATE_FIELDS

Json = dict[str, Any]


def shanghai(instant: str) -> str:
    """A stored instant as people here read it."""
    # The store keeps UTC, to the millisecond; people read seconds, and hundreds of marks share one.
    return _read_here(f"{instant[:19]}Z" if instant.endswith(_UTC) else instant)


_UTC = "+00:00"


@lru_cache(maxsize=4096)
def _read_here(instant: str) -> str:
    return datetime.fromisoformat(instant).astimezone(SHANGHAI).isoformat(timespec="seconds")


def event(kept: Event, names: Mapping[str, str | None] | None = None) -> Json:
    """One event.

    Args:
        kept: The event.
        names: Of third parties, by what the event says instead; ``None`` where none are shown.
    """
    return {
        "seq": kept.seq,
        "plot_id": kept.plot_id,
        "version": kept.version,
        "action": kept.action,
        "actor": kept.actor,
        "unit": kept.unit,
        "role": kept.role,
        "recorded_at": shanghai(kept.recorded_at),
        "observed_at": shanghai(kept.observed_at),
        "before": _shown(kept.before, names),
        "after": _shown(kept.after, names),
        "body": _shown(kept.body, names),
        "note": orjson.loads(kept.body).get("note"),
        "prev_hash": kept.prev_hash,
        "hash": kept.hash,
    }


def _shown(text: str, names: Mapping[str, str | None] | None) -> Json | orjson.Fragment:
    """Fields as they may be told; few events name anybody."""
    if not any(f'"{name}":' in text for name in NAMING):
        return orjson.Fragment(text)
    return told(orjson.loads(text), names)


def receipt(kept: Event) -> Json:
    """That an event is in the ledger, for somebody who no longer sees its plot."""
    return {
        "seq": kept.seq,
        "plot_id": kept.plot_id,
        "action": kept.action,
        "recorded_at": shanghai(kept.recorded_at),
        "hash": kept.hash,
    }


def change(kind: str, told_of: Change) -> Json:
    """One line of the feed: what left a receiver's area says no more than that."""
    if kind == "left_scope":
        kept = told_of.event
        at = shanghai(kept.recorded_at)
        return {"kind": kind, "seq": kept.seq, "plot_id": kept.plot_id, "recorded_at": at}
    shown = {"kind": kind, **event(told_of.event)}
    if kind == "entered_scope":
        shown["state"] = {name: getattr(told_of.after, name) for name in STATE_FIELDS}
    return shown
