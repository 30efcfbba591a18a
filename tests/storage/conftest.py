"""A real store for every test, on each back end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from georeview.storage.store import DatabaseStore
from tests.places import Place


@pytest.fixture
def store(place: Place) -> Iterator[DatabaseStore]:
    opened = place.store()
    yield opened
    opened.close()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A file for a store, for what only the embedded one does."""
    return tmp_path / "georeview.sqlite"
