"""One place reads a clock; lint sees to Python, and this to what a database would read."""

import re
from pathlib import Path

import pytest

from tests.house.test_docs import ROOT

SOURCES = [
    path
    for folder in ("georeview", "api")
    for kind in ("*.py", "*.sql")
    for path in (ROOT / folder).rglob(kind)
]
CLOCKS = re.compile(
    r"\bCURRENT_(?:TIME|DATE|TIMESTAMP)\b|\b(?:now|clock_timestamp|statement_timestamp|unixepoch)\s*\(\)"
    r"|\b(?:datetime|date|julianday|strftime)\s*\(\s*'|'now'",
    re.IGNORECASE,
)


@pytest.mark.parametrize("text", ["DEFAULT CURRENT_TIMESTAMP", "now()", "datetime('now')"])
def test_the_clocks_of_a_database_are_known(text: str) -> None:
    assert CLOCKS.search(text)


def test_no_statement_reads_the_clock_of_a_database() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in SOURCES
        for match in CLOCKS.finditer(strings_of(path))
    ]
    assert found == []


def strings_of(path: Path) -> str:
    """What of a file may be SQL: all of it, or the strings of a Python file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".sql":
        return re.sub(r"--.*", "", text)
    return "\n".join(re.findall(r'"""[\s\S]*?"""|"[^"\n]*"', text))
