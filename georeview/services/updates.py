"""Plots that are there already, on their way in once more: changed, or after they were withdrawn."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from georeview.core.deliveries import Delivery
from georeview.core.ledger import Draft, Value
from georeview.core.plot import Review, Stage
from georeview.core.rowtext import cells, dump, objects
from georeview.services.ids import new_id
from georeview.storage.ports.deliveries import NewPlots, Revision
from georeview.storage.ports.plots import Facts, NewPlot


@dataclass(frozen=True, slots=True)
class Updates:
    """The plots of one file that are there already.

    Attributes:
        delivery: Who brings the file.
        area: Area code of the batch.
        sha256: Hash of the file.
    """

    delivery: Delivery
    area: str
    sha256: str

    def of(self, pieces: Iterable[tuple[Sequence[NewPlot], Sequence[Facts]]]) -> Iterator[Revision]:
        """Each plot as it is from now on; what its event is, its review says when it is kept."""
        for plots, facts in pieces:
            for plot, fact in zip(plots, facts, strict=True):
                yield self._one(plot, fact)

    def _one(self, plot: NewPlot, fact: Facts) -> Revision:
        def judge(state: Review) -> Sequence[Draft]:
            body: dict[str, Value] = {**given(plot), "file_sha256": self.sha256}
            if state.stage != Stage.WITHDRAWN:
                return [self.delivery.revised(state, new_id(), body)]
            county = county_in(fact.county, self.area)
            ids = (new_id(), new_id())
            return self.delivery.again(state, ids, area=self.area, county=county, body=body)

        return Revision(plot, fact, judge)


def given(plot: NewPlot) -> dict[str, Value]:
    """What an event says of what a plot was given."""
    return {
        "batch": plot.batch,
        "geometry_sha256": hashlib.sha256(plot.wkb).hexdigest(),
        "row": plot.row,
        "source_id": plot.source_id,
    }


def bodies(plots: NewPlots, file_sha256: str) -> list[str]:
    """What the first events of new plots say, as canonical text: ``given``, and the file's hash."""
    n = len(plots)
    columns = {
        "batch": [dump(plots.batch)] * n,
        "file_sha256": [dump(file_sha256)] * n,
        "geometry_sha256": [f'"{hashlib.sha256(wkb).hexdigest()}"' for wkb in plots.wkb],
        "row": list(map(str, plots.row)),
        "source_id": cells(plots.source_id),
    }
    return objects(columns, n)


def county_in(county: str | None, area: str) -> str | None:
    """The county to dispatch to; one of another city is for a person to decide."""
    return county if county is not None and county.startswith(area) else None
