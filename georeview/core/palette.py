"""Colours, shapes and line styles of marks and layers, as data.

The page, its legend and the exports draw from here. Every state differs by colour, symbol and
dash, so that none is told by colour alone; the smallest CIEDE2000 distance between two states is
held above 20 for normal, deuteranope, protanope and tritanope eyes by a test.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class MarkStyle:
    """How one mark is drawn.

    Attributes:
        mark: The mark.
        code: Its number in the state bytes of the page.
        fill: Symbol and line colour.
        outline: Symbol outline.
        symbol: circle, triangle, square or diamond.
        dash: Line dash in pixels; empty is solid.
        wash: Opacity of the fill inside a polygon.
    """

    mark: str
    code: int
    fill: str
    outline: str
    symbol: str
    dash: tuple[int, ...]
    wash: float


_MARKS = (
    MarkStyle("pending", 0, "#F2B01E", "#2B1D00", "circle", (), 0.10),
    MarkStyle("confirmed", 1, "#D81B60", "#3A0519", "triangle", (), 0.24),
    MarkStyle("false_positive", 2, "#A8B1C2", "#232A35", "square", (3, 4), 0.10),
    MarkStyle("rectified", 3, "#1463D9", "#04204D", "diamond", (10, 4), 0.20),
)
MARKS: Mapping[str, MarkStyle] = MappingProxyType({style.mark: style for style in _MARKS})


@dataclass(frozen=True, slots=True)
class LineStyle:
    """How a layer's outline is drawn.

    Attributes:
        line: Colour of the line.
        width: Width in pixels.
        dash: Dash in pixels; empty is solid.
        casing: Colour of the dark line under it, or empty.
        fill: Fill colour with opacity (``#RRGGBBAA``), or empty.
    """

    line: str
    width: float
    dash: tuple[int, ...] = ()
    casing: str = ""
    fill: str = ""


LINES: Mapping[str, LineStyle] = MappingProxyType(
    {
        "boundary": LineStyle("#FFFFFF", 2, (12, 4, 2, 4), "#10151C99"),
        "boundary_thin": LineStyle("#FFFFFF", 1.2, (4, 4), "#10151C80"),
        "water": LineStyle("#8FC7E8", 1, (), "", "#5AA7D633"),
        "river": LineStyle("#8FC7E8", 1.6, (), "#0B2A3C80"),
        "works": LineStyle("#E8D9A8", 1.6, (2, 3), "#10151C80"),
        "admin": LineStyle("#F4F6F8", 1.4, (8, 3, 2, 3), "#10151C80"),
        "admin_thin": LineStyle("#F4F6F8B3", 0.8, (2, 4)),
    }
)
