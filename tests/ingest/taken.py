"""A file taken in through the door that everybody uses, and what the store then holds."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from georeview.core.access import EVERYTHING
from georeview.core.query import Filter
from georeview.services import Services
from georeview.storage.ports import NewPlot
from tests.files import load


@dataclass(frozen=True)
class Taken:
    """What the report says, what was set aside (row → code), and the plots by number as issued."""

    read: dict[str, Any]
    aside: dict[int, str]
    plots: dict[str, NewPlot]

    def notes(self) -> list[str]:
        """Codes of what was said about the file."""
        return [note["code"] for note in self.read["notes"]]


def take(services: Services, *paths: Path, batch: str = "2023-1", **options: Any) -> Taken:
    """Load plots and look at what is stored."""
    report = load(services, *paths, batch=batch, **options).files[0]
    chunks = services.store.plots.stream(EVERYTHING, Filter(batch=batch))
    plots = {plot.given.source_id: plot.given for chunk in chunks for plot in chunk}
    aside = {item.row: item.code for item in report.set_aside}
    assert report.rows_in == report.stored + report.unchanged + report.joined + len(aside)
    return Taken(dict(report.read), aside, plots)
