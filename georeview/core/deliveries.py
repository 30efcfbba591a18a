"""What a further delivery of a batch, or taking a file back, does to plots that are there.

These steps belong to a file, not to a person's work on a plot: they are judged while the file is
kept, on the plot as it stands then, and leave a mark that was made as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from georeview.core.access import Actor, Role
from georeview.core.intake import sent_to
from georeview.core.ledger import Draft, Value
from georeview.core.plot import Mark, Review, Stage
from georeview.core.procedure import Command
from georeview.core.replay import advance
from georeview.core.review import draft

GIVES = frozenset({"import", "revise", "restore"})
"""Actions whose body tells what a plot was given: number, row and hash of the geometry."""

OF_FILES = GIVES | {"retract", "dispatch", "dispatch_town"}
"""Actions after which nobody has reviewed anything yet."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Who brings a file, or takes one back.

    Attributes:
        actor: The person.
        role: In which role.
        now: Server time.
    """

    actor: Actor
    role: Role
    now: datetime

    def revised(self, state: Review, event_id: str, body: Mapping[str, Value]) -> Draft:
        """The plot has another shape or other values; a mark made before is to be looked at again."""
        looked_at = state.mark != Mark.PENDING
        after: dict[str, Value] = {"second_look": "revised"} if looked_at else {}
        return self._step("revise", state, event_id, body, after)

    def again(
        self,
        state: Review,
        event_ids: tuple[str, str],
        *,
        area: str,
        county: str | None,
        body: Mapping[str, Value],
    ) -> tuple[Draft, ...]:
        """A plot that was taken back comes in once more, and goes to its county."""
        taken: dict[str, Value] = {
            "stage": Stage.IMPORTED.value, "area": area, "county": None, "township": None,
        }  # fmt: skip
        first = self._step("import", state, event_ids[0], body, taken)
        if county is None:
            return (first,)
        held = advance(state, first, state.seq, state.version + 1)
        sent = sent_to(county, self.now)
        said: dict[str, Value] = {"county": county, "auto": True}
        return first, self._step("dispatch", held, event_ids[1], said, sent)

    def retracted(self, state: Review, event_id: str, import_id: str) -> Draft:
        """The plot goes with the file that brought it."""
        after: dict[str, Value] = {"stage": Stage.WITHDRAWN.value}
        return self._step("retract", state, event_id, {"import": import_id}, after)

    def restored(
        self,
        state: Review,
        event_id: str,
        body: Mapping[str, Value],
        was: Mapping[str, Value],
    ) -> Draft:
        """The plot is again what it was before the file changed it.

        Args:
            state: Its review.
            event_id: Identifier of the event.
            body: What it was given then, and which file is taken back.
            was: What the event that is undone had found of the review.
        """
        after = {name: was[name] for name in ("second_look",) if name in was}
        return self._step("restore", state, event_id, body, after)

    def _step(
        self,
        action: str,
        state: Review,
        event_id: str,
        body: Mapping[str, Value],
        after: Mapping[str, Value],
    ) -> Draft:
        command = Command(action, event_id, state.version)
        return draft(state, command, self.actor, self.role, body=body, after=after, now=self.now)
