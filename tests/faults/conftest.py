"""A land on each back end; the long form repeats every fault more often."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.postgres import Cluster, cluster
from tests.faults.land import Land, found

LONG = bool(os.environ.get("GEOREVIEW_LONG_FAULTS"))


@pytest.fixture
def times() -> int:
    """How often a process is ended in one test."""
    return 20 if LONG else 3


@pytest.fixture
def busy() -> int:
    """How many marks are promised before a process is ended."""
    return 1000 if LONG else 25


@pytest.fixture
def land(tmp_path: Path) -> Land:
    """Plots in one SQLite file."""
    return found(tmp_path / "home")


@pytest.fixture
def postgres() -> Iterator[Cluster]:
    """A cluster of one's own, which may be ended at any time."""
    with cluster(fsync="on") as running:
        yield running


@pytest.fixture
def postgis_land(postgres: Cluster, tmp_path: Path) -> Land:
    """The same plots in PostGIS."""
    return found(tmp_path / "home", postgres.url)


@pytest.fixture(params=["sqlite", "postgis"])
def either(request: pytest.FixtureRequest) -> Land:
    """One after the other."""
    name = {"sqlite": "land", "postgis": "postgis_land"}[request.param]
    return request.getfixturevalue(name)  # type: ignore[no-any-return]
