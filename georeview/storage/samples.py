"""Draws of negatives, and what the second look at each of their plots came to."""

from collections.abc import Sequence
from dataclasses import astuple, fields

from georeview.errors import NotFound
from georeview.storage.engine import Connection, Engine, insert, listed, run, statement
from georeview.storage.ports.figures import Sample, SamplePlot

SAMPLE = tuple(field.name for field in fields(Sample))
PLOT = tuple(field.name for field in fields(SamplePlot))
ADD = insert("sample", SAMPLE)
SELECT = statement("SELECT", listed(SAMPLE), "FROM sample WHERE")
OF_BATCH = "batch = :batch ORDER BY number DESC"
PLOTS = statement(
    "SELECT", listed(PLOT), "FROM sample_plot WHERE sample_id = :sample_id",
    "ORDER BY stratum, place",
)  # fmt: skip
ANSWER = """UPDATE sample_plot
SET result = :result, note = :note, actor = :actor, answered_at = :answered_at
WHERE sample_id = :sample_id AND plot_id = :plot_id"""


class SampleRecords:
    """The draws over one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, sample: Sample, plots: Sequence[SamplePlot]) -> None:
        """Keep a draw."""

        def work(connection: Connection) -> None:
            connection.execute(ADD, {name: getattr(sample, name) for name in SAMPLE})
            connection.bulk("sample_plot", PLOT, map(astuple, plots))

        self._engine.write(work)

    def all(self, batch: str) -> list[Sample]:
        """Draws of a batch, newest first."""
        with self._engine.view() as connection:
            rows = connection.execute(statement(SELECT, OF_BATCH), {"batch": batch})
            return [Sample(*row) for row in rows]

    def get(self, sample_id: str) -> Sample:
        """One draw."""
        sql = statement(SELECT, "sample_id = :sample_id")
        with self._engine.view() as connection:
            row = connection.execute(sql, {"sample_id": sample_id}).fetchone()
        if row is None:
            raise NotFound(what=sample_id)
        return Sample(*row)

    def plots(self, sample_id: str) -> list[SamplePlot]:
        """Its plots, by stratum and place."""
        with self._engine.view() as connection:
            rows = connection.execute(PLOTS, {"sample_id": sample_id})
            return [SamplePlot(*row) for row in rows]

    def answer(self, plot: SamplePlot) -> None:
        """Keep what the second look came to."""
        run(self._engine, ANSWER, {name: getattr(plot, name) for name in PLOT})
