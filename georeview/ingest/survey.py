"""The survey office's boundary points (国土报备坐标): one plot after another, point by point.

``[属性描述]`` tells the system; under ``[地块坐标]`` each plot has a line that ends in ``@`` and
then one line for each point: its number, its ring, north (which surveyors call X), east.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import shapely

from georeview.errors.files import FileBroken
from georeview.ingest.archive import Source
from georeview.ingest.raw import Cell, Raw, whole
from georeview.ingest.report import Flag

_SECTION = re.compile(r"\s*[\[【]\s*(.+?)\s*[\]】]\s*")
_ABOUT, _PLOTS = "属性描述", "地块坐标"
_COMMA = re.compile(r"\s*[,,]\s*")
_HEADERS = (
    "界址点数",
    "地块面积",
    "地块编号",
    "地块名称",
    "图形属性",
    "图幅号",
    "地块用途",
    "地类编码",
)
MAX_RINGS = 1_000
"""More than any plot has; each is held against every other."""

_ZONED = 10_000_000
"""Eastings from here on begin with the number of their zone."""

_SYSTEMS: Mapping[str, tuple[tuple[int, int], tuple[int, int]]] = MappingProxyType(
    {
        "2000": ((4513, 4534), (4491, 4502)),
        "80": ((2349, 2370), (2327, 2338)),
        "54": ((2401, 2422), (21413, 21453)),
    }
)
"""What a system's name holds → EPSG code of the first zone with and without its number in the
easting, for zones of three degrees (the first is 25) and of six (13)."""

_FIRST_ZONE = {3: 25, 6: 13}
_LAST_ZONE = {3: 45, 6: 23}


@dataclass(slots=True)
class _Plot:
    cells: tuple[str | None, ...]
    points: list[tuple[str, float, float]] = field(default_factory=list)
    unread: bool = False


def is_survey(text: str) -> bool:
    """Whether a text is a file of boundary points."""
    return any(_section(line) == _PLOTS for line in text.splitlines()[:200])


def read(text: str, encoding: str, encoding_by: str, source: Source) -> Raw:
    """All plots of a file of boundary points.

    Args:
        text: Its characters.
        encoding: What they were decoded from.
        encoding_by: What spoke for that.
        source: Where it came from.

    Raises:
        FileBroken: Points stand before the first plot.
    """
    about, plots = _parsed(text, source.name)
    geoms = np.full(len(plots), None, dtype=object)
    for i, plot in enumerate(plots):
        geoms[i] = None if plot.unread else _shape(plot.points)
    refused = {
        i + 1: "bad_coordinates" if plot.unread else "bad_geometry"
        for i, plot in enumerate(plots)
        if plot.points and geoms[i] is None
    }
    return whole(
        source=source,
        format="txt",
        layer=source.stem,
        columns=_columns(plots),
        geoms=geoms,
        crs=_system(about, plots),
        encoding=encoding,
        encoding_by=encoding_by,
        notes=tuple(_miscounted(plots)),
        refused=refused,
    )


def _section(line: str) -> str | None:
    found = _SECTION.fullmatch(line)
    return found[1] if found else None


def _parsed(text: str, name: str) -> tuple[dict[str, str], list[_Plot]]:
    about: dict[str, str] = {}
    plots: list[_Plot] = []
    section: str | None = None
    for line in text.splitlines():
        if not line.strip():
            continue
        if found := _section(line):
            section = found
        elif section == _ABOUT:
            key, _, value = line.partition("=")
            about[key.strip()] = value.strip()
        elif section == _PLOTS:
            _take(line, plots, name)
    return about, plots


def _take(line: str, plots: list[_Plot], name: str) -> None:
    """One line under ``[地块坐标]``: a new plot, or a point of the last one."""
    parts = _COMMA.split(line.strip())
    if parts[-1].endswith("@"):
        last = parts.pop().removesuffix("@")
        plots.append(_Plot(tuple(part or None for part in (*parts, *([last] if last else [])))))
        return
    if not plots:
        raise FileBroken(file=name)
    try:
        ring, north, east = parts[-3], float(parts[-2]), float(parts[-1])
    except (ValueError, IndexError):
        plots[-1].unread = True
    else:
        plots[-1].points.append((ring, north, east))


def _shape(points: Sequence[tuple[str, float, float]]) -> shapely.Geometry | None:
    """Rings in the order of their numbers: one inside another is its hole, one beside it a part."""
    rings: dict[str, list[tuple[float, float]]] = {}
    for number, north, east in points:
        rings.setdefault(number, []).append((east, north))
    if not points:
        return None
    if len(points) == 1:
        return shapely.Point(points[0][2], points[0][1])
    finite = np.isfinite([point[1:] for point in points]).all()
    if not finite or len(rings) > MAX_RINGS or any(len(ring) < 3 for ring in rings.values()):
        return None
    areas = shapely.polygons([shapely.linearrings(ring) for ring in rings.values()])
    valid = shapely.is_valid(areas)  # rings that cross themselves have no inside to ask about
    shell_of: list[int] = []
    for i, area in enumerate(areas):
        inside = valid[:i] & shapely.covers(areas[:i], area) & ~shapely.equals(areas[:i], area)
        own = [j for j in np.flatnonzero(inside).tolist() if shell_of[j] == j] if valid[i] else []
        shell_of.append(own[0] if own else i)
    parts = [
        shapely.Polygon(
            areas[i].exterior, [areas[j].exterior for j, k in enumerate(shell_of) if i == k != j]
        )
        for i, k in enumerate(shell_of)
        if i == k
    ]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _columns(plots: Sequence[_Plot]) -> dict[str, list[Cell]]:
    width = max([len(_HEADERS), *(len(plot.cells) for plot in plots)])
    names = [*_HEADERS, *(f"列{i + 1}" for i in range(len(_HEADERS), width))]
    return {
        name: [plot.cells[i] if i < len(plot.cells) else None for plot in plots]
        for i, name in enumerate(names)
    }


def _system(about: Mapping[str, str], plots: Sequence[_Plot]) -> str | None:
    """``EPSG:n`` of the system the attributes name, as far as they do."""
    east = np.array([point[2] for plot in plots for point in plot.points])
    codes = next((c for word, c in _SYSTEMS.items() if word in about.get("坐标系", "")), None)
    if codes is None or not len(east):
        return None
    if np.nanmax(np.abs(east)) <= 180:
        return "EPSG:4490" if codes == _SYSTEMS["2000"] else None
    width, zone = _whole(about.get("几度分带")), _whole(about.get("带号"))
    middle = float(np.nanmedian(east))
    zoned = middle >= _ZONED
    if zone is None and zoned:
        zone = int(middle // 1_000_000)
    if width is None and zone is not None:
        width = next((w for w in (3, 6) if _FIRST_ZONE[w] <= zone <= _LAST_ZONE[w]), None)
    if width not in _FIRST_ZONE or zone is None:
        return None
    if not _FIRST_ZONE[width] <= zone <= _LAST_ZONE[width]:
        return None
    first = codes[0 if width == 3 else 1][0 if zoned else 1]
    return f"EPSG:{first + zone - _FIRST_ZONE[width]}"


def _whole(text: str | None) -> int | None:
    found = re.search(r"\d+", text or "")
    return int(found[0]) if found else None


def _miscounted(plots: Sequence[_Plot]) -> Iterator[Flag]:
    """Plots whose first line counts other points than follow, closing ones counted or not."""
    wrong = [
        i
        for i, plot in enumerate(plots, 1)
        if plot.cells
        and _whole(plot.cells[0]) not in (None, len(plot.points), len(set(plot.points)))
    ]
    if wrong:
        yield Flag("points_miscounted", {"n": len(wrong), "row": wrong[0]})
