"""Curves over days as SVG: drawn by the server, the same on a page and on paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

DASHES = ("", "6 3", "2 3", "8 3 2 3", "12 4", "1 4")
"""No line is told by its colour alone."""

COLOURS = ("#0f766e", "#a80f47", "#0d4fb0", "#7a4b00", "#5b3a9b", "#475262")
LEFT, RIGHT, TOP, BOTTOM = 40, 92, 12, 24
APART = 13
"""Least distance of two names at the end of their lines."""


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: per cent by day, ``None`` where there is nothing to say."""

    name: str
    values: Sequence[float | None]


def trend(
    days: Sequence[date], lines: Sequence[Line], *, title: str, size: tuple[int, int] = (720, 260)
) -> str:
    """Curves of shares.

    Args:
        days: At least one, rising.
        lines: As many values each.
        title: What a reader who sees no picture is told.
        size: Width and height.
    """
    width, height = size
    across, down = width - LEFT - RIGHT, height - TOP - BOTTOM
    span = max((days[-1] - days[0]).days, 1)

    def x(day: date) -> float:
        return LEFT + across * (day - days[0]).days / span

    def y(pct: float) -> float:
        return TOP + down * (1 - pct / 100)

    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" class="trend" '
        f'role="img" aria-label="{escape(title)}">'
    )
    parts = [
        f'<path class="grid" d="M{LEFT} {y(pct):.1f}h{across}" stroke="#cfd6de" fill="none"/>'
        f'<text class="tick" x="{LEFT - 6}" y="{y(pct) + 4:.1f}" text-anchor="end" '
        f'font-size="11" fill="#5b6676">{pct}%</text>'
        for pct in (0, 25, 50, 75, 100)
    ]
    most = max(2, across // 80)
    step = max(1, -(-len(days) // most))
    parts += [
        f'<text class="tick" x="{x(day):.1f}" y="{height - 6}" text-anchor="middle" '
        f'font-size="11" fill="#5b6676">{day:%m-%d}</text>'
        for day in days[::step]
    ]
    names = []
    for n, line in enumerate(lines):
        points = [(x(d), y(v)) for d, v in zip(days, line.values, strict=True) if v is not None]
        if not points:
            continue
        path = "L".join(f"{px:.1f} {py:.1f}" for px, py in points)
        dash = f' stroke-dasharray="{DASHES[n % 6]}"' if DASHES[n % 6] else ""
        parts.append(
            f'<path class="line line-{n % 6}" d="M{path}" fill="none" stroke="{COLOURS[n % 6]}" '
            f'stroke-width="2"{dash}><title>{escape(line.name)}</title></path>'
        )
        names.append((points[-1][1], n, line.name))
    parts += _names(names, width, height)
    return "".join((head, *parts, "</svg>"))


def _names(ends: list[tuple[float, int, str]], width: int, height: int) -> list[str]:
    """The names at the ends of their lines, none over another."""
    placed: list[tuple[float, int, str]] = []
    for at, n, name in sorted(ends):
        least = placed[-1][0] + APART if placed else 0.0
        placed.append((max(at, least), n, name))
    over = max((placed[-1][0] - (height - BOTTOM) if placed else 0), 0)
    return [
        f'<text class="name name-{n % 6}" x="{width - RIGHT + 8}" y="{at - over + 4:.1f}" '
        f'font-size="11" fill="{COLOURS[n % 6]}">{escape(name)}</text>'
        for at, n, name in placed
    ]
