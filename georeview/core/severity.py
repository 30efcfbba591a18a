"""How grave a confirmed problem is, by rules kept as data; the first rule that fits wins."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Severity = Literal["general", "serious", "major"]
SEVERITIES: tuple[Severity, ...] = ("general", "serious", "major")


@dataclass(frozen=True, slots=True)
class SeverityRule:
    """One row: violation codes, an optional measure with its range, and the outcome.

    Attributes:
        codes: Violation codes it applies to; empty for all.
        severity: The outcome.
        basis: Where the threshold comes from; ``default`` is a choice of this product.
        measure: ``area_m2`` or ``volume_m3``, or none.
        ge: Least value of the measure.
        lt: The value must be below this.
    """

    codes: frozenset[str]
    severity: Severity
    basis: str
    measure: str | None = None
    ge: Decimal | None = None
    lt: Decimal | None = None

    def fits(self, violation: str, measures: Mapping[str, Decimal | None]) -> bool:
        """Whether the rule applies; a rule that needs a measure waits for it."""
        if self.codes and violation not in self.codes:
            return False
        if self.measure is None:
            return True
        value = measures.get(self.measure)
        if value is None:
            return False
        return (self.ge is None or value >= self.ge) and (self.lt is None or value < self.lt)


_STANDARD = "河湖四乱问题认定及严重程度分类表"


def _rule(
    codes: str,
    severity: Severity,
    basis: str = "default",
    measure: str | None = None,
    *,
    ge: int | None = None,
    lt: int | None = None,
) -> SeverityRule:
    low = None if ge is None else Decimal(ge)
    high = None if lt is None else Decimal(lt)
    return SeverityRule(frozenset(codes.split()), severity, basis, measure, low, high)


SEVERITY_RULES: tuple[SeverityRule, ...] = (
    _rule("PR11 PR12", "major", _STANDARD),
    _rule("PR13 PR14", "major", _STANDARD, "area_m2", ge=5000),
    _rule("PR13 PR14", "serious", _STANDARD, "area_m2", ge=1000, lt=5000),
    _rule("PR13 PR14", "general", _STANDARD, "area_m2", lt=1000),
    _rule("PR21 PR24", "major", _STANDARD, "volume_m3", ge=500),
    _rule("PR21 PR24", "serious", "default", "volume_m3", lt=500),
    _rule("PR42 PR43 PR44", "major", "default", "area_m2", ge=1000),
    _rule("PR42 PR43 PR44", "serious"),
    _rule("", "general"),
)


def propose(violation: str, *, area_m2: Decimal | None, volume_m3: Decimal | None) -> SeverityRule:
    """The rule that applies to a violation.

    Args:
        violation: PR code.
        area_m2: Measured area inside the management area.
        volume_m3: Measured volume.
    """
    measures = {"area_m2": area_m2, "volume_m3": volume_m3}
    return next(rule for rule in SEVERITY_RULES if rule.fits(violation, measures))


def propose_text(violation: str | None, area_m2: str | None, volume_m3: str | None) -> str | None:
    """The proposal for a review's own texts; ``None`` without a violation."""
    if violation is None:
        return None
    area = Decimal(area_m2) if area_m2 else None
    volume = Decimal(volume_m3) if volume_m3 else None
    return propose(violation, area_m2=area, volume_m3=volume).severity
