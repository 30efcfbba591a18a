"""Exports of 100,000 plots, each format beside what one writes first: geopandas and pandas.

Each side starts as a fresh process with the same rows lying ready as it likes them best: ours as
they are spooled on their way from the store, geopandas as a pickled GeoDataFrame. On the clock:
interpreter, imports, reading the rows, writing the file (zipped, for a shapefile). Reopening and
comparing, which no peer does, is told apart. A million is written by us alone.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from types import MappingProxyType

from benchmarks.harness import AnswersDiffer, Cost, Result, pair

PLOTS = 100_000
"""Plots of the race that the goals are for."""

PEERED = 200_000
"""Most plots that are written by geopandas too."""

GOALS: Mapping[str, float] = MappingProxyType(
    {"shp": 1.5, "gpkg": 2.0, "geoparquet": 1.6, "geojson": 3.0, "xlsx": 5.0}
)
"""Peer's processor time over ours, by format."""

OGR2OGR, OGR2OGR_GOAL = "gpkg, ogr2ogr", 1.0
MEMORY = 0.6
"""Part of the peer's peak that ours may reach."""
WHOLE_MB = 1_000
"""Peak for any number of plots."""

FORMATS = (*GOALS, "geojsonseq", "flatgeobuf", "csv", "kml")


@dataclass(slots=True)
class Field:
    """Where rows and files lie, and what each step has cost so far."""

    folder: Path
    cpu_s: dict[str, list[float]] = field(default_factory=dict)
    peak_mb: dict[str, float] = field(default_factory=dict)

    def step(self, name: str, *arguments: str) -> Cost:
        """A step in a fresh process of ours: its processor seconds."""
        command = [sys.executable, "-W", "ignore", "-m", *arguments, str(self.folder)]
        return lambda: self.run(name, command)

    def run(self, name: str, command: list[str]) -> float:
        """Processor seconds of a command; its peak is noted too."""
        with subprocess.Popen(command) as process:
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise AnswersDiffer(f"{name} failed")
        cost = used.ru_utime + used.ru_stime
        self.cpu_s.setdefault(name, []).append(cost)
        self.peak_mb[name] = max(self.peak_mb.get(name, 0.0), used.ru_maxrss / 1024)
        return cost


def race(runs: int, plots: int = PLOTS) -> Result:
    """Write every format on both sides, hold the files against each other, and take medians."""
    with TemporaryDirectory(prefix="georeview-export-") as made:
        ground = Field(Path(made))
        ground.step("rows", "benchmarks.export_rows", str(plots))()
        if plots > PEERED:
            return _alone(ground, plots)
        us: dict[str, float] = {}
        costs: dict[str, float] = {}
        ratios: dict[str, float] = {}
        for name in GOALS:
            # openpyxl takes minutes; one run tells as much as five.
            us[name], cost, ratio = pair(
                _ours(ground, name), _peers(ground, name), 1 if name == "xlsx" else runs
            )
            costs, ratios = costs | cost, ratios | ratio
            ground.step(f"{name} compare", "benchmarks.export_ours", "compare", name)()
            ground.step(f"{name} check", "benchmarks.export_check", name)()
        return Result(
            us=sum(us.values()),
            peers=costs,
            ratio=ratios,
            unit=f"CPU seconds for {plots:,} plots, all formats",
            checked="ours against every value that went in; ids, notes, areas of both files equal",
            goals={name: _goal(name) for name in ratios},
            notes=[_told(ground, name, us[name], plots) for name in us],
        )


def _ours(ground: Field, name: str) -> Cost:
    return ground.step(f"{name} write", "benchmarks.export_ours", "write", name)


def _peers(ground: Field, name: str) -> dict[str, Cost]:
    plain = f"{name}, {'pandas' if name == 'xlsx' else 'geopandas'}"
    peers = {plain: ground.step(f"{name} peer", "benchmarks.export_peer", name)}
    if name == "gpkg" and which("ogr2ogr"):
        copy, source = str(ground.folder / "copy.gpkg"), str(ground.folder / "peer.gpkg")
        command = ["ogr2ogr", "-overwrite", "-f", "GPKG", copy, source]
        peers[OGR2OGR] = lambda: ground.run(OGR2OGR, command)
    return peers


def _goal(peer: str) -> float:
    return OGR2OGR_GOAL if peer == OGR2OGR else GOALS[peer.partition(",")[0]]


def _told(ground: Field, name: str, own: float, plots: int) -> str:
    ours, theirs = ground.peak_mb[f"{name} write"], ground.peak_mb[f"{name} peer"]
    missed = ", MISSED" if plots >= PLOTS and ours > MEMORY * theirs else ""
    compared = f"{name} compare"
    return (
        f"{name}: {own:.2f} CPU s, {ours:.0f} MB, {ours / theirs:.0%} of the peer's "
        f"{theirs:.0f} MB{missed}; reopening and comparing {ground.cpu_s[compared][0]:.1f} CPU s, "
        f"{ground.peak_mb[compared]:.0f} MB"
    )


def _alone(ground: Field, plots: int) -> Result:
    """Every format by us, with what it takes in memory."""
    notes, total = [], 0.0
    for name in FORMATS:
        total += _ours(ground, name)()
        compared = ground.step(f"{name} compare", "benchmarks.export_ours", "compare", name)()
        peak = max(ground.peak_mb[f"{name} {step}"] for step in ("write", "compare"))
        missed = f" (goal {WHOLE_MB}, MISSED)" if peak > WHOLE_MB else ""
        written = ground.cpu_s[f"{name} write"][0]
        notes.append(
            f"{name}: {written:.1f} CPU s, reopening and comparing {compared:.1f} CPU s, "
            f"peak {peak:.0f} MB{missed}"
        )
    return Result(
        us=total,
        peers={},
        ratio={},
        unit=f"CPU seconds for {plots:,} plots, all formats",
        checked="every value of every file against what went in",
        notes=notes,
    )
