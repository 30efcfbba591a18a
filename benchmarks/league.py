"""The league table as of any day: 50,000 plots with five events each, against pandas.

The peer is what one writes first: all events in a data frame, the last state of each plot by
``groupby``, means by county; without stopped clocks, working days or the plots behind a figure. It
reads all events for every day that is asked for. The goal is for a million plots with five million
events: ``python -m benchmarks league --plots 1000000 --runs 3``.
"""

import json
import random
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

from benchmarks.filling import AREA, COUNTIES
from benchmarks.harness import AnswersDiffer, Result, pair
from georeview.core.access import Actor, Grant, Role
from georeview.core.figures import Rate
from georeview.core.ledger import GENESIS, Draft, keep
from georeview.services import Services, open_services
from georeview.settings import Settings
from georeview.storage.engine import Connection
from georeview.storage.records import EVENT, event_values

PLOTS = 50_000
BATCH = "league"
BEGIN = datetime(2023, 4, 11, 0, tzinfo=UTC)
DAYS = (date(2023, 5, 15), date(2023, 6, 30), date(2023, 8, 31), date(2023, 12, 15))
WITHIN_S = 2.0
"""The goal for a table as of one day, whatever the number of plots."""

CITY = Actor("city", "city", "unit", (Grant(Role.CITY, AREA),))


def events(n: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Five events a plot, in the order of time: dispatched, marked, submitted, approved, accepted."""
    rng = random.Random(7)
    told: list[tuple[float, str, int, dict[str, Any]]] = []
    for number in range(1, n + 1):
        plot, county = f"p{number:09d}", COUNTIES[number % 5]
        problem = number % 40 == 0
        at = rng.random()
        steps: list[tuple[str, dict[str, Any]]] = [
            ("dispatch", {"stage": "at_county", "county": county, "area": county}),
            (
                "mark",
                {"stage": "in_review", "determination": "problem" if problem else "not_problem"},
            ),
            ("submit", {"stage": "county_check"}),
            ("approve", {"stage": "city_check"}),
            ("accept", {"stage": "rectify_plan" if problem else "closed"}),
        ]
        for version, (action, changes) in enumerate(steps, 1):
            told.append((at, plot, version, {"action": action, **changes}))
            at += rng.expovariate(1 / 18)
    told.sort()
    for at, plot, version, changes in told:
        moment = BEGIN + timedelta(days=min(at, 250))
        yield plot, changes | {"version": version, "at": moment}


def fill(services: Services, n: int) -> None:
    """Plots and their events, straight into the tables: how they come in is another race."""

    def work(connection: Connection) -> None:
        batch = (BATCH, AREA, "2023-06-30", "2023-11-30", 1, "2023-04-10T00:00:00+00:00")
        columns = ("name", "area", "review_due", "rectify_due", "hard", "created_at")
        connection.bulk("batch", columns, [batch])
        connection.execute("DROP TRIGGER event_in_order")
        connection.bulk(
            "plot",
            ("fid", "plot_id", "batch", "source_id", "row_no", "wkb", "source_wkb", "source_crs",
             "fields", "extra", "flags", "west", "south", "east", "north"),
            ((f, f"p{f:09d}", BATCH, f"BZ{f:09d}", f, b"0", b"0", "EPSG:4490", "{}", "{}", "[]",
              107.0, 31.0, 107.0, 31.0) for f in range(1, n + 1)),
        )  # fmt: skip
        last = SimpleNamespace(seq=0, hash=GENESIS)

        def rows() -> Iterator[tuple[Any, ...]]:
            for plot, told in events(n):
                changes = {k: v for k, v in told.items() if k not in ("version", "at", "action")}
                at = told["at"].isoformat(timespec="milliseconds")
                draft = Draft(
                    f"e{last.seq}", plot, None, told["action"], "li", "unit", "county", at, at,
                    {}, {"stage": None}, changes,
                )  # fmt: skip
                event = keep(draft, seq=last.seq + 1, version=told["version"], prev_hash=last.hash)
                last.seq, last.hash = event.seq, event.hash
                yield event_values(event)

        connection.bulk("event", EVENT, rows())
        connection.execute(
            "UPDATE head SET seq = :seq, hash = :hash", {"seq": last.seq, "hash": last.hash}
        )

    services.store.engine.write(work)


def race(runs: int, plots: int = PLOTS) -> Result:
    """A table as of several days, ours and the data frame's."""
    import pandas

    with TemporaryDirectory() as folder:
        now = datetime(2023, 12, 20, tzinfo=UTC)
        services = open_services(Settings(home=Path(folder)), lambda: now)
        fill(services, plots)
        database = services.settings.database
        started = time.perf_counter()
        services.figures.count()
        counting = time.perf_counter() - started

        def ours(day: date) -> dict[str | None, tuple[int, int]]:
            found = {
                r.unit: r.figures["review_rate"]
                for r in services.figures.table(CITY, BATCH, day).rows
            }
            return {
                unit: (rate.num, rate.den) for unit, rate in found.items() if isinstance(rate, Rate)
            }

        def peer(day: date) -> dict[str | None, tuple[int, int]]:
            from pysqlite3 import dbapi2

            end = datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC) - timedelta(
                hours=8
            )
            with dbapi2.connect(str(database)) as connection:
                frame = pandas.read_sql_query(
                    "SELECT plot_id, seq, after FROM event WHERE recorded_at < ?",
                    connection, params=[end.isoformat(timespec="milliseconds")],
                )  # fmt: skip
            told = pandas.json_normalize(frame["after"].map(json.loads).tolist())
            frame["stage"], frame["county"] = told["stage"], told.get("county")
            last = frame.sort_values("seq").groupby("plot_id").last()
            verified = last["stage"].isin(["closed", "rectify_plan"])
            table = verified.groupby(last["county"]).agg(["sum", "count"])
            return {
                str(unit): (int(row["sum"]), int(row["count"])) for unit, row in table.iterrows()
            }

        for day in DAYS:
            if ours(day) != peer(day):
                raise AnswersDiffer(f"{day}: {ours(day)} != {peer(day)}")

        def cost(call: Any) -> Any:
            def each() -> float:
                begun = time.perf_counter()
                for day in DAYS:
                    call(day)
                return (time.perf_counter() - begun) / len(DAYS)

            return each

        us, peers, ratio = pair(cost(ours), {"pandas": cost(peer)}, runs)
        services.close()
    rate = 5 * plots / counting
    return Result(
        us,
        peers,
        ratio,
        unit="s for a table as of one day",
        checked=f"reviewed and dispatched plots of five counties on {len(DAYS)} days",
        goals={"pandas": 10.0},
        notes=(
            f"{plots} plots, {5 * plots} events; goal {WITHIN_S} s",
            f"counting all events once: {counting:.1f} s, {rate:.0f} events/s",
        ),
    )
