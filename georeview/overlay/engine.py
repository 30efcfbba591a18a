"""Plots × layers → facts: whole arrays at a time, no loop over plots.

The index is over the plots and is asked with the prepared pieces of a layer; a plot wholly inside
a piece costs a test, only plots on the edge of a piece an intersection. Sums are counted by plot
and feature. Memory is bounded by taking the plots in chunks, which changes no result.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.core.layers import ADMINISTRATIVE, KINDS
from georeview.core.lineage import Earlier
from georeview.overlay.areas import Members, members, overlaps, total_m2, touched
from georeview.overlay.columns import joined
from georeview.overlay.edge import edge_facts
from georeview.overlay.facts import AreaFacts, FactTable
from georeview.overlay.hints import suggest
from georeview.overlay.index import Prepared
from georeview.overlay.lineage import kin
from georeview.overlay.plots import Plots, read
from georeview.overlay.river import RiverFacts, river_facts

Int = NDArray[np.int64]

CHUNK: Final = 20_000
"""Plots laid over at once; about 100 MB at 20 vertices a plot."""


def compute(
    plot_ids: Sequence[str],
    wkb: Sequence[bytes],
    types: Sequence[str | None],
    layers: Mapping[str, Prepared],
    computed_at: datetime,
    *,
    numbers: Sequence[str] = (),
    before: Sequence[Earlier] = (),
    chunk: int = CHUNK,
) -> FactTable:
    """All facts of a batch.

    Args:
        plot_ids: Opaque ids (n,).
        wkb: Valid points, polygons or multipolygons (n,), EPSG:4490.
        types: Issued type of each plot (n,), None where there is none; feeds the hints only.
        layers: Layers to lay over, by kind; whatever is not there gives no fact.
        computed_at: When, for the record and for permits that expire.
        numbers: Numbers as issued (n,), where there are earlier plots.
        before: Plots of earlier batches around these.
        chunk: Plots at once.

    Returns:
        Columns in the order of the plots.
    """
    tables = [
        _chunk(
            read(plot_ids[low : low + chunk], wkb[low : low + chunk], types[low : low + chunk]),
            layers,
            computed_at,
            numbers[low : low + chunk],
            before,
        )
        for low in range(0, max(1, len(plot_ids)), chunk)
    ]
    return FactTable(
        plots=joined([table.plots for table in tables]),
        layers=layers,
        areas={kind: joined([t.areas[kind] for t in tables]) for kind in tables[0].areas},
        counties=_joined_or_none([table.counties for table in tables]),
        towns=_joined_or_none([table.towns for table in tables]),
        river=_joined_river([table.river for table in tables]),
        lineage=tuple(kin for table in tables for kin in table.lineage),
        hints=tuple(hints for table in tables for hints in table.hints),
        computed_at=computed_at,
    )


def _chunk(
    plots: Plots,
    layers: Mapping[str, Prepared],
    computed_at: datetime,
    numbers: Sequence[str],
    before: Sequence[Earlier],
) -> FactTable:
    tree = shapely.STRtree(plots.plane)
    areas = {
        kind: _area(plots, tree, layer)
        for kind, layer in layers.items()
        if KINDS[kind].shape == "polygon" and kind not in ADMINISTRATIVE
    }
    river = None
    if "river" in layers:
        river = river_facts(plots, layers["river"], _named_river(plots, layers, areas))
    table = FactTable(
        plots=plots,
        layers=layers,
        areas=areas,
        counties=_admin(plots, tree, layers.get("county")),
        towns=_admin(plots, tree, layers.get("town")),
        river=river,
        lineage=kin(plots, numbers, before),
        hints=(),
        computed_at=computed_at,
    )
    return suggest(table, tree)


def _area(plots: Plots, tree: shapely.STRtree, layer: Prepared) -> AreaFacts:
    own = overlaps(plots, tree, layer.areas)
    found = own if layer.cover is layer.areas else overlaps(plots, tree, layer.cover)
    edge = None
    if layer.line is not None:
        edge = edge_facts(plots, found, layer.cover, layer.line)
    return AreaFacts(
        in_m2=total_m2(plots, found),
        members=members(plots, own, layer.codes),
        touched=touched(plots, found),
        edge=edge,
    )


def _admin(plots: Plots, tree: shapely.STRtree, layer: Prepared | None) -> Members | None:
    if layer is None:
        return None
    return members(plots, overlaps(plots, tree, layer.areas), layer.codes)


def _named_river(
    plots: Plots, layers: Mapping[str, Prepared], areas: Mapping[str, AreaFacts]
) -> Int:
    """River feature that the main management polygon of each plot names (n,), -1 for none."""
    if "mgmt_area" not in areas:
        return np.full(len(plots), -1)
    feature_of_code = {code: n for n, code in enumerate(layers["river"].codes) if code}
    rivers = [
        feature_of_code.get(str(props.get("river_code")), -1) for props in layers["mgmt_area"].props
    ]
    first = areas["mgmt_area"].members.first()
    return np.where(first >= 0, np.array([*rivers, -1])[first], -1)


def _joined_or_none(tables: Sequence[Members | None]) -> Members | None:
    there = [table for table in tables if table is not None]
    return joined(there) if there else None


def _joined_river(tables: Sequence[RiverFacts | None]) -> RiverFacts | None:
    there = [table for table in tables if table is not None]
    return joined(there) if there else None
