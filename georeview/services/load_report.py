"""What became of the files of one load, and of each of them: counts that add up to the rows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from georeview.ingest import SetAside, called
from georeview.services.arrivals import Arrival
from georeview.services.loading import Reading
from georeview.storage.ports import NewPlot


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file: ``rows_in = stored + changed + unchanged + joined + set_aside``.

    Attributes:
        file: Its name.
        rows_in: Rows in the file.
        stored: Plots that are new.
        unchanged: Plots that were there already.
        joined: Rows of texts that belong to plots of other files.
        set_aside: Rows that were not taken, with the reason of each.
        changed: Plots that were there and have another shape or other values now.
        flagged: How many plots carry each warning.
        read: The reader's report.
    """

    file: str
    rows_in: int
    stored: int
    unchanged: int
    joined: int
    set_aside: tuple[SetAside, ...]
    flagged: Mapping[str, int]
    read: Mapping[str, Any]
    changed: int = 0


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What became of all files of one call.

    Attributes:
        batch: Name of the batch.
        dry_run: Whether nothing was kept.
        files: What became of each.
        import_id: What the ids of the files have in common; by it they can be taken back.
        gone: How many plots the batch has that a further delivery of it no longer brings; they
            stay.
        gone_plots: Numbers of the first of them.
    """

    batch: str
    dry_run: bool
    files: tuple[FileReport, ...]
    import_id: str | None = None
    gone: int = 0
    gone_plots: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing was set aside."""
        return not any(report.set_aside for report in self.files)

    def as_json(self) -> dict[str, Any]:
        """The report as plain values."""
        return asdict(self)


@dataclass(slots=True)
class Tally:
    """What becomes of a file's rows, counted on the way."""

    stored: int = 0
    changed: int = 0
    unchanged: int = 0
    joined: int = 0
    aside: list[SetAside] = field(default_factory=list)
    flagged: Counter[str] = field(default_factory=Counter)

    def add(self, arrival: Arrival, plots: Sequence[NewPlot]) -> None:
        """Count some rows more."""
        self.stored += len(arrival.fresh)
        self.changed += len(arrival.changed)
        self.unchanged += arrival.unchanged
        self.joined += arrival.joined
        self.aside += arrival.aside
        self.flagged.update(str(flag["code"]) for plot in plots for flag in plot.flags)

    def report(self, reading: Reading) -> FileReport:
        """The report on all rows."""
        report = FileReport(
            file=called(reading.files),
            rows_in=reading.report.rows_in,
            stored=self.stored,
            unchanged=self.unchanged,
            joined=self.joined,
            set_aside=tuple(self.aside),
            flagged=dict(self.flagged),
            read=reading.report.as_json(),
            changed=self.changed,
        )
        taken = report.stored + report.changed + report.unchanged + report.joined
        if report.rows_in != taken + len(report.set_aside):
            raise AssertionError(report)
        return report
