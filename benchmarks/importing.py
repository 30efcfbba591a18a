"""Import of a GBK shapefile with all checks, beside ``ogr2ogr`` to a GeoPackage with none.

On the clock: everything from the command to the last process it leaves, ours from ``georeview load
plots`` into a new SQLite store. Ours decides the encoding over all texts, reads dates and numbers,
mends rings, finds what comes twice, lays every plot over the layers, and keeps two chained events,
facts and a list entry a plot. The quick race is 100,000 plots; memory is for a million:
``python -m benchmarks import --plots 1000000 --runs 1``.
"""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree, which
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
import shapely

from benchmarks import sent
from benchmarks.harness import AnswersDiffer, Result, pair
from georeview.geometry import measure
from georeview.settings import DATABASE

PLOTS = 100_000
"""Plots of the race that `make bench` runs."""

GOAL_TIMES = 2.0
"""The peer's processor time that ours may take at most; told, not held to (see ``race``)."""

WHOLE_MB = 400
"""Peak of all processes together, for any number of plots."""

LOOK_S = 2.0
"""From the command to the report, for the sample's 1,299 plots, keeping nothing."""

LARGE = {"GEOREVIEW_MAX_UPLOAD_MB": "4096", "GEOREVIEW_READ_SECONDS": "1200"}
"""A million plots are a file of 850 MB."""

OGR2OGR = "ogr2ogr to GeoPackage"
PYOGRIO = "pyogrio's GDAL by Arrow to GeoPackage"
SAMPLE = Path(__file__).parents[1] / "sample_data" / "data"
SAMPLE_FILES = ("plots_2023.zip", "plots_2023_points.zip", "plots_2023_notes.gpkg")

WRITTEN_BY_PYOGRIO = """
import sys
from pyogrio.raw import open_arrow, write_arrow
with open_arrow(sys.argv[1], encoding="CP936", batch_size=20_000) as (meta, reader):
    write_arrow(reader, sys.argv[2], driver="GPKG", layer="sent", crs=meta["crs"],
                geometry_type="Polygon", geometry_name=meta["geometry_name"] or "wkb_geometry")
"""


@dataclass(slots=True)
class Ground:
    """Where files lie, and what our runs took.

    Attributes:
        folder: The folder.
        source: The shapefile.
        peak_mb: Memory of our processes together, run by run.
        reading_s: Processor seconds of looking alone, keeping nothing.
        look_s: Seconds from the command to the report on the sample.
    """

    folder: Path
    source: Path
    peak_mb: list[float] = field(default_factory=list)
    reading_s: float = 0.0
    look_s: list[float] = field(default_factory=list)

    def ours(self) -> float:
        """Processor seconds of a load into a new store."""
        rmtree(self.folder / "home", ignore_errors=True)
        cost, peak = self._spent(_load(self.folder / "home", [self.source]))
        self.peak_mb.append(peak)
        return cost

    def look(self) -> None:
        """What reading and checking alone take."""
        self.reading_s, _ = self._spent(_load(self.folder / "none", [self.source], "--dry-run"))

    def look_at_sample(self) -> None:
        """How long a person waits for the report on the sample."""
        files = [SAMPLE / name for name in SAMPLE_FILES]
        started = time.perf_counter()
        subprocess.run(
            _load(self.folder / "none", files, "--dry-run"), check=True, stdout=subprocess.DEVNULL
        )
        self.look_s.append(time.perf_counter() - started)

    def peer(self) -> float:
        """Processor seconds of the peer."""
        target = self.folder / "peer.gpkg"
        target.unlink(missing_ok=True)
        command = ["ogr2ogr", "--config", "SHAPE_ENCODING", "CP936", "-f", "GPKG"]
        command += [str(target), str(self.source)]
        if not which("ogr2ogr"):
            command = [sys.executable, "-c", WRITTEN_BY_PYOGRIO, str(self.source), str(target)]
        return self._spent(command)[0]

    def _spent(self, command: Sequence[str]) -> tuple[float, float]:
        out = self.folder / "spent.json"
        wrapped = [sys.executable, "-m", "benchmarks.tree", str(out), *command]
        environment = {**os.environ, **LARGE}
        subprocess.run(wrapped, env=environment, check=True, stdout=subprocess.DEVNULL)
        figures = json.loads(out.read_text(encoding="ascii"))
        return figures["cpu_s"], figures["peak_mb"]


def race(runs: int, plots: int = PLOTS) -> Result:
    """Load on both sides, hold the rows against each other, and take medians.

    The goal of twice the peer's time is told and not held to. Reading and checking alone take more
    than that, and keeping as much again: a chained event takes its hash, a list its indexes, which
    the peer does not do.
    """
    with TemporaryDirectory(prefix="georeview-import-") as made:
        ground = Ground(Path(made), sent.write(plots, Path(made)))
        ground.look()
        for _ in range(max(3, runs)):
            ground.look_at_sample()
        name = OGR2OGR if which("ogr2ogr") else PYOGRIO
        us, peers, ratio = pair(ground.ours, {name: ground.peer}, runs)
        checked = _same(ground, plots)
        return Result(
            us=us,
            peers=peers,
            ratio=ratio,
            unit=f"CPU seconds of all processes, {plots:,} plots",
            checked=checked,
            notes=_notes(ground, us, 1 / ratio[name]),
        )


def _load(home: Path, files: Sequence[Path], *more: str) -> list[str]:
    command = [sys.executable, "-m", "georeview.cli", "load", "plots", *map(str, files)]
    return [*command, "--batch", "race", "--home", str(home), "--json", *more]


def _notes(ground: Ground, us: float, times: float) -> list[str]:
    keep_s = us - ground.reading_s
    return [
        f"{ground.reading_s:.1f} s to read, check and lay over, {keep_s:.1f} s to keep",
        _told("the peer's processor time", times, GOAL_TIMES, "times "),
        _told("MB at the peak, all processes together", max(ground.peak_mb), WHOLE_MB),
        _told("s from the command to the report on the sample", median(ground.look_s), LOOK_S),
    ]


def _told(what: str, found: float, most: float, unit: str = "") -> str:
    return f"{found:.3g} {unit}{what} (goal {most:g}{', MISSED' if found > most else ''})"


def _same(ground: Ground, plots: int) -> str:
    """Refuse unless both hold the same rows.

    Raises:
        AnswersDiffer: They do not.
    """
    from pyogrio.raw import read

    with closing(sqlite3.connect(ground.folder / "home" / DATABASE)) as store:
        rows = store.execute("SELECT source_id, wkb FROM plot ORDER BY source_id").fetchall()
    _, _, shapes, (ids,) = read(str(ground.folder / "peer.gpkg"), columns=["TBBH"])
    order = np.argsort(ids)
    if [number for number, _ in rows] != ids[order].tolist() or len(rows) != plots:
        raise AnswersDiffer(f"{len(rows)} numbers here, {len(ids)} there")
    ours = measure.area(shapely.from_wkb([wkb for _, wkb in rows]))
    theirs = measure.area(shapely.from_wkb(shapes)[order])
    off = float(np.abs(ours - theirs).max())
    if off > 1.0:
        raise AnswersDiffer(f"an area differs by {off:.3f} m²")
    return f"{plots:,} numbers the same, every area within {off:.1g} m²"
