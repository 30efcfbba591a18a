"""Overlay of 1,299 plots: facts of every plot, beside PostGIS and plain geopandas.

Each side gets its boundaries prepared once, outside the clock, as it likes them best: PostGIS as
``ST_Subdivide`` pieces with GiST indexes in the metric plane, geopandas as whole features with
their spatial index warm. On the clock: from plots as WKB in EPSG:4490 to all facts. PostGIS is
charged with the CPU time of its whole cluster and not with the client that reads the rows.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import naive, synthetic
from benchmarks.harness import AnswersDiffer, Result, cpu_of, pair
from benchmarks.postgres import Cluster, cluster
from georeview.overlay.engine import compute
from georeview.overlay.facts import FactTable
from georeview.overlay.index import Prepared, prepare

Float64 = NDArray[np.float64]
Columns = Mapping[str, NDArray[Any]]

PLOTS, MANY = 1_299, 100_000
SEED = 20230428
NOW = datetime(2023, 4, 28, tzinfo=UTC)
GOALS = {"postgis": 3.0, "geopandas": 50.0}
SQL = Path(__file__).with_name("overlay.sql")

AREAS = frozenset({"area_m2", "in_m2", "in_m2_min", "in_m2_max"})
AREA_M2, AREA_SHARE, STRIP_M2, DISTANCE_M, CHAINAGE_M = 0.05, 2e-6, 0.5, 0.001, 0.01
"""Areas may differ by 0.05 m² or 2e-6 of the plot (whichever is more), the interval of the inside
area by 0.5 m² (both sides draw the arcs of the strip with 64 chords a circle, 1.2 cm short, but
not from the same points), distances by 1 mm, chainages by 1 cm in 50 km (the peer's scale is the
formula on a sphere), codes not at all."""


def race(runs: int) -> Result:
    """Compare answers, then costs."""
    city = synthetic.city(SEED)
    wkb = synthetic.plots(city, PLOTS, SEED + 1)
    layers = {kind: prepare(kind, kind, "v1", rows) for kind, rows in city.layers.items()}
    ours = columns(_facts(wkb, layers))
    with cluster() as server:
        _load(server, city, wkb)
        postgis = _Postgis(server)
        plain = naive.Naive(city.layers, wkb)
        checked = [
            f"{name} {_compare(ours, answer())}"
            for name, answer in (("postgis", postgis.answer), ("geopandas", plain.answer))
        ]
        peers = {"postgis": postgis.cost, "geopandas": cpu_of(plain.answer)}
        us, costs, ratio = pair(cpu_of(lambda: _facts(wkb, layers)), peers, runs)
    many = synthetic.plots(city, MANY, SEED + 2)
    growth = cpu_of(lambda: _facts(many, layers))()
    per_plot, per_plot_many = 1e6 * us / PLOTS, 1e6 * growth / MANY
    return Result(
        us=us,
        peers=costs,
        ratio=ratio,
        unit=f"CPU seconds for {PLOTS:,} plots on {city.vertices():,} boundary vertices",
        checked="; ".join(checked),
        goals=GOALS,
        notes=(
            f"growth: {MANY:,} plots in {growth:.2f} CPU s",
            f"a plot: {per_plot:.0f} µs of {PLOTS:,}, {per_plot_many:.0f} µs of {MANY:,}",
        ),
    )


def _facts(wkb: list[bytes], layers: Mapping[str, Prepared]) -> FactTable:
    return compute([str(n) for n in range(len(wkb))], wkb, [None] * len(wkb), layers, NOW)


def columns(table: FactTable) -> Columns:
    """Our facts in the form the peers answer in."""
    mgmt, river = table.areas["mgmt_area"], table.river
    if mgmt.edge is None or river is None or table.counties is None or table.towns is None:
        raise AnswersDiffer("a layer is missing")
    names = {
        kind: np.array([*layer.codes, None], dtype=object) for kind, layer in table.layers.items()
    }
    return {
        "area_m2": table.plots.area_m2,
        "in_m2": mgmt.in_m2,
        "in_m2_min": mgmt.edge.in_m2_min,
        "in_m2_max": mgmt.edge.in_m2_max,
        "main": names["mgmt_area"][mgmt.members.first()],
        "edge_m": mgmt.edge.edge_m,
        "max_out_m": mgmt.edge.max_out_m,
        "max_in_m": mgmt.edge.max_in_m,
        "river": names["river"][river.feature],
        "river_m": river.distance_m,
        "chainage_m": np.where(river.distance_m > 0, river.chainage_m, np.nan),
        "bank": np.array(["L", "R", "both"], dtype=object)[river.bank],
        "county": names["county"][table.counties.first()],
        "town": names["town"][table.towns.first()],
    }


def _compare(ours: Columns, theirs: Columns) -> str:
    """Hold every column the peer answers against ours; say how close, or refuse."""
    worst: dict[str, float] = {}
    for name, answer in theirs.items():
        mine = ours[name]
        if mine.dtype == object:
            differing = int((mine != answer).sum())
            if differing:
                raise AnswersDiffer(f"{name} differs for {differing} plots")
            continue
        gap = np.abs(np.nan_to_num(mine) - np.nan_to_num(answer.astype(np.float64)))
        allowed = CHAINAGE_M if name == "chainage_m" else DISTANCE_M
        if name in AREAS:
            least = STRIP_M2 if name.endswith(("_min", "_max")) else AREA_M2
            allowed = np.maximum(least, AREA_SHARE * ours["area_m2"])
        worst[name] = float(gap.max())
        if (gap > allowed).any():
            raise AnswersDiffer(f"{name} differs by {worst[name]:.4g} at plot {int(gap.argmax())}")
    areas = max(value for name, value in worst.items() if name in AREAS)
    metres = max((value for name, value in worst.items() if name not in AREAS), default=0.0)
    return f"{len(theirs)} facts (areas within {areas:.1g} m², distances within {metres:.1g} m)"


class _Postgis:
    """The same facts in one statement."""

    def __init__(self, server: Cluster) -> None:
        self._server = server
        self._connection = server.connect()
        self._statement = SQL.read_text(encoding="utf-8").partition("-- FACTS")[2]

    def answer(self) -> Columns:
        with self._connection.cursor() as cursor:
            cursor.execute(self._statement)
            names = [column.name for column in cursor.description]
            rows = list(zip(*cursor.fetchall(), strict=True))
        made: dict[str, NDArray[Any]] = {}
        for name, values in zip(names, rows, strict=True):
            text = any(isinstance(value, str) for value in values)
            made[name] = np.array(values, dtype=object if text else np.float64)
        return made

    def cost(self) -> float:
        before = self._server.cpu_seconds()
        self.answer()
        return self._server.cpu_seconds() - before


def _load(server: Cluster, city: synthetic.City, wkb: list[bytes]) -> None:
    prepare_sql = SQL.read_text(encoding="utf-8").partition("-- FACTS")[0]
    tables, _, prepare_sql = prepare_sql.partition("-- PREPARE")
    with server.connect() as connection:
        connection.execute(tables)
        copy: Callable[..., Any] = connection.cursor().copy
        with copy("COPY plot (id, wkb) FROM STDIN") as out:
            for n, geom in enumerate(wkb):
                out.write_row((n, geom))
        with copy("COPY feature (kind, n, code, wkb) FROM STDIN") as out:
            for kind, rows in city.layers.items():
                for n, row in enumerate(rows):
                    out.write_row((kind, n, row.code, row.wkb))
        connection.execute(prepare_sql)
        connection.execute("VACUUM ANALYZE")
