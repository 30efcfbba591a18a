"""The year of the demo's earlier batch, lived through the services: every step judged and dated.

What is true of each plot stands in the sample's truth; when it was done, who was late and what was
sent back is drawn by its number, so that the same sample always has the same past.
"""

import heapq
import io
import random
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from pathlib import Path

from georeview.clock import SHANGHAI
from georeview.core.access import Actor, Grant, Role
from georeview.core.plot import Review
from georeview.core.procedure import Command
from georeview.services import Services
from georeview.services.ids import new_id
from georeview.storage.ports.plots import Plot

Days = Generator[int, None, None]
"""What one plot goes through; yields the days until its next step."""

Photo = Callable[..., Path]
"""Draws a site photo; see ``sample_data.photos.make_photo``."""

MORNING = time(9, 30)
RETURNED, REFUSED, LATE, REOPENED = 0.07, 0.03, 0.06, 0.02
PERMITTED = frozenset({"FP21", "FP22", "FP23", "FP24", "FP25", "FP26", "FP27", "FP28"})


@dataclass(frozen=True, slots=True)
class Truth:
    """What a plot truly is: its FP or PR code, and what stands there."""

    code: str
    type_actual: str

    @property
    def is_problem(self) -> bool:
        """Whether it has to be put right."""
        return self.code.startswith("PR")


def somebody(role: Role, area: str, name: str, unit: str) -> Actor:
    """One of those who worked on it then; none has an account today."""
    return Actor(f"2022-{role.value}-{area}-{name}", f"{name}(示例)", unit, (Grant(role, area),))


class Clock:
    """Tells the services what time it was.

    Args:
        first: The day on which the batch came.
    """

    def __init__(self, first: date) -> None:
        self.now = datetime.combine(first, MORNING, SHANGHAI)

    def __call__(self) -> datetime:
        """The time, UTC."""
        return self.now.astimezone(UTC)


class Year:
    """The plots of a batch, whose steps it brings in order.

    Args:
        services: What they go through, on the clock.
        clock: The clock, which it moves.
        units: County code → name.
        photo: Draws site photos.
    """

    def __init__(
        self, services: Services, clock: Clock, units: Mapping[str, str], photo: Photo
    ) -> None:
        self.services = services
        self._clock = clock
        self._photo = photo
        self.reviewers = {c: somebody(Role.COUNTY, c, "冯专", f"{n}专班") for c, n in units.items()}
        self.heads = {c: somebody(Role.COUNTY, c, "何审", f"{n}河长办") for c, n in units.items()}
        self.leader = somebody(Role.CITY, "5119", "罗市", "巴中市河长办")
        self.checker = somebody(Role.CITY, "5119", "唐核", "巴中市河长办")

    def live(self, plots: Sequence[Plot], truth: Mapping[str, Truth]) -> None:
        """Take every plot through its year, day by day."""
        order = count()
        waiting: list[tuple[datetime, int, Days]] = []
        for plot in plots:
            if plot.review.county is not None:
                life = _Life(self, plot, truth[plot.given.source_id]).year()
                heapq.heappush(waiting, (self._clock.now, next(order), life))
        while waiting:
            at, _, life = heapq.heappop(waiting)
            # A minute a step, so that no two of a day share one.
            self._clock.now = max(self._clock.now + timedelta(minutes=1), at)
            days = next(life, None)
            if days is not None:
                morning = datetime.combine(
                    self._clock.now.date() + timedelta(days), MORNING, SHANGHAI
                )
                heapq.heappush(waiting, (morning, next(order), life))

    @property
    def today(self) -> date:
        """The day it is."""
        return self._clock.now.date()

    def picture(self, plot: Plot, seed: int) -> bytes:
        """A site photo taken now, beside the plot."""
        west, south, east, north = plot.given.bbox
        lon, lat = (west + east) / 2, (south + north) / 2
        text = f"{plot.given.source_id}  {plot.given.fields.get('river_stated') or ''}"
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "photo.jpg"
            self._photo(path, text, lon=lon, lat=lat, taken_at=self._clock.now, seed=seed)
            return path.read_bytes()


class _Life:
    """One plot in its year."""

    def __init__(self, year: Year, plot: Plot, truth: Truth) -> None:
        self._year, self._plot, self._truth = year, plot, truth
        self._chance = random.Random(plot.given.source_id)  # noqa: S311
        self._files = 0
        county = str(plot.review.county)
        self._reviewer, self._head = year.reviewers[county], year.heads[county]

    def year(self) -> Days:
        """From the county's desk to the close-out."""
        yield self._days(2, 55)
        if self._might(REFUSED) and self._year.today < date(2022, 4, 18):
            self._act(self._reviewer, "refuse", code="RF1")
            yield self._days(1, 6)
            self._act(self._year.leader, "deny_refusal", text="经核实位于本县辖区内")
        yield from self._reviewed()
        if self._truth.is_problem:
            yield from self._put_right()
        elif self._might(REOPENED):
            yield self._days(40, 90)
            self._act(self._year.leader, "reopen", code="RO4", text="群众反映现场有新增堆放")
            yield from self._reviewed()

    def _reviewed(self) -> Days:
        """Marked, proved, submitted, checked twice; some are sent back once."""
        yield self._days(1, 20) + (60 if self._might(LATE) else 0)
        self._act(self._reviewer, "mark", **self._mark())
        self._prove()
        yield self._days(0, 4)
        self._act(self._reviewer, "submit")
        yield self._days(0, 5)
        if self._might(RETURNED):
            self._act(self._head, "return", code="RT1", text="照片未反映图斑全貌")
            yield self._days(1, 6)
            self._attach("E_PHOTO")
            self._act(self._reviewer, "submit")
            yield self._days(0, 3)
        self._act(self._head, "approve")
        yield self._days(1, 9)
        if self._might(RETURNED):
            self._act(self._year.checker, "return", code="RT3", text="理由与套合结果不一致,请补充")
            yield self._days(2, 12)
            self._attach("E_PHOTO")
            self._act(self._reviewer, "submit")
            yield self._days(0, 3)
            self._act(self._head, "approve")
            yield self._days(1, 6)
        accepted = "accept_problem" if self._truth.is_problem else "accept_negative"
        self._act(self._year.checker, accepted)

    def _mark(self) -> dict[str, str]:
        body = {
            "type_actual": self._truth.type_actual,
            "note": "合成示例:经现场核查,情况如所附照片。",
        }
        if self._truth.is_problem:
            area = f"{self._plot.facts.area_m2:.0f}" if self._plot.facts else "100"
            return body | {"mark": "confirmed", "violation": self._truth.code, "area_m2": area}
        body |= {"mark": "false_positive", "reason": self._truth.code}
        if self._truth.code in PERMITTED:
            number = self._chance.randint(1, 400)
            body |= {
                "permit_no": f"示例许涉河〔2018〕{number:04d}号",
                "permit_authority": "巴中市水利局(示例)",
                "permit_date": "2018-05-21",
                "permit_valid_to": "2030-12-31",
            }
        return body

    def _put_right(self) -> Days:
        """Planned, reported on, claimed, accepted; now and then not at the first time."""
        yield self._days(4, 15)
        finish = min(self._year.today + timedelta(45), date(2022, 11, 25)).isoformat()
        plan = {"measure": "M2", "unit": "县水利局(示例)", "person": "赵某(示例)", "finish": finish}
        self._act(self._reviewer, "plan", **plan)
        yield self._days(10, 25)
        self._act(self._reviewer, "progress", percent="60", text="堆放物已清运过半")
        yield self._days(10, 40) + (90 if self._might(0.2) else 0)
        for last in (not self._might(0.2), True):
            self._attach("E_PHOTO")
            self._attach("E_PHOTO")
            done = self._year.today.isoformat()
            self._act(self._reviewer, "claim_rectified", date=done, measure="M2")
            yield self._days(1, 6)
            self._act(
                self._head, "accept_rectified", method="site", date=self._year.today.isoformat()
            )
            yield self._days(2, 12)
            if last:
                break
            self._act(self._year.leader, "reject_rectified", code="RT6", text="仍有零星堆放")
            yield self._days(5, 15)
        self._act(self._year.leader, "close", method="site")

    # Steps ---------------------------------------------------------------------------------------

    def _act(self, by: Actor, action: str, **body: str) -> None:
        plot_id = self._plot.given.plot_id
        state = self._state(by)
        command = Command(action, new_id(), state.version, dict(body))
        self._year.services.review.act(by, plot_id, command)

    def _state(self, by: Actor) -> Review:
        return self._year.services.plots.detail(by, self._plot.given.plot_id).plot.review

    def _prove(self) -> None:
        """Attach what the reason asks for."""
        seen = self._year.services.plots.detail(self._reviewer, self._plot.given.plot_id)
        for thing in seen.missing:
            for _ in range(thing.n if thing.item == "evidence" else 0):
                self._attach(thing.any_of[0])

    def _attach(self, kind: str) -> None:
        self._files += 1
        plot, data = self._plot, self._year.picture(self._plot, self._files)
        name = f"现场照片{self._files}.jpg"
        if kind != "E_PHOTO":
            data, name = _scanned(data), f"{kind}.pdf"
        review = self._year.services.review
        review.attach(self._reviewer, plot.given.plot_id, io.BytesIO(data), kind=kind, name=name)

    def _days(self, least: int, most: int) -> int:
        return self._chance.randint(least, most)

    def _might(self, share: float) -> bool:
        return self._chance.random() < share


def _scanned(picture: bytes) -> bytes:
    """A document as offices keep it: a page that was photographed."""
    from PIL import Image

    page = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as photo:
        photo.reduce(4).save(page, "PDF")
    return page.getvalue()
