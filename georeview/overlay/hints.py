"""Suggested reasons, as a table of rules over the facts; a suggestion never sets a mark.

A hint that points to a problem hides every suggestion of "not a problem": the false negative is
the main risk. Otherwise the first rule of the table that fits gives the suggested code. Shape
alone gives words, never a code. Thresholds and the order are defaults of this product.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.core.lineage import Relation
from georeview.core.permits import NEAR_M, fitting
from georeview.core.reasons import VIOLATIONS
from georeview.overlay.edge import BANDS
from georeview.overlay.facts import FactTable, Suggestion
from georeview.overlay.index import Prepared

Int = NDArray[np.int64]
Float64 = NDArray[np.float64]
Facts = dict[str, str | float | None]
Hit = tuple[int, str | None, Facts]
Class = Literal["problem", "not_problem", "words"]

NEAR_WORKS_M: Final = 20.0
TOUCH_SHARE: Final = 0.05
BRIDGE_WIDTH_M: Final = 15.0
BRIDGE_ELONGATION: Final = 3.0
_SHANGHAI: Final = timezone(timedelta(hours=8))

PERMIT_SAYS: Final = ("authority", "date", "valid_to")
"""What else of the register entry goes with the hint, so that nobody types it again."""

_PROBLEMS: Final = frozenset({"confirmed", "rectified"})
_NEGATIVES: Final = frozenset({"negative", "negative_historic"})

WORKS_WORDS: Final = ("堤", "护岸", "水利工程")

LEDGER_CODES: Final[Mapping[str, str]] = MappingProxyType(
    {"乱占": "PR13", "乱采": "PR21", "乱堆": "PR32", "乱建": "PR42"}
)
"""Most usual code of a class, where the ledger of known problems names only the class."""


@dataclass(frozen=True, slots=True)
class Hint:
    """One rule.

    Attributes:
        key: Text key, ``hint.<key>``.
        says: What it points to.
        needs: Layer kinds without which it is silent.
        find: Plots it fits, each with the suggested code and the facts of its sentence.
    """

    key: str
    says: Class
    needs: frozenset[str]
    find: Callable[[FactTable, shapely.STRtree], Iterator[Hit]]


def suggest(table: FactTable, tree: shapely.STRtree) -> FactTable:
    """The table with its hints: problems first, then the first reason that fits, then words.

    Args:
        table: Facts of the plots.
        tree: Index over the same plots in the metric plane.
    """
    problems: dict[int, list[Suggestion]] = {}
    reasons: dict[int, list[Suggestion]] = {}
    words: dict[int, list[Suggestion]] = {}
    for hint in HINTS:
        if not hint.needs <= table.layers.keys():
            continue
        for plot, code, facts in hint.find(table, tree):
            said = Suggestion(code, hint.key, facts)
            if hint.says == "problem":
                problems.setdefault(plot, []).append(said)
            elif hint.says == "words":
                words.setdefault(plot, []).append(said)
            else:
                reasons.setdefault(plot, [said])
    hints = tuple(
        (*(problems.get(n) or reasons.get(n, [])), *words.get(n, [])) for n in range(len(table))
    )
    return replace(table, hints=hints)


def _known_problem(table: FactTable, tree: shapely.STRtree) -> Iterator[Hit]:
    layer = table.layers["known_problem"]
    for plot, feature, distance_m in _near(table, tree, layer, NEAR_M):
        kind = str(layer.props[feature].get("class") or "")
        code = kind if kind in VIOLATIONS else LEDGER_CODES.get(kind, "PR90")
        number = layer.props[feature].get("ledger_no") or layer.codes[feature] or "-"
        yield plot, code, {"number": number, "distance_m": distance_m, **_source(layer)}


def _problem_before(table: FactTable, _: shapely.STRtree) -> Iterator[Hit]:
    for plot, kin in enumerate(table.lineage):
        for one in kin:
            was = one.earlier
            if one.relation is Relation.SAME and was.mark in _PROBLEMS:
                yield plot, was.violation or "PR90", {"number": was.source_id, "batch": was.batch}


def _as_before(table: FactTable, _: shapely.STRtree) -> Iterator[Hit]:
    for plot, kin in enumerate(table.lineage):
        for one in kin:
            was = one.earlier
            if one.relation is Relation.SAME and was.outcome in _NEGATIVES and was.reason:
                yield plot, was.reason, {"number": was.source_id, "batch": was.batch}


def _outside(table: FactTable, _: shapely.STRtree) -> Iterator[Hit]:
    edge = table.areas["mgmt_area"].edge
    if edge is None:
        return
    source = _source(table.layers["mgmt_area"])
    for plot in np.flatnonzero(edge.band == BANDS.index("out")):
        yield int(plot), "FP31", {"edge_m": round(float(edge.edge_m[plot]), 1), **source}


def _permitted(table: FactTable, tree: shapely.STRtree) -> Iterator[Hit]:
    layer = table.layers["permit"]
    today = table.computed_at.astimezone(_SHANGHAI).date()
    for plot, feature, distance_m in _near(table, tree, layer, NEAR_M):
        props = layer.props[feature]
        code = fitting(str(props.get("kind") or ""), table.plots.types[plot] or "")
        number = props.get("permit_no") or layer.codes[feature]
        if code and number and not _expired(props.get("valid_to"), today):
            facts: Facts = {"number": number, "distance_m": distance_m}
            facts |= {name: str(props[name]) for name in PERMIT_SAYS if props.get(name)}
            yield plot, code, facts | {"name": layer.names[feature] or ""} | _source(layer)


def _works(table: FactTable, tree: shapely.STRtree) -> Iterator[Hit]:
    layer = table.layers["dike"]
    for plot, feature, distance_m in _near(table, tree, layer, NEAR_WORKS_M):
        if any(word in (table.plots.types[plot] or "") for word in WORKS_WORDS):
            facts: Facts = {"name": layer.names[feature] or "", "distance_m": distance_m}
            yield plot, "FP13", facts | _source(layer)


def _touching(table: FactTable, _: shapely.STRtree) -> Iterator[Hit]:
    mgmt = table.areas["mgmt_area"]
    if mgmt.edge is None:
        return
    share = mgmt.in_m2 / table.plots.area_m2
    hit = (mgmt.edge.band == BANDS.index("critical")) & (share < TOUCH_SHARE)
    source = _source(table.layers["mgmt_area"])
    for plot in np.flatnonzero(hit):
        percent = round(100 * float(share[plot]), 1)
        yield int(plot), "FP32", {"in_pct": percent, **source}


def _bridge_like(table: FactTable, _: shapely.STRtree) -> Iterator[Hit]:
    """Sides of the rectangle that has the plot's area and perimeter; thin, and over the river."""
    if table.river is None:
        return
    half = table.plots.perimeter_m / 2
    with np.errstate(invalid="ignore"):
        width = (half - np.sqrt(np.maximum(half**2 - 4 * table.plots.area_m2, 0))) / 2
        thin = (width <= BRIDGE_WIDTH_M) & (half - width >= BRIDGE_ELONGATION * width)
    for plot in np.flatnonzero(thin & (table.river.distance_m == 0)):
        yield int(plot), None, {"width_m": round(float(width[plot]), 1)}


HINTS: Final[tuple[Hint, ...]] = (
    Hint("known_problem", "problem", frozenset({"known_problem"}), _known_problem),
    Hint("problem_before", "problem", frozenset(), _problem_before),
    Hint("as_before", "not_problem", frozenset(), _as_before),
    Hint("outside", "not_problem", frozenset({"mgmt_area"}), _outside),
    Hint("permit", "not_problem", frozenset({"permit"}), _permitted),
    Hint("works", "not_problem", frozenset({"dike"}), _works),
    Hint("touching", "not_problem", frozenset({"mgmt_area"}), _touching),
    Hint("bridge_like", "words", frozenset({"river"}), _bridge_like),
)
"""In the order in which they are tried."""


def _near(
    table: FactTable, tree: shapely.STRtree, layer: Prepared, most_m: float
) -> list[tuple[int, int, float]]:
    """Pairs of plot and feature at most so far apart, by plot, the nearest feature first."""
    feature, plot = tree.query(layer.geoms, predicate="dwithin", distance=most_m * 1.001)
    apart = shapely.distance(layer.geoms[feature], table.plots.plane[plot])
    metres: Float64 = apart / table.plots.scale[plot]
    order = np.lexsort((feature, metres, plot))
    order = order[metres[order] <= most_m]
    return [(int(plot[n]), int(feature[n]), round(float(metres[n]), 1)) for n in order]


def _expired(valid_to: object, today: date) -> bool:
    """Whether a date of the register has passed; no readable date means it does not end."""
    try:
        return datetime.fromisoformat(str(valid_to)).date() < today
    except ValueError:
        return False


def _source(layer: Prepared) -> Facts:
    return {"layer": layer.layer_id, "version": layer.version}
