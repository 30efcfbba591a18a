"""Durable marks over HTTP: one writer for all that arrives, beside a commit for every mark.

Contestants, each a server of its own with the same plots, on the same disk:

* the product in one SQLite file, and in PostGIS;
* the product in PostGIS with one commit a mark: same sign-in, rules, chain and answer;
* a plain FastAPI endpoint over a pool of psycopg connections, without any of that.

All run on the same HTTP parser and event loop; ``wrk`` sends to each in turn, on the version each
plot has, and its own time is not counted. The cost is processor time a mark, of the server and all
its processes and of the whole PostgreSQL cluster.
"""

import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.harness import AnswersDiffer, Result, pair, tree_cpu_seconds
from benchmarks.postgres import Cluster, cluster
from benchmarks.server import Server, free_port, prepare_demo, serving, started
from georeview import settings
from georeview.core.access import EVERYTHING
from georeview.core.query import Filter
from georeview.storage.ports.store import Store
from georeview.storage.store import open_store

SECONDS = 3
CROWD = 50
SESSIONS = 20
CHECKED = 60
OURS, OURS_POSTGIS = "georeview, SQLite", "georeview, PostGIS"
SINGLY, PLAIN = "one commit a mark, PostGIS", "plain FastAPI + psycopg"
IN_POSTGIS = "one commit a mark, both in PostGIS"
GOALS = {SINGLY: 2.0, PLAIN: 2.0, IN_POSTGIS: 1.5}

State = tuple[str, int, str, str | None]
"""Plot, version, mark, reason."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one burst of marks showed."""

    kept: int
    seconds: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float

    def __str__(self) -> str:
        """The figures in one line."""
        return (
            f"{self.kept / self.seconds:,.0f} marks/s, {self.cpu_ms:.3f} ms CPU a mark, "
            f"p50 {self.p50_ms:.1f} / p99 {self.p99_ms:.1f} ms"
        )


@dataclass(slots=True)
class Contestant:
    """One server with its plots.

    Attributes:
        server: Where it is.
        cookies: Sessions to send as.
        states: Gives every plot's present state, and the number of events behind it.
        cpu_s: Gives the processor seconds that all of its processes have used.
        flaws: Looks for what is wrong in what it keeps.
        data: Folder for what ``wrk`` reads and writes.
    """

    server: Server
    cookies: Sequence[str]
    states: Callable[[], tuple[list[State], int]]
    cpu_s: Callable[[], float]
    flaws: Callable[[], int]
    data: Path

    def burst(self, connections: int, seconds: int = SECONDS) -> Figures:
        """Send marks for a while."""
        before, events = self.at_rest()
        told = self._wrk(before, connections, seconds)
        after, now = self.at_rest()
        moved = sum(new[1] for new in after) - sum(old[1] for old in before)
        # What was on its way when the time was over may have been kept without being heard of.
        unheard = now - events - told["kept"]
        if told["refused"] or told["lost"] or moved != now - events:
            raise AnswersDiffer(f"{told} with {moved} versions and {now - events} events")
        if not 0 <= unheard <= connections:
            raise AnswersDiffer(f"{now - events} events for {told['kept']} answers")
        return Figures(
            told["kept"], told["seconds"], told["p50_ms"], told["p99_ms"],
            1000 * told["cpu_s"] / (now - events),
        )  # fmt: skip

    def at_rest(self) -> tuple[list[State], int]:
        """The states once nothing is on its way any more."""
        found = self.states()
        while (again := self.states()) != found:
            found = again
        return found

    def _wrk(self, states: list[State], connections: int, seconds: int) -> dict[str, Any]:
        given, result = self.data / "plots.lua", self.data / "result.json"
        plots = ", ".join(f'{{"{plot_id}", {version}}}' for plot_id, version, *_ in states)
        cookies = ", ".join(f'"{cookie}"' for cookie in self.cookies)
        given.write_text(f"plots = {{{plots}}}\ncookies = {{{cookies}}}\n", encoding="utf-8")
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s"]
        script = Path(__file__).with_name("marks.lua")
        variables = {**os.environ, "MARKS_DATA": str(given), "MARKS_RESULT": str(result)}
        start = self.cpu_s()
        subprocess.run(
            [*command, "-s", str(script), self.server.url],
            env=variables,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        told: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
        return told | {"cpu_s": self.cpu_s() - start}

    def mark(self, state: State, n: int) -> tuple[int, str, str | None]:
        """One mark, and what is answered: version, mark, reason."""
        body: dict[str, str] = {"mark": "confirmed", "violation": "PR42", "note": f"核实 {n}"}
        if n % 2:
            body = {"mark": "false_positive", "reason": "FP31", "note": f"核实 {n}"}
        headers = {
            "Content-Type": "application/json",
            "If-Match": f'"{state[1]}"',
            "Cookie": self.cookies[n % len(self.cookies)],
        }
        url = f"{self.server.url}/api/v1/plots/{state[0]}/marks"
        request = urllib.request.Request(url, json.dumps(body).encode(), headers, method="POST")
        with urllib.request.urlopen(request, timeout=60) as answer:
            kept = json.load(answer)
        plot = kept.get("plot", kept)
        return plot["version"], plot["mark"], plot["reason"]


def race(runs: int) -> Result:
    """Mark the same plots at every contestant, compare what is kept, then send in turn."""
    if shutil.which("wrk") is None:
        raise SystemExit("This race needs Debian's wrk.")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = stack.enter_context(cluster(fsync="on"))
        those = stack.enter_context(contestants(folder, database))
        checked = _check(those)
        bursts: dict[str, list[Figures]] = {name: [] for name in those}

        def cost(name: str) -> Callable[[], float]:
            def one() -> float:
                bursts[name].append(those[name].burst(CROWD))
                return bursts[name][-1].cpu_ms

            return one

        others = {name: cost(name) for name in those if name != OURS}
        us, peers, ratio = pair(cost(OURS), others, runs)
        alone = {name: one.burst(1) for name, one in those.items()}
        crowd = {name: those[name].burst(1000) for name in (OURS, OURS_POSTGIS)}
        syncs = _syncs(folder)
        _verified(those)
    ratio[IN_POSTGIS] = _ratio(bursts, SINGLY, OURS_POSTGIS, lambda burst: burst.cpu_ms)
    peers[IN_POSTGIS] = peers[SINGLY]
    return Result(
        us=us,
        peers=peers,
        ratio=ratio,
        unit=f"ms of processor time a durable mark, {CROWD} connections",
        checked=checked,
        goals=GOALS,
        notes=_notes(bursts, alone, crowd, syncs),
    )


def _ratio(
    bursts: Mapping[str, list[Figures]], peer: str, own: str, cost: Callable[[Figures], float]
) -> float:
    pairs = zip(bursts[peer], bursts[own], strict=True)
    return median(cost(theirs) / cost(ours) for theirs, ours in pairs)


def _notes(
    bursts: Mapping[str, list[Figures]],
    alone: Mapping[str, Figures],
    crowd: Mapping[str, Figures],
    syncs: float,
) -> list[str]:
    def seconds(burst: Figures) -> float:
        return burst.seconds / burst.kept

    def middle(of: list[Figures]) -> Figures:
        return sorted(of, key=seconds)[len(of) // 2]

    rated = ((SINGLY, OURS), (PLAIN, OURS), (SINGLY, OURS_POSTGIS))
    rates = (
        f"marks a second, {own}: {_ratio(bursts, peer, own, seconds):.1f}x {peer}"
        for peer, own in rated
    )
    return [
        *rates,
        *(f"{name}, {CROWD} connections: {middle(of)}" for name, of in bursts.items()),
        *(f"{name}, 1 connection: {figures}" for name, figures in alone.items()),
        *(f"{name}, 1,000 connections: {figures}" for name, figures in crowd.items()),
        f"the disk: {syncs:,.0f} appends of 200 bytes a second, each followed by fdatasync",
    ]


# Contestants -------------------------------------------------------------------------------------


@contextmanager
def contestants(folder: Path, database: Cluster) -> Iterator[dict[str, Contestant]]:
    """All servers, with the sample's plots, ready to be marked."""
    with ExitStack() as stack:
        ours = _product(stack, folder / "sqlite", serving, None)
        in_postgis = _product(stack, folder / "together", serving, database)
        singly = _product(stack, folder / "singly", _serving_singly, database)
        plain = _plain(stack, folder / "plain", database, ours.states()[0])
        yield {OURS: ours, OURS_POSTGIS: in_postgis, SINGLY: singly, PLAIN: plain}


def _product(
    stack: ExitStack,
    home: Path,
    serve: Callable[..., AbstractContextManager[Server]],
    database: Cluster | None,
) -> Contestant:
    # What is not on a mark's way does not run beside it, and no contestant logs every request.
    variables = {"GEOREVIEW_WORKER": "none", "GEOREVIEW_LOG_LEVEL": "warning"}
    if database is not None:
        variables |= _database(database, home.name)
    prepare_demo(home, **variables)
    server = stack.enter_context(serve(home, **variables))
    store = open_store(settings.load({**variables, "GEOREVIEW_HOME": str(home)}))
    stack.callback(store.close)
    return Contestant(
        server=server,
        cookies=[_session(server.url) for _ in range(SESSIONS)],
        states=lambda: _states(store),
        cpu_s=_cpu(server, database),
        flaws=lambda: len(list(store.ledger.verify())),
        data=home,
    )


def _database(database: Cluster, name: str) -> dict[str, str]:
    with database.connect() as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return {"GEOREVIEW_STORE": f"postgresql:///{name}?host={database.folder}&user=postgres"}


@contextmanager
def _serving_singly(home: Path, **variables: str) -> Iterator[Server]:
    given = {"GEOREVIEW_HOME": str(home), "GEOREVIEW_DEMO": "yes", **variables}
    with _uvicorn("benchmarks.marks_singly:create_app", given, "--factory") as server:
        yield server


def _plain(stack: ExitStack, folder: Path, database: Cluster, states: list[State]) -> Contestant:
    from benchmarks.marks_plain import SCHEMA

    folder.mkdir()
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute(SCHEMA)
        cursor.executemany(
            "INSERT INTO plain_state VALUES (%s, %s, %s, %s, NULL, NULL, now())", states
        )
    server = stack.enter_context(
        _uvicorn("benchmarks.marks_plain:app", {"MARKS_DATABASE": database.dsn})
    )
    base = sum(state[1] for state in states)

    def now() -> tuple[list[State], int]:
        with database.connect() as connection:
            kept = connection.execute("SELECT plot_id, version, mark, reason FROM plain_state")
            events = connection.execute("SELECT count(*) FROM plain_event").fetchone()[0]
            return sorted(kept.fetchall()), base + events

    return Contestant(server, ["none=1"], now, _cpu(server, database), lambda: 0, folder)


@contextmanager
def _uvicorn(application: str, variables: Mapping[str, str], *more: str) -> Iterator[Server]:
    port = free_port()
    command = ("-m", "uvicorn", application, "--port", str(port), "--log-level", "warning", *more)
    with started((*command, "--no-access-log"), port, {**os.environ, **variables}) as server:
        yield server


def _cpu(server: Server, database: Cluster | None) -> Callable[[], float]:
    def seconds() -> float:
        own = tree_cpu_seconds(server.pid)
        return own if database is None else own + database.cpu_seconds()

    return seconds


def _session(url: str) -> str:
    request = urllib.request.Request(
        f"{url}/ui/demo-session", b'{"role":"city"}', {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return str(answer.headers["Set-Cookie"]).partition(";")[0]


def _states(store: Store) -> tuple[list[State], int]:
    """Every plot that a mark may be put on, and the number of events."""
    found = [
        (plot.given.plot_id, plot.review.version, plot.review.mark, plot.review.reason)
        for plots in store.plots.stream(EVERYTHING, Filter())
        for plot in plots
        if plot.review.mark_state == "draft"
    ]
    return sorted(found), store.ledger.head().seq


# Checks ------------------------------------------------------------------------------------------


def _check(those: Mapping[str, Contestant]) -> str:
    """The same marks one after the other: all contestants say and hold the same afterwards."""
    plots = {name: [s[0] for s in one.states()[0]] for name, one in those.items()}
    if len({len(of) for of in plots.values()}) > 1:
        raise AnswersDiffer(f"plots: { {name: len(of) for name, of in plots.items()} }")
    said = {name: _marked(one) for name, one in those.items()}
    for name, one in said.items():
        if one != said[OURS]:
            raise AnswersDiffer(f"{name} answers {one[:3]}, {OURS} {said[OURS][:3]}")
    return (
        f"{CHECKED} marks answered and kept alike; in every burst as many events as versions and "
        "answers; afterwards every hash, link and projection"
    )


def _marked(one: Contestant) -> list[tuple[object, ...]]:
    """What is said to a number of marks, and what the plots are then."""
    before, events = one.states()
    chosen = [before[n * len(before) // CHECKED] for n in range(CHECKED)]
    answers = [one.mark(state, n) for n, state in enumerate(chosen)]
    after, now = one.states()
    held = {plot_id: rest for plot_id, *rest in after}
    if [list(answer) for answer in answers] != [held[state[0]] for state in chosen]:
        raise AnswersDiffer("an answer is not what is kept")
    if now != events + CHECKED:
        raise AnswersDiffer(f"{now - events} events for {CHECKED} marks")
    moved = [answer[0] - state[1] for answer, state in zip(answers, chosen, strict=True)]
    return [(step, *answer[1:]) for step, answer in zip(moved, answers, strict=True)]


def _verified(those: Mapping[str, Contestant]) -> None:
    for name, one in those.items():
        if flaws := one.flaws():
            raise AnswersDiffer(f"{name}: {flaws} flaws in the ledger")


def _syncs(folder: Path) -> float:
    """Appends of 200 bytes a second, each on disk before the next."""
    with (folder / "appended").open("ab", buffering=0) as file:
        start, done = time.perf_counter(), 0
        while time.perf_counter() - start < 1:
            file.write(bytes(200))
            os.fdatasync(file.fileno())
            done += 1
        return done / (time.perf_counter() - start)
