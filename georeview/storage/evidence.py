"""Which files belong to which plot; the rows are written in the commit of their events."""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, fields
from typing import Any

from georeview.core.access import Scope
from georeview.errors import NotFound
from georeview.storage.engine import Connection, Engine, insert, listed, statement
from georeview.storage.ports.evidence import EvidenceFile
from georeview.storage.where import among, seen

EVIDENCE = tuple(field.name for field in fields(EvidenceFile))
ADD_EVIDENCE = insert("evidence", EVIDENCE)
VISIBLE = "SELECT 1 FROM plot_state s WHERE s.plot_id = :plot_id AND"
OF_PLOTS = statement("SELECT", listed(EVIDENCE), "FROM evidence WHERE")
IN_ORDER = "ORDER BY number"
ONE = statement(
    "SELECT", listed(EVIDENCE, "e."), "FROM evidence e",
    "JOIN plot_state s ON s.plot_id = e.plot_id WHERE e.evidence_id = :evidence_id AND",
)  # fmt: skip
HASHES = """SELECT sha256 FROM evidence UNION SELECT sha256 FROM register_document
UNION SELECT sha256 FROM permit_file ORDER BY sha256"""


class EvidenceRecords:
    """The evidence index over one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of_plot(self, scope: Scope, plot_id: str) -> list[EvidenceFile]:
        """Evidence of a plot, oldest first."""
        where = seen(scope)
        with self._engine.view() as connection:
            own = {"plot_id": plot_id, **where.params}
            if connection.execute(statement(VISIBLE, where.sql), own).fetchone() is None:
                raise NotFound(what=plot_id)
            return files_among(connection, [plot_id]).get(plot_id, [])

    def get(self, scope: Scope, evidence_id: str) -> EvidenceFile:
        """One file."""
        where = seen(scope)
        with self._engine.view() as connection:
            row = connection.execute(
                statement(ONE, where.sql), {"evidence_id": evidence_id, **where.params}
            ).fetchone()
        if row is None:
            raise NotFound(what=evidence_id)
        return EvidenceFile(*row)

    def hashes(self) -> Iterator[str]:
        """Every content hash there should be a file for."""
        with self._engine.view() as connection:
            for (sha256,) in connection.execute(HASHES):
                yield sha256


def files_among(connection: Connection, plot_ids: Sequence[str]) -> dict[str, list[EvidenceFile]]:
    """The evidence of plots, oldest first; plots without any are left out."""
    where = among("plot_id", plot_ids)
    found: dict[str, list[EvidenceFile]] = {}
    for row in connection.execute(statement(OF_PLOTS, where.sql, IN_ORDER), where.params):
        file = EvidenceFile(*row)
        found.setdefault(file.plot_id, []).append(file)
    return found


def evidence_row(file: EvidenceFile) -> dict[str, Any]:
    """The columns of ``EVIDENCE``."""
    return dict(zip(EVIDENCE, astuple(file), strict=True))
