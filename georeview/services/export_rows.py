"""A plot as one row of the export dictionary, with the sender's own columns behind."""

import json
from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from typing import Any

from georeview.clock import SHANGHAI
from georeview.core.clocks import Timing
from georeview.core.fields import EXPORT_FIELDS, PERSONAL_FIELDS, PLOT_FIELDS
from georeview.core.lineage import seen_before
from georeview.core.reasons import VIOLATIONS
from georeview.exports.base import Columns
from georeview.exports.facts import FACTS
from georeview.services.lineage import group_of, lineage_of
from georeview.services.plots import dues_of
from georeview.storage.ports.plots import Plot

Names = Mapping[str, str]


def columns(
    plots: Sequence[Plot],
    timings: Sequence[Timing | None],
    headers: Names,
    names: Names,
    as_of: str,
    *,
    personal: bool = False,
) -> Columns:
    """Plots as columns.

    Args:
        plots: The plots.
        timings: How each stands against its clock.
        headers: Incoming field → the sender's header.
        names: Area code → name.
        as_of: When they were read, ISO 8601.
        personal: Whether the sender's columns that name people leave too.
    """
    rows = [_row(*pair, names, as_of) for pair in zip(plots, timings, strict=True)]
    kept = frozenset[str]() if personal else PERSONAL_FIELDS
    sent = [_sent(plot, headers, kept) for plot in plots]
    wanted = dict.fromkeys(header for row in sent for header in row)
    return Columns(
        wkb=[plot.given.wkb for plot in plots],
        values={f.name: [row.get(f.name) for row in rows] for f in EXPORT_FIELDS},
        extras={header: [row.get(header) for row in sent] for header in wanted},
    )


_FROM_REVIEW = (
    "type_actual",
    "mark",
    "mark_state",
    "determination",
    "stage",
    "outcome",
    "severity",
    "permit_no",
    "permit_valid_to",
    "county",
    "marked_unit",
)
_FROM_FACTS = (
    "county_share",
    "multi_county",
    "township",
    "township_name",
    "area_m2",
    "in_m2",
    "in_share",
    "band",
    "edge_m",
    "water_share",
    "river",
    "river_code",
    "bank",
    "chainage_m",
    "river_m",
    "lon",
    "lat",
)


def _row(plot: Plot, timing: Timing | None, names: Names, as_of: str) -> dict[str, object]:
    """A plot as one value for each field of the export dictionary."""
    review, given, course = plot.review, plot.given, plot.review.course
    own: dict[str, object] = {
        name: getattr(review, name) for name in _FROM_REVIEW if hasattr(review, name)
    }
    facts = {name: getattr(plot.facts, name, None) for name in _FROM_FACTS}
    violation = VIOLATIONS.get(review.violation or "")
    marked = _local_day(review.marked_at)
    return {
        **own,
        **facts,
        "plot_id": given.plot_id,
        "source_id": given.source_id,
        "batch": given.batch,
        "type_issued": given.fields.get("type_issued"),
        "reason": review.reason or review.violation,
        "disorder": violation.disorder if violation else None,
        "county_name": names.get(review.county or ""),
        "township": review.township or facts["township"],
        "township_name": names.get(review.township or "") or facts["township_name"],
        "multi_county": int(bool(facts["multi_county"])),
        **_shares(plot),
        "area_stated_m2": given.fields.get("area_stated_m2"),
        "layer_version": _boundary_version(plot),
        "img_before": _full_date(given.fields.get("img_before")),
        "img_after": _full_date(given.fields.get("img_after")),
        "marked_on": marked,
        **dues_of(plot),
        "overdue_days": timing.overdue_days if timing else 0,
        "overdue_kind": timing.state if timing else None,
        "rectified_on": course.rectify_done_on and course.claimed_on,
        "closed_on": course.closed_on,
        "return_n": course.returns or 0,
        "measure": course.measure,
        "parent": course.parent or course.target,
        "lineage": group_of(plot),
        "repeat_n": seen_before(lineage_of(plot)),
        "photo_n": plot.photos,
        "note": review.note,
        "as_of": as_of[:19],
        "version": review.version,
        "hash": plot.hash,
    }


def _sent(plot: Plot, headers: Names, kept: Set[str]) -> dict[str, object]:
    """The sender's columns under the sender's headers, without those that stay here."""
    fields = {
        headers.get(field.name, field.name): plot.given.fields[field.name]
        for field in PLOT_FIELDS
        if field.name in plot.given.fields and field.name not in kept
    }
    return {**fields, **plot.given.extra}


def facts(plot: Plot) -> list[tuple[object, ...]]:
    """A plot's facts, one row for each layer laid over it (``georeview.exports.facts.FACTS``)."""
    if plot.facts is None:
        return []
    detail: Mapping[str, Any] = plot.facts.detail
    found = {
        **(detail.get("overlay") or {}),
        **{kind: detail.get(kind) for kind in ("river", "county", "township")},
    }
    given = plot.given
    return [
        (given.plot_id, given.source_id, kind, *_told(dict(fact)))
        for kind, fact in found.items()
        if fact
    ]


def _told(fact: dict[str, Any]) -> list[object]:
    """A fact in the columns of the table; what has none, as JSON behind."""
    named = [fact.pop(name, None) for name, _ in FACTS[3:-1]]
    return [*named, json.dumps(fact, ensure_ascii=False, sort_keys=True)]


def _shares(plot: Plot) -> dict[str, object]:
    """Shares that only some batches have layers for."""
    overlay: Mapping[str, Any] = plot.facts.detail.get("overlay") or {} if plot.facts else {}  # type: ignore[assignment]
    zones = overlay.get("shore_zone", {})
    return {
        "protect_share": overlay.get("protect_area", {}).get("in_share"),
        "zone": zones.get("zone"),
        "zone_share": zones.get("zones", {}).get(zones.get("zone")),
    }


def _boundary_version(plot: Plot) -> str | None:
    """Version of the management boundary behind the facts."""
    if plot.facts is None:
        return None
    pairs = dict(part.split("=", 1) for part in plot.facts.layers.split(";") if "=" in part)
    return pairs.get("mgmt_area")


def _local_day(instant: str | None) -> str | None:
    if instant is None:
        return None
    return datetime.fromisoformat(instant).astimezone(SHANGHAI).date().isoformat()


def _full_date(value: object) -> str | None:
    """A date that is known to the day; a month or a quarter has no place in a date column."""
    text = str(value or "")
    try:
        return datetime.strptime(text, "%Y-%m-%d").date().isoformat()  # noqa: DTZ007
    except ValueError:
        return None
