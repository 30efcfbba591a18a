"""A file read as the sandbox reads it, and what comes of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from georeview import sandbox
from georeview.errors import GeoreviewError
from georeview.ingest import ReadOptions, beside
from tests.refusals import every_refusal


@dataclass(frozen=True)
class Plot:
    """A row that can be stored."""

    source_id: str
    wkb: bytes
    fields: dict[str, Any]
    extra: dict[str, Any]
    flags: list[str]


@dataclass(frozen=True)
class Taken:
    """What the report says, what was set aside (row → code), and the plots by number as issued."""

    read: dict[str, Any]
    aside: dict[int, str]
    plots: dict[str, Plot]

    def notes(self) -> list[str]:
        """Codes of what was said about the file."""
        return [note["code"] for note in self.read["notes"]]


def take(*paths: Path, **options: Any) -> Taken:
    """Read a file of plots.

    Raises:
        GeoreviewError: What it was refused with.
    """
    files = paths if len(paths) > 1 else beside(paths[0])
    outcomes = "tests.ingest.many:outcomes"
    found = sandbox.run(outcomes, (files,), ReadOptions(**options), None)[0]
    if found["code"] != "taken":
        kind = refusals().get(found["code"])
        raise (kind(**found["facts"]) if kind else AssertionError(found["code"]))
    plots = {plot[0]: Plot(*plot) for plot in found["plots"]}
    read, aside = found["read"], dict(found["aside"])
    assert read["rows_in"] == read["kept"] + len(aside)
    return Taken(read, aside, plots)


def refusals() -> dict[str, type[GeoreviewError]]:
    """Every refusal by its code."""
    return {kind.code: kind for kind in every_refusal()}
