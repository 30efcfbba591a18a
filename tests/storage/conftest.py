"""A real store in a real file for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from georeview.storage.sqlite import SqliteEngine
from georeview.storage.store import DatabaseStore


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "georeview.sqlite"


@pytest.fixture
def store(database: Path) -> Iterator[DatabaseStore]:
    opened = DatabaseStore(SqliteEngine(database))
    yield opened
    opened.close()
