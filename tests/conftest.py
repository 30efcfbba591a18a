"""Every test of the store, and of what stands on it, runs in a file and in PostGIS."""

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from benchmarks.postgres import cluster
from tests.places import BACK_ENDS, Databases, NewPlace, Place, new_place

# How long an example takes says more of the machine than of us.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

BROAD = ("services", "jobs", "api", "cli", "journeys")
"""Rooms above the store: their second run is left out of ``make test-fast``."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the second run of the broad rooms."""
    here = Path(__file__).parent
    for item in items:
        room = item.path.relative_to(here).parts[0]
        params = getattr(item, "callspec", None)
        if room in BROAD and params is not None and "postgis" in params.params.values():
            item.add_marker(pytest.mark.postgis)


@pytest.fixture(scope="session", autouse=True)
def signing_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What tests sign is signed with a key of theirs, not with that of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        yield


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """A cluster of this process, removed at its end."""
    with cluster(in_memory=True, fsync="on", max_wal_size="256MB") as running:
        yield Databases(running)


@pytest.fixture(scope="session")
def places(request: pytest.FixtureRequest) -> NewPlace:
    """Makes places for stores."""
    return new_place(lambda: request.getfixturevalue("databases"))


@pytest.fixture(params=BACK_ENDS)
def place(request: pytest.FixtureRequest, places: NewPlace, tmp_path: Path) -> Iterator[Place]:
    """Room for a store, on each back end in turn."""
    with places(request.param, tmp_path) as made:
        yield made
