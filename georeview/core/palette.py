"""Colours, shapes and line styles of marks and layers, as data.

The page, its legend and the exports draw from here. Every state differs by colour, symbol and
dash, so that none is told by colour alone; the smallest CIEDE2000 distance between two states is
held above 20 for normal, deuteranope, protanope and tritanope eyes by a test.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Pill:
    """A word on a coloured ground.

    Attributes:
        ink: Colour of the word; at least 4.5 : 1 on the ground.
        ground: Colour behind it.
    """

    ink: str
    ground: str


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
        pills: Its pill in the ``light`` and the ``dark`` theme.
    """

    mark: str
    code: int
    fill: str
    outline: str
    symbol: str
    dash: tuple[int, ...]
    wash: float
    pills: Mapping[str, Pill]


def _pills(light: Pill, dark: Pill) -> Mapping[str, Pill]:
    return MappingProxyType({"light": light, "dark": dark})


_MARKS = (
    MarkStyle(
        "pending",
        0,
        "#F2B01E",
        "#2B1D00",
        "circle",
        (),
        0.10,
        pills=_pills(Pill("#7A4B00", "#FFF5DC"), Pill("#FFCB5C", "#33270C")),
    ),
    MarkStyle(
        "confirmed",
        1,
        "#D81B60",
        "#3A0519",
        "triangle",
        (),
        0.24,
        pills=_pills(Pill("#A80F47", "#FDE7EF"), Pill("#FF8DB3", "#3A1424")),
    ),
    MarkStyle(
        "false_positive",
        2,
        "#A8B1C2",
        "#232A35",
        "square",
        (3, 4),
        0.10,
        pills=_pills(Pill("#475262", "#EEF1F5"), Pill("#BCC5D3", "#222A35")),
    ),
    MarkStyle(
        "rectified",
        3,
        "#1463D9",
        "#04204D",
        "diamond",
        (10, 4),
        0.20,
        pills=_pills(Pill("#0D4FB0", "#E6EFFC"), Pill("#86B6FF", "#12284A")),
    ),
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
        "water": LineStyle("#8FC7E8", 1, (), "", "#5AA7D64D"),
        "river": LineStyle("#8FC7E8", 1.6, (), "#0B2A3C80"),
        "works": LineStyle("#E8D9A8", 1.6, (2, 3), "#10151C80"),
        "admin": LineStyle("#F4F6F8CC", 1.3, (8, 3, 2, 3), "#10151C80"),
        "land": LineStyle("", 0, (), "", "#2E3831"),
        "admin_thin": LineStyle("#F4F6F8B3", 0.8, (2, 4)),
    }
)
