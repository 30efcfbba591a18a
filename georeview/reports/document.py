"""A document as a value: a title and blocks one below the other, whatever it is written as."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from georeview.core.figures import Estimate, Rate

Cell = str | int | float | date | Rate | Estimate | None
"""What a cell may hold; ``None`` is shown as a dash."""

DASH = "–"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside the document."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph.

    Attributes:
        text: What it says.
        style: ``plain``, ``note`` (small), ``address``, ``right`` (signatures) or ``centre`` (a title).
    """

    text: str
    style: str = "plain"


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with values, side by side."""

    rows: Sequence[tuple[str, Cell]]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        name: Its heading.
        weight: Its width against the others'.
        number: Whether its values are numbers, and stand right.
    """

    name: str
    weight: float = 1
    number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its heading repeated on every page.

    Attributes:
        title: What it is; the name of its sheet.
        columns: Its columns.
        rows: As many cells a row as there are columns.
        total: Whether the last row adds up the others.
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    total: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture; ``suffix`` is ``svg``, ``jpeg`` or ``png``."""

    data: bytes
    suffix: str
    caption: str


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures side by side."""

    items: Sequence[Picture]
    columns: int = 2


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows begins on a new page."""


Block = Heading | Text | Facts | Table | Pictures | PageBreak


@dataclass(frozen=True, slots=True)
class Document:
    """A document.

    Attributes:
        title: What stands on top; empty where the blocks say all.
        subtitle: Below it.
        blocks: What follows.
        foot: What stands at the foot of every page: what it rests on.
        lang: Language of its texts.
        landscape: Whether its pages lie on their long side.
    """

    title: str
    subtitle: str
    blocks: Sequence[Block]
    foot: str
    lang: str
    landscape: bool = False


def shown(cell: Cell) -> str:
    """A cell for people."""
    if cell is None:
        return DASH
    if isinstance(cell, Rate):
        return DASH if cell.pct is None else f"{cell.pct:.1f}%"
    if isinstance(cell, Estimate):
        return f"{cell.pct:.1f}% ({cell.low_pct:.1f}–{cell.high_pct:.1f}%)"
    if isinstance(cell, float):
        return f"{cell:.1f}"
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def below(cell: Cell) -> str:
    """What stands small below a cell: the counts behind a share."""
    return f"{cell.num}/{cell.den}" if isinstance(cell, Rate) else ""
