"""What is counted while the service runs, for Prometheus to read.

One process keeps its counts in memory. Several processes of one server keep theirs in files of a
common folder (``PROMETHEUS_MULTIPROC_DIR``, which ``serve --workers`` sets), and whichever of them
is asked adds them up; a process that has ended stays in the sums.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from georeview.meter import Figure, Meter

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Environment variable of the library's own; must be set before it is imported."""

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LATENCY_S = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
COMMIT_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)
GROUP = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class Metrics(Meter):
    """The instruments of one process.

    Each method is called on the way of a request or a commit and takes about a microsecond.
    """

    def __init__(self) -> None:
        # When each count began is of no use, and doubles the text.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._folder = os.environ.get(FOLDER)
        self._registry = CollectorRegistry()
        own = self._registry
        self._requests = Counter(
            "georeview_http_requests",
            "Requests answered, by route template, method and status (0: no whole answer).",
            ("route", "method", "status"),
            registry=own,
        )
        self._latency = Histogram(
            "georeview_http_request_seconds",
            "Seconds from a request's head to the end of its answer.",
            ("route", "method"),
            buckets=LATENCY_S,
            registry=own,
        )
        self._refusals = Counter(
            "georeview_refusals",
            "Requests refused, by code of the refusal.",
            ("code",),
            registry=own,
        )
        self._group = Histogram(
            "georeview_commit_events", "Events kept by one commit.", buckets=GROUP, registry=own
        )
        self._commit = Histogram(
            "georeview_commit_seconds",
            "Seconds a commit of events takes, waiting for the disk included.",
            buckets=COMMIT_S,
            registry=own,
        )
        self._waiting = Gauge(
            "georeview_writes_waiting",
            "Writes accepted and not yet on disk.",
            multiprocess_mode="livesum",
            registry=own,
        )
        self._tiles = Counter(
            "georeview_tile_cache",
            "Tiles asked for, by kind and by whether what they are cut from was in memory.",
            ("kind", "outcome"),
            registry=own,
        )
        self._ways: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def request(
        self, route: str, method: str, status: int, seconds: float, code: str | None
    ) -> None:
        """A request was answered."""
        key = (route, method, status)
        way = self._ways.get(key)
        if way is None:
            counted = self._requests.labels(route, method, str(status))
            way = self._ways[key] = (counted, self._latency.labels(route, method))
        way[0].inc()
        way[1].observe(seconds)
        if code is not None:
            self._refusals.labels(code).inc()

    def waiting(self, change: int) -> None:
        """So many more writes wait for the disk, or fewer."""
        self._waiting.inc(change)

    def committed(self, events: int, seconds: float) -> None:
        """Events were kept together; a commit that kept none waited for no disk."""
        if not events:
            return
        self._group.observe(events)
        self._commit.observe(seconds)

    def tile(self, kind: str, *, hit: bool) -> None:
        """A tile was asked for."""
        self._tiles.labels(kind, "hit" if hit else "miss").inc()

    def text(self, figures: Iterable[Figure] = ()) -> bytes:
        """Everything counted, by all processes of this server, and what is looked up now."""
        shown = CollectorRegistry()
        if self._folder is None:
            shown.register(_Given(self._registry.collect))
            pids = [os.getpid()]
        else:
            pids = _living(Path(self._folder))
            shown.register(_Given(partial(_summed, Path(self._folder))))
        found = [*_families(figures), *_processes(pids)]
        shown.register(_Given(lambda: found))
        return generate_latest(shown)


class _Given(Collector):
    """Measurements that are there already."""

    def __init__(self, collect: Callable[[], Iterable[Metric]]) -> None:
        self._collect = collect

    def collect(self) -> Iterable[Metric]:
        """All of them."""
        return self._collect()


def _summed(folder: Path) -> Iterable[Metric]:
    """What all processes counted; the file of one that has just begun is empty for a moment."""
    files = []
    for file in folder.glob("*.db"):
        with suppress(FileNotFoundError):  # of one that has just been found dead
            files += [str(file)] if file.stat().st_size else []
    found: Iterable[Metric] = MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call]
    return found


def _families(figures: Iterable[Figure]) -> Iterator[Metric]:
    found: dict[str, Metric] = {}
    for figure in figures:
        family = found.setdefault(figure.name, GaugeMetricFamily(figure.name, figure.meaning))
        family.add_sample(figure.name, dict(figure.labels), figure.value)
    yield from found.values()


def _living(folder: Path) -> list[int]:
    """Processes that count in a folder; what one that died was just doing is forgotten."""
    living = []
    for pid in sorted({int(file.stem.rpartition("_")[2]) for file in folder.glob("*.db")}):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
        else:
            living.append(pid)
    return living


def _processes(pids: Iterable[int]) -> Iterator[Metric]:
    """Memory, processor time and open files of each process, with its number as a label."""
    families: dict[str, Metric] = {}
    for pid in pids:
        for metric in ProcessCollector(pid=lambda pid=pid: pid, registry=None).collect():  # type: ignore[misc]
            family = families.setdefault(
                metric.name, Metric(metric.name, metric.documentation, metric.type)
            )
            for sample in metric.samples:
                family.add_sample(sample.name, {"pid": str(pid)}, sample.value)
    yield from families.values()
