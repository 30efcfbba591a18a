"""What Folium adds to the review page, drawn once in a child process and kept in the cache.

Folium and what it imports would take some 100 MB of the serving process for a text of 2 kB.
"""

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from georeview import sandbox

Extent = tuple[float, float, float, float]

BAZHONG: Extent = (106.30, 31.20, 107.80, 32.80)
_DRAW = "georeview.webmap.drawing:draw"


@dataclass(frozen=True, slots=True)
class Parts:
    """The two pieces of the page that are Folium's.

    Attributes:
        html: The map's element.
        script: Makes the map and declares ``folium = {map, tiles: {before, after}}``.
    """

    html: str
    script: str


@cache
def render_in_child(cache_dir: Path, extent: Extent = BAZHONG) -> Parts:
    """The map's pieces: from memory, else from the cache, else drawn in a child.

    Args:
        cache_dir: A folder that may be emptied at any time.
        extent: What the map looks at first: west, south, east, north in degrees.
    """
    kept = cache_dir / f"map-{_fingerprint(extent)}.json"
    with suppress(FileNotFoundError):
        return Parts(**json.loads(kept.read_text(encoding="utf-8")))
    drawn: Parts = sandbox.run(_DRAW, extent, gdal=False)
    cache_dir.mkdir(parents=True, exist_ok=True)
    fresh = kept.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps(asdict(drawn)), encoding="utf-8")
    fresh.replace(kept)
    return drawn


def _fingerprint(extent: Extent) -> str:
    """What the pieces depend on: the extent, Folium's version and our own drawing."""
    ours = Path(__file__).with_name("drawing.py").read_bytes()
    rest = f"{extent} {metadata.version('folium')} {metadata.version('branca')}"
    return hashlib.sha256(ours + rest.encode()).hexdigest()[:16]
