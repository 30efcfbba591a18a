"""What the tests of this room share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from georeview.services import Services
from tests.files import a_home


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with a_home(tmp_path) as services:
        yield services
