"""What became of the files of one load, and of each of them: counts that add up to the rows."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from georeview.ingest import SetAside, called
from georeview.services.arrivals import Arrival
from georeview.services.loading import Reading
from georeview.services.told import Lines, Outcome, Wish

ASIDE_NAMED = 1_000
"""Rows set aside that the report of a file names itself; all of them stand in the rows told."""


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file: ``rows_in = stored + changed + unchanged + joined + set_aside``.

    Attributes:
        file: Its name.
        rows_in: Rows in the file.
        stored: Plots that are new.
        unchanged: Plots that were there already.
        joined: Rows of texts that belong to plots of other files.
        set_aside: Rows that were not taken, with the reason of each; the first ``ASIDE_NAMED``.
        changed: Plots that were there and have another shape or other values now.
        flagged: How many plots carry each warning.
        read: The reader's report.
        set_aside_n: How many rows were not taken.
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
    set_aside_n: int = 0


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
        return not any(report.set_aside_n for report in self.files)

    def as_json(self) -> dict[str, Any]:
        """The report as plain values."""
        return asdict(self)

    def whole(self, lines: Lines) -> Iterator[bytes]:
        """The same as JSON text with every row that was set aside, some at a time.

        Args:
            lines: What became of each row.
        """
        told = self.as_json()
        files = told.pop("files")
        yield orjson.dumps(told)[:-1] + b',"files":['
        for n, file in enumerate(files):
            head = {name: value for name, value in file.items() if name != "set_aside"}
            yield (b"," if n else b"") + b"\n" + orjson.dumps(head)[:-1] + b',"set_aside":['
            between = b""
            for _, line in lines.read(Wish(kind=Outcome.SET_ASIDE.value, file=n)):
                (why,) = line["flags"]
                aside = {"row": line["row"], "source_id": line["source_id"], **why}
                yield between + b"\n" + orjson.dumps(aside)
                between = b","
            yield b"]}"
        yield b"]}\n"


def aside_of(file: Mapping[str, Any]) -> int:
    """How many rows a kept report of a file sets aside; an older one names all of them."""
    return int(file.get("set_aside_n", len(file["set_aside"])))


@dataclass(slots=True)
class Tally:
    """What becomes of a file's rows, counted on the way."""

    stored: int = 0
    changed: int = 0
    unchanged: int = 0
    joined: int = 0
    aside: list[SetAside] = field(default_factory=list)
    aside_n: int = 0
    flagged: Counter[str] = field(default_factory=Counter)

    def add(self, arrival: Arrival, flags: Iterable[str]) -> None:
        """Count some rows more, and the codes of all flags of the plots they bring."""
        self.stored += len(arrival.fresh or ())
        self.changed += len(arrival.changed)
        self.unchanged += arrival.unchanged
        self.joined += arrival.joined
        self.aside += arrival.aside[: ASIDE_NAMED - len(self.aside)]
        self.aside_n += len(arrival.aside)
        self.flagged.update(flags)

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
            set_aside_n=self.aside_n,
        )
        taken = report.stored + report.changed + report.unchanged + report.joined
        if report.rows_in != taken + report.set_aside_n:
            raise AssertionError(report)
        return report
