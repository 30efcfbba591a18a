"""Real things in one line each, for every test: people, plots, a store with a batch in it."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from shapely import Polygon, box, to_wkb

from georeview.core.access import EVERYTHING, Actor, Grant, Role
from georeview.core.intake import Intake
from georeview.core.procedure import Command
from georeview.core.requirements import Proof
from georeview.core.review import decide
from georeview.services.updates import bodies
from georeview.storage.ports.deliveries import Entries
from georeview.storage.ports.ledger import Kept, Pending
from georeview.storage.ports.people import Person
from georeview.storage.ports.plots import Batch, Facts, Import, NewPlot
from georeview.storage.ports.store import Store
from georeview.storage.records import FACTS, columns_of, facts_values

NOW = datetime(2023, 4, 10, 2, 0, tzinfo=UTC)
CITY = "5119"
COUNTIES = ("511902", "511903", "511921", "511922", "511923")
TOWNS = tuple(f"{county}{n:03d}" for county in COUNTIES for n in (100, 101, 200))


def an_actor(
    role: Role | str = Role.COUNTY, area: str = "511921", user: str | None = None
) -> Actor:
    """Somebody with one role in one area."""
    role = Role(role)
    name = user or f"{role.value}-{area}"
    return Actor(name, name, f"unit-{area}", (Grant(role, area),))


def an_account(store: Store, actor: Actor) -> Actor:
    """The same somebody with an account, as whoever asks for long work has."""
    store.people.put(Person(actor.user, actor.name, actor.unit, None, False, actor.grants))
    return actor


def a_batch_of(name: str = "2023-1", area: str = CITY) -> Batch:
    """A batch with the dates of 2023."""
    return Batch(name, area, "2023-06-30", "2023-11-30", hard=True, created_at=NOW.isoformat())


def a_shape(seed: int) -> Polygon:
    """A small box somewhere in the city."""
    rng = random.Random(seed)
    west, south = 106.5 + rng.random(), 31.5 + rng.random()
    return box(west, south, west + 0.0005, south + 0.0004)


def a_plot(n: int, *, batch: str = "2023-1", seed: int = 0) -> NewPlot:
    """A plot as it is taken in."""
    shape = a_shape(seed * 1_000_003 + n)
    return NewPlot(
        plot_id=f"{batch}-{seed}-{n:07d}",
        batch=batch,
        source_id=f"BZ{seed:02d}{n:06d}",
        row=n + 1,
        wkb=to_wkb(shape),
        source_wkb=to_wkb(shape),
        source_crs="EPSG:4490",
        fields={"source_id": f"BZ{seed:02d}{n:06d}", "type_issued": "疑似采砂"},
        extra={"BZ": "原样保留"},
        flags=[],
        bbox=shape.bounds,
    )


def entries(
    plots: Sequence[NewPlot],
    *,
    county: str | Sequence[str | None] | None = None,
    facts: Sequence[Facts] | None = None,
    actor: Actor | None = None,
    now: datetime = NOW,
) -> list[Entries]:
    """Plots on their way in; without a county, one for all or one each, they stay with the city."""
    counties = [county] * len(plots) if county is None or isinstance(county, str) else county
    intake = Intake(actor or an_actor(Role.CITY, CITY), Role.CITY, area=CITY, now=now)
    steps = [intake.steps(county) for county in counties]
    ids = [
        f"{'id'[n]}-{plot.plot_id}"
        for plot, own in zip(plots, steps, strict=True)
        for n in range(len(own))
    ]
    columns = None
    if facts is not None:
        columns = dict(zip(FACTS, zip(*map(facts_values, facts), strict=True), strict=True))
    own = columns_of(plots)
    return [Entries(own, steps, bodies(own, "0" * 64), ids, columns)]


def an_import(batch: str = "2023-1", n: int = 0) -> Import:
    """A file taken in."""
    at = NOW.isoformat()
    return Import(f"import-{batch}-{n}", batch, f"plots-{n}.shp", "0" * 64, "{}", "system", at)


def a_batch(
    store: Store, n: int = 20, seed: int = 0, *, name: str = "2023-1", dispatched: bool = True
) -> list[NewPlot]:
    """A batch of plots in the store, spread over the counties in turn."""
    plots = [a_plot(i, batch=name, seed=seed) for i in range(n)]
    counties = [COUNTIES[i % 5] if dispatched else None for i in range(n)]
    store.deliveries.add(a_batch_of(name), an_import(name, seed), entries(plots, county=counties))
    return plots


def some_facts(plot: NewPlot, seed: int = 0) -> Facts:
    """Facts of a plot, the same for the same seed."""
    rng = random.Random(f"{plot.plot_id}{seed}")
    county = rng.choice(COUNTIES)
    west, south, east, north = plot.bbox
    band = rng.choice(["in", "critical", "out", "unknown"])
    suggestion = rng.choice([None, "FP31", "FP21", "PR42"])
    return Facts(
        plot_id=plot.plot_id,
        computed_at=(NOW + timedelta(seconds=seed)).isoformat(),
        layers=f"mgmt_area=v{seed}",
        area_m2=round(rng.uniform(50, 5000), 1),
        in_m2=10.5,
        in_share=0.5,
        water_share=None,
        edge_m=-3.25,
        band=band,
        river=rng.choice(["巴河", "通江", "恩阳河"]),
        river_code=None,
        river_m=12.0,
        bank="left",
        chainage_m=None,
        county=county,
        county_name="南江县",
        county_share=1.0,
        multi_county=False,
        township=county + "100",
        township_name="长赤镇",
        lon=(west + east) / 2,
        lat=(south + north) / 2,
        suggestion=suggestion,
        detail={"hints": [], "area_m2": 1.5},
    )


def a_mark(
    store: Store,
    plot_id: str,
    actor: Actor,
    mark: str = "false_positive",
    *,
    at: datetime = NOW,
    event_id: str = "e",
    **body: object,
) -> Pending:
    """A judged mark on the plot as it stands, ready to be kept."""
    state = store.ledger.review(EVERYTHING, plot_id)
    command = Command("mark", event_id, state.version, {"mark": mark, **body})
    return Pending(decide(state, command, actor, Proof(), at))


def kept(result: object) -> Kept:
    """The result, which must be a kept event."""
    assert isinstance(result, Kept), result
    return result


def with_base(pending: Pending, base: int) -> Pending:
    """The same event based on another version."""
    return replace(pending, draft=replace(pending.draft, base=base))
