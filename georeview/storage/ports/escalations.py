"""What was issued to counties that did not act, and what they answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from georeview.core.access import Scope


@dataclass(frozen=True, slots=True)
class Escalation:
    """One step issued to one county.

    Attributes:
        escalation_id: Ours.
        batch: Of which batch.
        county: To whom.
        step: ``remind``, ``notice``, ``summons`` or ``criticism``.
        basis: Name of the trigger.
        clock: Of which clock, where it concerns one.
        document_no: Number of the document.
        issued_on: ISO day.
        reply_due: ISO day by which to answer.
        text: What was said beside.
        facts: What it rested on, JSON.
        plots: Ids of the plots it named, JSON.
        actor: Who issued it.
        unit: For which unit.
        at: When, ISO 8601 UTC.
        replied_on: ISO day of the answer.
        reply: What it said.
        replied_by: Who recorded it.
    """

    escalation_id: str
    batch: str
    county: str
    step: str
    basis: str
    clock: str | None
    document_no: str
    issued_on: str
    reply_due: str | None
    text: str
    facts: str
    plots: str
    actor: str
    unit: str
    at: str
    replied_on: str | None = None
    reply: str | None = None
    replied_by: str | None = None


class Escalations(Protocol):
    """Steps issued, and how many more the figures suggest."""

    def add(self, one: Escalation) -> None:
        """Keep what was issued.

        Raises:
            AlreadyIssued: The county has this step under this number.
        """

    def all(self, batch: str, scope: Scope) -> list[Escalation]:
        """What was issued to counties of a scope, newest first."""

    def get(self, escalation_id: str) -> Escalation:
        """One of them.

        Raises:
            NotFound: There is none.
        """

    def answer(self, escalation_id: str, on: str, text: str, actor: str) -> None:
        """Keep what the county answered."""

    def propose(self, batch: str, found: Sequence[tuple[str, int]], at: str) -> None:
        """Keep how many steps are suggested for each county of a batch."""

    def proposed(self, scope: Scope) -> int:
        """How many are suggested in all."""
