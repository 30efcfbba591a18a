"""``python -m benchmarks.filling N``: fill the store of the environment with plots, and say the cost.

A process of its own, so that its memory is that of the load alone. The plots are made chunk by
chunk from one seed while they are taken in; the time that takes is not counted.
"""

import argparse
import json
import os
import resource
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks import synthetic
from georeview import settings
from georeview.clock import system_clock
from georeview.core.access import Grant, Role
from georeview.core.intake import Intake
from georeview.services import open_services
from georeview.services.ids import new_id, new_plot_ids
from georeview.services.people import owner
from georeview.services.updates import bodies
from georeview.storage.ports.deliveries import Entries, NewPlots
from georeview.storage.ports.people import Person
from georeview.storage.ports.plots import Batch, FactColumns, Facts, Import
from georeview.storage.records import FACTS, facts_of_plot, words_of

AREA = "5119"
BATCH = "race"
COUNTIES = tuple(f"{AREA}{n}" for n in ("02", "03", "21", "22", "23"))
BANDS = ("in", "out", "critical", "unknown")
RIVERS = tuple(f"R{n:02d}" for n in range(synthetic.RIVERS))
CHUNK = 20_000
TOGETHER = 2_000
"""Plots handed on at a time, as an import does."""

AGAIN = 20_000
"""Facts that are computed again and put once more, where plots have some."""


@dataclass(slots=True)
class Maker:
    """Plots with their first events, as an import hands them on.

    Attributes:
        n: How many.
        with_facts: Whether facts come with them.
        making_s: Seconds spent on making plots that a file would have brought.
        making_cpu_s: Processor seconds of the same.
    """

    n: int
    with_facts: bool
    now: datetime
    making_s: float = 0.0
    making_cpu_s: float = 0.0
    last_facts: list[Facts] = field(default_factory=list)

    def entries(self) -> Iterator[Entries]:
        """All plots, chunk by chunk."""
        with self._making():
            city = synthetic.city(1)
        intake = Intake(owner(AREA), Role.CITY, area=AREA, now=self.now)
        for first in range(0, self.n, CHUNK):
            with self._making():
                shapes = synthetic.plots(city, min(CHUNK, self.n - first), first)
                boxes = shapely.bounds(shapely.from_wkb(shapes))
            for at in range(0, len(shapes), TOGETHER):
                with self._making():
                    plots = _plots(
                        shapes[at : at + TOGETHER], boxes[at : at + TOGETHER], first + at
                    )
                    facts = _facts(plots, self.now) if self.with_facts else None
                    if facts is not None:
                        rows = zip(*map(facts.__getitem__, FACTS), strict=True)
                        self.last_facts = [*self.last_facts, *map(facts_of_plot, rows)][-AGAIN:]
                steps = [intake.steps(COUNTIES[row % 5]) for row in plots.row]
                ids = [new_id() for _ in range(2 * len(plots))]
                yield Entries(plots, steps, bodies(plots, "0" * 64), ids, facts)

    @contextmanager
    def _making(self) -> Iterator[None]:
        started, cpu = time.perf_counter(), time.thread_time()
        yield
        self.making_s += time.perf_counter() - started
        self.making_cpu_s += time.thread_time() - cpu


def _plots(shapes: Sequence[bytes], boxes: NDArray[np.float64], before: int) -> NewPlots:
    """Plots behind so many others."""
    n, rows = len(shapes), range(before + 1, before + 1 + len(shapes))
    numbers = [f"SC{AREA}{row:09d}" for row in rows]
    return NewPlots(
        plot_id=new_plot_ids(n, system_clock()),
        batch=BATCH,
        source_id=numbers,
        row=rows,
        wkb=shapes,
        source_wkb=shapes,
        source_crs="EPSG:4490",
        fields=['{"type_issued":"疑似采砂","area_stated":"123.4","address":"长赤镇"}'] * n,
        extra=['{"XZ":"abc"}'] * n,
        flags=["[]"] * n,
        bbox=boxes.T.tolist(),
        type_issued=["疑似采砂"] * n,
        words=[words_of(number, "疑似采砂", "长赤镇") for number in numbers],
    )


def _facts(plots: NewPlots, now: datetime) -> FactColumns:
    n, (west, south, east, north) = len(plots), np.array(plots.bbox)
    area = ((east - west) * (north - south) * 1e10 / 2).round(1)
    counties = [COUNTIES[row % 5] for row in plots.row]
    said = '{"hints":[],"area_m2":%s,"in_share":0.5,"river":{"name":"R01"}}'
    return {
        "plot_id": plots.plot_id,
        "computed_at": [now.isoformat()] * n,
        "layers": ["mgmt_area=v1;river=v1"] * n,
        "area_m2": area.tolist(),
        "in_m2": (area / 2).tolist(),
        "in_share": [0.5] * n,
        "water_share": [None] * n,
        "edge_m": [-3.25] * n,
        "band": [BANDS[row % 4] for row in plots.row],
        "river": [RIVERS[row % len(RIVERS)] for row in plots.row],
        "river_code": [None] * n,
        "river_m": [12.0] * n,
        "bank": ["L"] * n,
        "chainage_m": [None] * n,
        "county": counties,
        "county_name": ["平昌县"] * n,
        "county_share": [1.0] * n,
        "multi_county": [0] * n,
        "township": [
            f"{county}{row % 12:03d}" for county, row in zip(counties, plots.row, strict=True)
        ],
        "township_name": ["长赤镇"] * n,
        "lon": ((west + east) / 2).tolist(),
        "lat": ((south + north) / 2).tolist(),
        "suggestion": ["FP31" if row % 7 == 0 else None for row in plots.row],
        "detail": [said % m2 for m2 in area.tolist()],
    }


def main() -> None:
    """Fill, and print what it cost as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.filling", description=__doc__)
    parser.add_argument("plots", type=int)
    parser.add_argument("--facts", action="store_true", help="with facts, as an import does")
    options = parser.parse_args()
    services = open_services(settings.load(os.environ), system_clock)
    store = services.store
    now = system_clock()
    grants = (Grant(Role.CITY, AREA),)
    store.people.put(Person("demo-city", "demo-city", "unit", None, disabled=False, grants=grants))
    batch = Batch(BATCH, AREA, "2023-06-30", "2023-11-30", hard=True, created_at=now.isoformat())
    source = Import("race", BATCH, "race.shp", "0" * 64, "{}", "system", now.isoformat())
    maker = Maker(options.plots, options.facts, now)
    started, cpu = time.perf_counter(), time.process_time()
    kept, _ = store.deliveries.add(batch, source, maker.entries())
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    again_s = None
    if maker.last_facts:
        started = time.perf_counter()
        store.facts.put(maker.last_facts)
        again_s = (time.perf_counter() - started) / len(maker.last_facts)
    figures = {
        "plots": kept,
        "seconds": seconds - maker.making_s,
        "cpu_s": cpu - maker.making_cpu_s,
        "peak_mb": peak,
        "again_us": again_s and again_s * 1e6,
        "head": np.int64(store.ledger.head().seq).item(),
    }
    services.close()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
