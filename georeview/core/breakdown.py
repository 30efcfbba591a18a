"""What figures are broken down by: county, township, river, disorder, issued type, reason, reviewer.

A plot stands in one part of each breakdown, so the parts add up to the total exactly. Where a plot
lies and what it was issued as is what is known today; everything else is what its events say up to
the day that is asked for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from georeview.core.reasons import DISORDERS, REASONS, VIOLATIONS
from georeview.core.standing import Standing

Raw = Literal["none", "township", "river", "code", "type_issued", "reviewer"]
"""What is kept of a plot; ``none`` where its standing says it all."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One way to divide the plots.

    Attributes:
        id: Its name in addresses.
        zh: What it is called.
        en: The same in English.
        raw: What is read of a plot.
        key: The part a plot stands in, from its standing and what is read; empty for none.
        judged: Whether it tells of marks that may still be drafts.
    """

    id: str
    zh: str
    en: str
    raw: Raw
    key: Callable[[Standing, str], str]
    judged: bool = False

    def part(self, plot: Standing, raw: str, *, drafts: bool) -> str | None:
        """The part a plot stands in, ``None`` for none.

        Args:
            plot: Its standing.
            raw: What is read of it.
            drafts: Whether the reader sees marks before they are submitted.
        """
        if self.judged and not drafts and not (plot.reached or plot.verified):
            return None
        return self.key(plot, raw) or None


def _as_read(_plot: Standing, raw: str) -> str:
    return raw


def _disorder(_plot: Standing, code: str) -> str:
    violation = VIOLATIONS.get(code)
    return "" if violation is None else violation.disorder


_DIMENSIONS = (
    Dimension("county", "县(区)", "County", "none", lambda plot, _: plot.county or ""),
    Dimension("township", "乡镇", "Township", "township", _as_read),
    Dimension("river", "河流", "River", "river", _as_read),
    Dimension("disorder", "四乱类别", "Disorder class", "code", _disorder, judged=True),
    Dimension("type", "下发类型", "Issued type", "type_issued", _as_read),
    Dimension("reason", "原因代码", "Reason code", "code", _as_read, judged=True),
    Dimension("reviewer", "复核人", "Reviewer", "reviewer", _as_read, judged=True),
)

DIMENSIONS: Mapping[str, Dimension] = MappingProxyType({row.id: row for row in _DIMENSIONS})
"""Every breakdown, by name."""

_REASONS = {code: (f"{code} {row.zh}", f"{code} {row.en}") for code, row in REASONS.items()}
_VIOLATIONS = {code: (f"{code} {row.zh}", f"{code} {row.en}") for code, row in VIOLATIONS.items()}

PART_NAMES: Mapping[str, Mapping[str, tuple[str, str]]] = MappingProxyType(
    {"disorder": DISORDERS, "reason": _REASONS | _VIOLATIONS}
)
"""Chinese and English names of parts that have fixed ones."""
