"""A plot on its way through the procedure, as a store would keep it; and the people on that way."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from georeview.core.access import Actor, Grant, Role
from georeview.core.intake import Intake
from georeview.core.ledger import GENESIS, Draft, Event, Value, keep
from georeview.core.plot import Review
from georeview.core.procedure import Command
from georeview.core.replay import replay
from georeview.core.requirements import Proof
from georeview.core.review import decide

NOW = datetime(2023, 5, 4, 1, 2, 3, tzinfo=UTC)


def person(user: str, role: Role, area: str, unit: str) -> Actor:
    return Actor(user, user, unit, (Grant(role, area),))


CITY = person("li", Role.CITY, "5119", "市河长办")
CITY_TWO = person("liu", Role.CITY, "5119", "市河长办")
CITY_THREE = person("lin", Role.CITY, "5119", "市河长办")
COUNTY = person("wang", Role.COUNTY, "511923", "平昌县专班")
COUNTY_TWO = person("zhao", Role.COUNTY, "511923", "平昌县专班")
NEIGHBOUR = person("he", Role.COUNTY, "511922", "南江县专班")
TOWN = person("chen", Role.TOWNSHIP, "511923001", "同州街道")
GIS = person("gu", Role.GIS, "5119", "信息中心")
PROVINCE = person("sheng", Role.PROVINCE, "51", "省河长办")
ISSUER = person("bu", Role.ISSUER, "51", "水利部")
AUDITOR = person("shen", Role.AUDITOR, "5119", "审计局")
SYSTEM = person("xt", Role.SYSTEM, "5119", "四乱系统")
EVERYBODY = (
    CITY, CITY_TWO, CITY_THREE, COUNTY, COUNTY_TWO, NEIGHBOUR, TOWN, GIS, PROVINCE, ISSUER,
    AUDITOR, SYSTEM,
)  # fmt: skip

FULL = Proof(
    evidence={
        "E_PHOTO": 4, "E_FLOOD": 1, "E_HISTORY": 1, "E_DOC": 1, "E_BOUND": 1, "E_STATE": 1,
    },
    facts=True,
    image_pair=True,
    band="out",
    suggestion="FP31",
    county="511923",
    photos=("2023-05-01", "2024-06-01", "2024-06-01"),
    dues={"review": "2023-06-30", "rectify": "2023-11-30"},
    hard=True,
)  # fmt: skip


class Walk:
    """A plot's events as a store would keep them, and a clock that moves when told.

    Args:
        county: Where it is dispatched at the start.
    """

    def __init__(self, county: str | None = "511923") -> None:
        self.events: list[Event] = []
        self.now = NOW
        body: dict[str, Value] = {"batch": "b", "source_id": "x"}
        intake = Intake(GIS, Role.GIS, area="5119", now=NOW)
        for n, step in enumerate(intake.steps(county), 1):
            own = {"body": body} if n == 1 else {}
            self.keep(replace(step.draft, event_id=f"e{n}", plot_id="p1", **own))

    @property
    def state(self) -> Review:
        return replay("p1", self.events)

    @property
    def today(self) -> date:
        return self.now.date()

    def keep(self, draft: Draft) -> None:
        prev = self.events[-1].hash if self.events else GENESIS
        version = self.state.version + (0 if draft.base is None else 1)
        self.events.append(keep(draft, seq=len(self.events) + 1, version=version, prev_hash=prev))

    def wait(self, days: int) -> "Walk":
        self.now += timedelta(days=days)
        return self

    def act(
        self, actor: Actor, action: str, *, proof: Proof = FULL, bulk: bool = False, **body: object
    ) -> Review:
        name = f"e{len(self.events) + 1}"
        command = Command(action, name, self.state.version, body, bulk=bulk)
        self.keep(decide(self.state, command, actor, proof, self.now))
        return self.state

    # Ways that many tests go ---------------------------------------------------------------------

    def submitted(self, mark: str = "confirmed", **body: object) -> "Walk":
        if mark != "false_positive":
            body = {"violation": "PR32", "area_m2": "120", "note": "堆放弃渣", **body}
        else:
            body = {"reason": "FP31", **body}
        self.act(COUNTY, "mark", mark=mark, **body)
        self.act(COUNTY, "submit")
        return self

    def approved(self, mark: str = "confirmed", **body: object) -> "Walk":
        self.submitted(mark, **body).act(COUNTY_TWO, "approve")
        return self

    def confirmed(self) -> "Walk":
        self.approved().act(CITY, "accept_problem")
        return self

    def claimed(self, day: str = "2023-05-04") -> "Walk":
        self.confirmed().act(COUNTY, "claim_rectified", date=day, measure="M2")
        return self

    def accepted(self) -> "Walk":
        self.claimed().act(COUNTY_TWO, "accept_rectified", method="site")
        return self

    def closed(self) -> "Walk":
        self.approved("false_positive").act(CITY, "accept_negative")
        return self

    def watched(self) -> "Walk":
        self.approved().act(CITY, "accept_watch", document_no="巴河办〔2023〕7号")
        return self


def lacking(**changes: object) -> Proof:
    """Full proof but for some of it."""
    return replace(FULL, **changes)  # type: ignore[arg-type]
