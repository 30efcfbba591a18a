from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from georeview.imagery.convert import Info, bring_in
from georeview.imagery.handles import Handles
from tests.imagery.rasters import EXTENT


@pytest.fixture
def scene(tmp_path: Path) -> Callable[..., tuple[Info, Path]]:
    """Bring an image in; gives what is known of it and its folder."""
    count = iter(range(100))

    def make(path: Path, sensor: str | None = None, max_mpx: int = 100, **more: Any):
        folder = tmp_path / f"scene{next(count)}"
        folder.mkdir()
        return bring_in(path, folder, sensor, max_mpx, more.get("expected", EXTENT)), folder

    return make


@pytest.fixture
def handles() -> Iterator[Handles]:
    pool = Handles()
    yield pool
    pool.close()
