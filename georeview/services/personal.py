"""Names of third parties: who may see them, and erasing them."""

from datetime import UTC

from georeview.clock import Clock
from georeview.core.access import Action, Actor, need
from georeview.core.accesslog import NewEntry
from georeview.core.personal import PERSONAL, OnRecord
from georeview.errors import BadValue
from georeview.errors.people import NobodyNamed
from georeview.services.plots import seen_by
from georeview.storage.ports.store import Store

REASON_MAX = 400


class PersonalService:
    """The side table of names."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def of(self, actor: Actor, plot_id: str) -> list[OnRecord]:
        """What is on record of a plot, and what was erased.

        Raises:
            NotFound: The plot is not visible to the actor.
            Forbidden: The actor sees no names there.
        """
        plot = self._store.plots.get(seen_by(actor), plot_id)
        need(actor.on(plot.given.batch), Action.SEE_PERSONAL, plot.review.area)
        return self._store.personal.of_plot(plot_id)

    def erase(
        self, actor: Actor, plot_id: str, reason: str, field: str | None = None
    ) -> list[OnRecord]:
        """Erase the names of a plot for good; the ledger keeps hashes that nobody can undo.

        Args:
            actor: Who erases.
            plot_id: The plot.
            reason: Why; it stands in the access log.
            field: Only names of this field.

        Returns:
            What is on record now.

        Raises:
            NotFound: The plot is not visible to the actor.
            Forbidden: The actor may not erase there.
            BadValue: There is no reason, or no such field.
            NobodyNamed: There is nothing to erase.
        """
        plot = self._store.plots.get(seen_by(actor), plot_id)
        need(actor.on(plot.given.batch), Action.ERASE_PERSONAL, plot.review.area)
        said = reason.strip()
        if not said or len(said) > REASON_MAX or not said.isprintable():
            raise BadValue(field="reason", value=said[:80])
        if field is not None and field not in PERSONAL:
            raise BadValue(field="field", value=field[:80])
        wanted = [
            one
            for one in self._store.personal.of_plot(plot_id)
            if one.value is not None and field in (None, one.field)
        ]
        if not wanted:
            raise NobodyNamed(plot=plot_id)
        now = self._clock().astimezone(UTC).isoformat(timespec="milliseconds")
        names = sorted({one.field for one in wanted})
        noted = NewEntry(
            now, actor.user, "erase_personal", plot_id, plot.review.area,
            {"fields": [*names], "names": len(wanted), "reason": said},
        )  # fmt: skip
        self._store.personal.erase(
            [one.token for one in wanted],
            {"erased_at": now, "erased_by": actor.user, "reason": said},
            noted,
        )
        return self._store.personal.of_plot(plot_id)
