"""Where a plot lies, as SVG: its outline over the boundary and the river around it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

Ring = Sequence[tuple[float, float]]

SIZE = 420
BARS_M = (5, 10, 20, 50, 100, 200, 500, 1000, 2000)
METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True, slots=True)
class Sketch:
    """Lines around a plot, in degrees (EPSG:4490).

    Attributes:
        box: West, south, east, north of what is shown.
        areas: Outlines of the management area.
        water: Outlines of water.
        rivers: Centrelines.
        plot: Outlines of the plot, or its point as a ring of one.
    """

    box: tuple[float, float, float, float]
    areas: Sequence[Ring]
    water: Sequence[Ring]
    rivers: Sequence[Ring]
    plot: Sequence[Ring]


def sketch(found: Sketch) -> str:
    """The picture; north is up, and a bar tells the scale."""
    west, south, east, north = found.box
    across = METRES_PER_DEGREE * math.cos(math.radians((south + north) / 2)) * (east - west)
    down = METRES_PER_DEGREE * (north - south)
    scale = SIZE / max(across, down)
    width, height = across * scale, down * scale

    def path(ring: Ring, *, closed: bool) -> str:
        points = (
            f"{(x - west) / (east - west) * width:.1f} {(north - y) / (north - south) * height:.1f}"
            for x, y in ring
        )
        return "M" + "L".join(points) + ("Z" if closed else "")

    def drawn(rings: Sequence[Ring], look: str, *, closed: bool = True) -> str:
        whole = "".join(path(ring, closed=closed) for ring in rings)
        return f'<path d="{whole}" {look}/>' if whole else ""

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}">',
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#f3f5f1"/>',
        drawn(
            found.areas, 'fill="#e4efe6" stroke="#3f7d58" stroke-width="1.6" fill-rule="evenodd"'
        ),
        drawn(found.water, 'fill="#cfe2f3" stroke="none" fill-rule="evenodd"'),
        drawn(found.rivers, 'fill="none" stroke="#2f6fb0" stroke-width="1.4"', closed=False),
        _plot(found.plot, "".join(path(ring, closed=True) for ring in found.plot)),
        _bar(scale, width, height),
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="none" stroke="#8793a3"/>',
        "</svg>",
    ]
    return "".join(parts)


def _plot(rings: Sequence[Ring], whole: str) -> str:
    look = 'fill="#d81b60" fill-opacity="0.25" stroke="#a80f47" stroke-width="2"'
    if len(rings) == 1 and len(rings[0]) == 1:
        x, y = whole[1:-1].split()
        return f'<circle cx="{x}" cy="{y}" r="7" {look}/>'
    return f'<path d="{whole}" {look} fill-rule="evenodd"/>'


def _bar(scale: float, width: float, height: float) -> str:
    """The longest round length that takes a third of the width at most."""
    metres = max((m for m in BARS_M if m * scale <= width / 3), default=BARS_M[0])
    long, top = metres * scale, height - 16
    told = f"{metres // 1000} km" if metres >= 1000 else f"{metres} m"
    return (
        f'<path d="M12 {top:.0f}v6h{long:.1f}v-6" fill="none" stroke="#10151c" stroke-width="1.5"/>'
        f'<text x="{16 + long:.1f}" y="{top + 8:.0f}" font-size="12" fill="#10151c">{told}</text>'
    )
