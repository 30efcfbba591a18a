"""Many plots in the store: loading, lists, counts, verifying, memory; in SQLite and in PostGIS.

The peer is what one writes first: all plots in a GeoDataFrame, and ``to_file`` to a GeoPackage,
without events, hashes, lists or facts. A quick race by default; the goals are for a million:
``python -m benchmarks store --plots 1000000 --runs 1``.
"""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.filling import BATCH, COUNTIES
from benchmarks.harness import AnswersDiffer, Result, pair
from benchmarks.postgres import Cluster, cluster
from benchmarks.server import Server, rss_mb, serving
from georeview.geometry.grid import tile_range

PLOTS = 50_000
"""Plots of the race that `make bench` runs."""

WHOLE = 1_000_000
"""Plots that the goals are for."""

OURS, OURS_POSTGIS, PEER = "georeview, SQLite", "georeview, PostGIS", "geopandas to_file"
REQUESTS = 40
MIDDLE = (107.0, 31.8, 107.05, 31.85)
"""A part of the city: west, south, east, north."""

GEOPANDAS = """
import json, resource, sys, time
import geopandas, shapely
from benchmarks import synthetic
from benchmarks.filling import CHUNK, COUNTIES
n = int(sys.argv[1])
city = synthetic.city(1)
shapes = [w for at in range(0, n, CHUNK) for w in synthetic.plots(city, min(CHUNK, n - at), at)]
started = time.perf_counter()
frame = geopandas.GeoDataFrame(
    {
        "source_id": [f"SC5119{row:09d}" for row in range(1, n + 1)],
        "type_issued": "疑似采砂", "address": "长赤镇", "mark": "pending",
        "county": [COUNTIES[row % 5] for row in range(1, n + 1)],
    },
    geometry=shapely.from_wkb(shapes), crs=4490,
)
frame.to_file(sys.argv[2], driver="GPKG")
seconds = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": seconds, "peak_mb": peak}))
"""


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure and how large it may be for a million plots."""

    what: str
    unit: str
    most: float


LOAD = {OURS: Goal("load", "s", 40), OURS_POSTGIS: Goal("load", "s", 60)}
READY = Goal("start to readyz", "s", 3)
LIST = Goal("list page of 100, p50", "ms", 20)
COUNT = Goal("exact count, p50", "ms", 100)
VERIFY = Goal("verify, by million events", "s", 60)
MEMORY = Goal("peak memory of load and verify", "MB", 1000)
SERVER = Goal("server after map, list and tiles", "MB", 500)
IDLE = Goal("process tree after start", "MB", 400)


@dataclass(slots=True)
class Back:
    """One back end with its figures.

    Attributes:
        name: What it is called.
        home: Where its files are.
        variables: Environment that names its store.
        figures: What was measured against a goal.
        notes: Further figures.
    """

    name: str
    home: Path
    variables: Mapping[str, str]
    figures: list[tuple[Goal, float]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def told(self, plots: int) -> Iterator[str]:
        """All figures, a sentence a group; at a million those over their goal say so."""
        for goal, value in self.figures:
            missed = ", MISSED" if value > goal.most else ""
            aim = f" (goal {goal.most:g}{missed})" if plots >= WHOLE else ""
            yield f"{self.name}: {goal.what} {value:.3g} {goal.unit}{aim}"
        for note in self.notes:
            yield f"{self.name}: {note}"


def race(runs: int, plots: int = PLOTS) -> Result:
    """Load everywhere, compare what is there, and time what people and administrators do."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="georeview-store-")))
        server = stack.enter_context(cluster(fsync="on", max_wal_size="4GB"))
        peaks: dict[str, list[float]] = {OURS: [], OURS_POSTGIS: [], PEER: []}
        us, costs, ratio = pair(
            lambda: _loaded(folder, {}, plots, peaks[OURS]),
            {
                OURS_POSTGIS: lambda: _loaded(
                    folder, _database(server), plots, peaks[OURS_POSTGIS]
                ),
                PEER: lambda: _written(folder, plots, peaks[PEER]),
            },
            runs,
        )
        backs = (
            Back(OURS, folder / "sqlite", {}, [(LOAD[OURS], us * plots / 1e6)]),
            Back(
                OURS_POSTGIS,
                folder / "postgis",
                _database(server),
                [(LOAD[OURS_POSTGIS], costs[OURS_POSTGIS] * plots / 1e6)],
            ),
        )
        shown = [_measured(back, plots, peaks[back.name]) for back in backs]
        if shown[0] != shown[1]:
            raise AnswersDiffer("the two back ends do not show the same list")
    return Result(
        us=us,
        peers=costs,
        ratio=ratio,
        unit=f"µs a plot, loading {plots:,} plots with two events each",
        checked=f"{2 * plots:,} events verified in both; first page and count the same",
        notes=[
            *(line for back in backs for line in back.told(plots)),
            f"{PEER}: peak memory {max(peaks[PEER]):.0f} MB; it keeps no events and no lists",
        ],
    )


# Loading -----------------------------------------------------------------------------------------


def _database(server: Cluster) -> dict[str, str]:
    """Environment that names a new, empty database."""
    name = f"race_{time.monotonic_ns()}"
    with server.connect() as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return {"GEOREVIEW_STORE": f"postgresql://postgres@/{name}?host={server.folder}"}


def _loaded(folder: Path, variables: Mapping[str, str], plots: int, peaks: list[float]) -> float:
    """Microseconds a plot for taking plots in, into a store that goes again."""
    with TemporaryDirectory(dir=folder) as home:
        figures = _fill(Path(home), variables, plots)
    peaks.append(figures["peak_mb"])
    return float(figures["seconds"] / plots * 1e6)


def _fill(home: Path, variables: Mapping[str, str], plots: int, *more: str) -> Mapping[str, float]:
    home.mkdir(exist_ok=True)
    environment = {**os.environ, **variables, "GEOREVIEW_HOME": str(home)}
    command = [sys.executable, "-m", "benchmarks.filling", str(plots), *more]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    figures: Mapping[str, float] = json.loads(done.stdout)
    if (figures["plots"], figures["head"]) != (plots, 2 * plots):
        raise AnswersDiffer(f"{figures} after loading {plots} plots")
    return figures


def _written(folder: Path, plots: int, peaks: list[float]) -> float:
    target = folder / "peer.gpkg"
    command = [sys.executable, "-c", GEOPANDAS, str(plots), str(target)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    target.unlink()
    figures = json.loads(done.stdout)
    peaks.append(figures["peak_mb"])
    return float(figures["seconds"] / plots * 1e6)


# Using -------------------------------------------------------------------------------------------


def _measured(back: Back, plots: int, peaks: Sequence[float]) -> object:
    """Fill a store as an import does, verify it, serve it; what it showed."""
    filled = _fill(back.home, back.variables, plots, "--facts")
    _settle(back.variables)
    back.notes.append(
        f"with facts {filled['seconds']:.3g} s; facts computed again "
        f"{filled['again_us']:.0f} µs a plot"
    )
    seconds, peak = _verified(back)
    back.figures.append((VERIFY, seconds / (2 * plots) * 1e6))
    back.figures.append((MEMORY, max(*peaks, filled["peak_mb"], peak)))
    with serving(back.home, **back.variables) as server:
        back.figures += [(READY, server.ready_s), (IDLE, _tree_mb(server.pid))]
        back.notes.append(f"server after start {server.rss_mb():.0f} MB")
        shown = _looked_at(back, server)
        back.figures.append((SERVER, server.rss_mb()))
    return shown


def _settle(variables: Mapping[str, str]) -> None:
    """Do at once what the server's autovacuum does within a minute."""
    if address := variables.get("GEOREVIEW_STORE"):
        import psycopg

        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("VACUUM plot_state")


def _verified(back: Back) -> tuple[float, float]:
    """Seconds and peak memory of ``georeview verify``."""
    environment = {**os.environ, **back.variables, "GEOREVIEW_HOME": str(back.home)}
    started = time.perf_counter()
    command = [sys.executable, "-m", "georeview.cli", "verify", "--json"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as run:
        _, status, used = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
    if run.returncode:
        raise AnswersDiffer(f"{back.name}: the ledger does not verify")
    return time.perf_counter() - started, used.ru_maxrss / 1024


def _looked_at(back: Back, server: Server) -> object:
    """Do what a person does who opens the map; the first page of a list and its count."""
    headers = {"Cookie": _signed_in(server.url), "Accept-Encoding": "gzip"}

    def get(path: str) -> bytes:
        asked = urllib.request.Request(server.url + path, headers=headers)
        with urllib.request.urlopen(asked, timeout=600) as answer:
            content: bytes = answer.read()
            return content

    def spent_ms(path: str) -> float:
        started = time.perf_counter()
        get(path)
        return (time.perf_counter() - started) * 1000

    asked = f"/api/v1/plots?county={COUNTIES[2]}&mark=pending&sort=-area_m2"
    page, count = f"{asked}&limit=100&count=none", f"{asked}&limit=1"
    get(page)
    back.figures.append((LIST, median(spent_ms(page) for _ in range(REQUESTS))))
    back.figures.append((COUNT, median(spent_ms(count) for _ in range(REQUESTS))))
    tiles = [f"/tiles/plots/{z}/{x}/{y}.mvt?batch={BATCH}" for z, x, y in _tiles()]
    first = spent_ms(tiles[0])
    back.notes.append(
        f"batches {spent_ms('/api/v1/batches'):.0f} ms; whole list "
        f"{spent_ms(f'/ui/rows?batch={BATCH}') / 1000:.3g} s, its marks "
        f"{spent_ms(f'/ui/state.bin?batch={BATCH}') / 1000:.3g} s; first tile ever "
        f"{first / 1000:.3g} s, {len(tiles) - 1} more {median(map(spent_ms, tiles[1:])):.3g} ms p50"
    )
    found = json.loads(get(page))["items"]
    return [item["source_id"] for item in found], json.loads(get(count))["matched"]


def _signed_in(url: str) -> str:
    """The cookie of the sample person of the city."""
    body = urllib.request.Request(
        f"{url}/ui/demo-session",
        data=json.dumps({"role": "city"}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(body, timeout=60) as answer:
        return str(answer.headers["Set-Cookie"]).partition(";")[0]


def _tiles() -> Iterator[tuple[int, int, int]]:
    """From the whole city down to single plots."""
    for z in (9, 11, 13, 14, 15):
        columns, rows = tile_range(MIDDLE, z)
        for x in columns[:3]:
            for y in rows[:3]:
                yield z, x, y


def _tree_mb(root: int) -> float:
    """Resident memory of a process and its children, MB."""
    children = Path(f"/proc/{root}/task/{root}/children").read_text(encoding="ascii").split()
    return rss_mb(root) + sum(_tree_mb(int(child)) for child in children)
