"""Open display copies, lent to one thread at a time: opening costs more than reading a tile."""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

KEPT = 24
"""Files kept open while nobody uses them."""

_OPTIONS = {"GDAL_CACHEMAX": 64, "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR"}


@dataclass(frozen=True, slots=True)
class _Key:
    path: Path
    level: int


class Handles:
    """A pool of open files; one is never used by two threads at once.

    Level 0 is the file itself, level n its n-th overview.
    """

    def __init__(self) -> None:
        self._idle: OrderedDict[int, tuple[_Key, Any]] = OrderedDict()
        self._lock = Lock()

    @contextmanager
    def lent(self, path: Path, level: int) -> Iterator[Any]:
        """A dataset for as long as it is needed.

        Raises:
            FileNotFoundError: The file is not there.
        """
        key = _Key(path, level)
        image = self._taken(key) or _opened(key)
        try:
            yield image
        except BaseException:
            image.close()
            raise
        self._give_back(key, image)

    def close(self) -> None:
        """Close what nobody uses."""
        with self._lock:
            idle, self._idle = self._idle, OrderedDict()
        for _, image in idle.values():
            image.close()

    def _taken(self, key: _Key) -> Any:
        with self._lock:
            found = next((n for n, (held, _) in self._idle.items() if held == key), None)
            return None if found is None else self._idle.pop(found)[1]

    def _give_back(self, key: _Key, image: Any) -> None:
        with self._lock:
            self._idle[id(image)] = (key, image)
            oldest = self._idle.popitem(last=False)[1][1] if len(self._idle) > KEPT else None
        if oldest is not None:
            oldest.close()


def _opened(key: _Key) -> Any:
    import rasterio

    if not key.path.is_file():
        raise FileNotFoundError(key.path)
    at = {} if key.level == 0 else {"overview_level": key.level - 1}
    with rasterio.Env(**_OPTIONS):
        return rasterio.open(key.path, driver="GTiff", **at)
