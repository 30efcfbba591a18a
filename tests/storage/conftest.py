"""A real store in a real file for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from georeview.storage.sqlite import SqliteStore


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "georeview.sqlite"


@pytest.fixture
def store(database: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(database)
    yield opened
    opened.close()
