"""Write ``docs/incoming.md``: every format, encoding and coordinate system tried, with the outcome.

Run ``python scripts/incoming.py`` after changing a reader; a test tries all of them again and holds
the page true.
"""

import sys
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.ingest import matrix, odd  # noqa: E402 - the tests make the files

PAGE = ROOT / "docs" / "incoming.md"
WORDS: Mapping[str, str] = {
    "taken": "✓",
    "taken_to_2_cm": "✓ ±2 cm",
    "crs_old_datum": "refused",
    "crs_missing": "asked",
    "crs_is_metres": "asked",
}


def table(outcomes: Mapping[str, Mapping[tuple[str, int], str]]) -> str:
    """The outcomes as a Markdown table."""
    systems = [f"EPSG:{epsg}" if epsg else "nothing said" for epsg in matrix.SYSTEMS]
    lines = [
        f"| format | texts in | {' | '.join(systems)} |",
        "|---|---|" + "---|" * len(systems),
    ]
    for name, cells in outcomes.items():
        for encoding in dict.fromkeys(encoding for encoding, _ in cells):
            found = (cells.get((encoding, epsg), "") for epsg in matrix.SYSTEMS)
            row = " | ".join(WORDS.get(cell, cell) for cell in found)
            lines.append(f"| {name} | {encoding} | {row} |")
    return "\n".join(lines) + "\n"


def odd_table(outcomes: Mapping[str, str]) -> str:
    """What becomes of odd files as a Markdown table."""
    rows = (f"| {name} | {outcome} |" for name, outcome in outcomes.items())
    return "\n".join(["| file | outcome |", "|---|---|", *rows]) + "\n"


def with_table(page: str, name: str, found: str) -> str:
    """The page with a table in its place."""
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
    before, rest = page.split(begin)
    return before + begin + found + end + rest.split(end)[1]


def main() -> None:
    """Try everything and write the page."""
    warnings.simplefilter("ignore")
    page = PAGE.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        page = with_table(page, "tried", table(matrix.tried(Path(folder))))
        page = with_table(page, "odd", odd_table(odd.tried(Path(folder))))
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
