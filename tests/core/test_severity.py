"""Severity follows the rules of the table, first match first."""

import pytest

from georeview.core.reasons import VIOLATIONS
from georeview.core.severity import propose_text


@pytest.mark.parametrize(
    ("violation", "area", "volume", "expected"),
    [
        ("PR11", None, None, "major"),
        ("PR13", "5000", None, "major"),
        ("PR13", "4999.99", None, "serious"),
        ("PR14", "1000", None, "serious"),
        ("PR14", "999.99", None, "general"),
        ("PR14", None, None, "general"),
        ("PR21", None, "500", "major"),
        ("PR24", None, "499.99", "serious"),
        ("PR42", "1000", None, "major"),
        ("PR44", "10", None, "serious"),
        ("PR43", None, None, "serious"),
        ("PR31", "99999", None, "general"),
    ],
)
def test_rules(violation: str, area: str | None, volume: str | None, expected: str) -> None:
    assert propose_text(violation, area, volume) == expected


@pytest.mark.parametrize("violation", sorted(VIOLATIONS))
def test_every_violation_has_a_severity(violation: str) -> None:
    assert propose_text(violation, None, None) in {"general", "serious", "major"}


def test_nothing_is_proposed_for_no_violation() -> None:
    assert propose_text(None, "1", "1") is None
