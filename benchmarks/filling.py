"""``python -m benchmarks.filling N``: fill the store of the environment with plots, and say the cost.

A process of its own, so that its memory is that of the load alone. The plots are made chunk by
chunk from one seed while they are taken in; the time that takes is not counted.
"""

import argparse
import hashlib
import json
import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import shapely

from benchmarks import synthetic
from georeview import settings
from georeview.clock import system_clock
from georeview.core.access import Grant, Role
from georeview.core.intake import Intake
from georeview.core.ledger import Value
from georeview.services import open_services
from georeview.services.ids import new_id, new_plot_ids
from georeview.services.people import owner
from georeview.storage.ports import Batch, Entry, Facts, Import, NewPlot, Person

AREA = "5119"
BATCH = "race"
COUNTIES = tuple(f"{AREA}{n}" for n in ("02", "03", "21", "22", "23"))
BANDS = ("in", "out", "critical", "unknown")
RIVERS = tuple(f"R{n:02d}" for n in range(synthetic.RIVERS))
CHUNK = 20_000
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

    def entries(self) -> Iterator[Entry]:
        """All plots, chunk by chunk."""
        with self._making():
            city = synthetic.city(1)
        intake = Intake(owner(AREA), Role.CITY, area=AREA, now=self.now)
        for first in range(0, self.n, CHUNK):
            with self._making():
                plots = self._plots(city, first, min(CHUNK, self.n - first))
                facts = [self._facts(plot) for plot in plots] if self.with_facts else None
                self.last_facts = (facts or [])[:AGAIN]
            for at, plot in enumerate(plots):
                body: dict[str, Value] = {
                    "batch": BATCH,
                    "file_sha256": "0" * 64,
                    "geometry_sha256": hashlib.sha256(plot.wkb).hexdigest(),
                    "row": plot.row,
                    "source_id": plot.source_id,
                }
                county = COUNTIES[plot.row % 5]
                ids = (new_id(), new_id())
                events = intake.events(plot.plot_id, ids, county=county, body=body)
                yield Entry(plot, events, facts[at] if facts else None)

    @contextmanager
    def _making(self) -> Iterator[None]:
        started, cpu = time.perf_counter(), time.thread_time()
        yield
        self.making_s += time.perf_counter() - started
        self.making_cpu_s += time.thread_time() - cpu

    def _plots(self, city: synthetic.City, first: int, count: int) -> list[NewPlot]:
        shapes = synthetic.plots(city, count, first)
        boxes = shapely.bounds(shapely.from_wkb(shapes)).tolist()
        ids = new_plot_ids(count, system_clock())
        return [
            NewPlot(
                plot_id=plot_id,
                batch=BATCH,
                source_id=f"SC{AREA}{row:09d}",
                row=row,
                wkb=shape,
                source_wkb=shape,
                source_crs="EPSG:4490",
                fields={"type_issued": "疑似采砂", "area_stated": "123.4", "address": "长赤镇"},
                extra={"XZ": "abc"},
                flags=[],
                bbox=tuple(box),
            )
            for row, plot_id, shape, box in zip(
                range(first + 1, first + count + 1), ids, shapes, boxes, strict=True
            )
        ]

    def _facts(self, plot: NewPlot) -> Facts:
        county, (west, south, east, north) = COUNTIES[plot.row % 5], plot.bbox
        area = round((east - west) * (north - south) * 1e10 / 2, 1)
        return Facts(
            plot_id=plot.plot_id,
            computed_at=self.now.isoformat(),
            layers="mgmt_area=v1;river=v1",
            area_m2=area,
            in_m2=area / 2,
            in_share=0.5,
            water_share=None,
            edge_m=-3.25,
            band=BANDS[plot.row % 4],
            river=RIVERS[plot.row % len(RIVERS)],
            river_code=None,
            river_m=12.0,
            bank="L",
            chainage_m=None,
            county=county,
            county_name="平昌县",
            county_share=1.0,
            multi_county=False,
            township=f"{county}{plot.row % 12:03d}",
            township_name="长赤镇",
            lon=(west + east) / 2,
            lat=(south + north) / 2,
            suggestion="FP31" if plot.row % 7 == 0 else None,
            detail={"hints": [], "area_m2": area, "in_share": 0.5, "river": {"name": "R01"}},
        )


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
    kept = store.plots.add(batch, source, maker.entries())
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
