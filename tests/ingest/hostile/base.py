"""What the families have in common."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.files import geojson, shapefile, squares


@dataclass(frozen=True)
class Trap:
    """What no file may reach."""

    secret: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/x"


Make = Callable[[Path, Trap], Path]
Family = Mapping[str, tuple[str, Make]]
Content = bytes | str | Callable[[Trap], bytes | str]

HERE = squares(2)
GOOD = {f"plots{suffix}": data for suffix, data in shapefile(HERE).items()}
ONE = json.dumps(geojson(HERE[:1], [{"TBBH": "1"}])).encode()


def data(name: str, content: Content) -> Make:
    """A file of this content."""

    def make(folder: Path, trap: Trap) -> Path:
        found = content(trap) if callable(content) else content
        path = folder / name
        path.write_bytes(found.encode() if isinstance(found, str) else found)
        return path

    return make


def changed(make: Make, change: Callable[[bytes], bytes]) -> Make:
    """A file with its bytes changed."""

    def made(folder: Path, trap: Trap) -> Path:
        path = make(folder, trap)
        path.write_bytes(change(path.read_bytes()))
        return path

    return made


def cut(make: Make, share: float) -> Make:
    """A file that ends in the middle."""
    return changed(make, lambda content: content[: int(len(content) * share)])
