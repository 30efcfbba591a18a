"""A small world behind the real application: one batch, six plots, one person per role."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.main import create_app
from georeview.core.access import Grant, Role
from georeview.jobs.worker import Worker
from georeview.services import Services
from georeview.services.people import owner
from georeview.settings import Settings
from georeview.storage.ports.people import Person
from georeview.storage.ports.plots import Batch, Facts, Import, NewPlot
from tests.builders import entries
from tests.places import Place

BATCH = "2023 批次"
PASSWORD = "correct horse battery"
HASH = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
PEOPLE = {
    "city": (Role.CITY, "5119", "市河长办"),
    "county": (Role.COUNTY, "511923", "平昌县专班"),
    "other": (Role.COUNTY, "511922", "南江县专班"),
    "township": (Role.TOWNSHIP, "511923001", "同州街道"),
    "issuer": (Role.ISSUER, "51", "水利部"),
    "province": (Role.PROVINCE, "51", "省河长办"),
    "system": (Role.SYSTEM, "5119", "四乱系统"),
    "gis": (Role.GIS, "5119", "信息中心"),
    "auditor": (Role.AUDITOR, "5119", "审计局"),
    "admin": (Role.ADMIN, "5119", "信息中心"),
}
COUNTIES = ("511923", "511923", "511923", "511922", "511922", None)


@dataclass
class TestClock:
    """A clock that stands still until it is told to move."""

    __test__ = False
    now: datetime = field(default_factory=lambda: datetime(2023, 5, 4, 1, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@dataclass
class World:
    """The application with its services, and a browser for each person."""

    app: FastAPI
    services: Services
    clock: TestClock
    browser: Callable[..., TestClient]

    def again(self, settings: Settings) -> "World":
        """The same home behind another application, with other settings."""
        return _world(create_app(settings, self.clock), self.clock)

    def plot(self, number: int) -> str:
        """Id of the n-th plot."""
        return f"p{number}"


def _square(lon: float, lat: float, side: float = 0.0004) -> bytes:
    from shapely import box, to_wkb

    return to_wkb(box(lon, lat, lon + side, lat + side))


def fill(services: Services) -> None:
    """Six plots in a row: three of 平昌, two of 南江, one of no county; and the people."""
    now = services.clock()
    plots, facts = [], []
    for number, county in enumerate(COUNTIES):
        lon, lat, plot_id = 107.10 + number * 0.01, 31.56, f"p{number}"
        plot = NewPlot(
            plot_id=plot_id,
            batch=BATCH,
            source_id=f"00{number}",
            row=number + 1,
            wkb=_square(lon, lat),
            source_wkb=_square(lon, lat),
            source_crs="EPSG:4490",
            fields={"type_issued": "桥梁"},
            extra={"XZ": "<b>镇</b>"},
            flags=[],
            bbox=(lon, lat, lon + 0.0004, lat + 0.0004),
        )
        plots.append(plot)
        facts.append(_facts(plot_id, county, lon, lat, now))
    batch = Batch(BATCH, "5119", "2023-06-30", "2023-11-30", True, now.isoformat())
    source = Import("i1", BATCH, "plots.zip", "0" * 64, "{}", "system", now.isoformat())
    services.store.deliveries.add(
        batch, source, entries(plots, county=COUNTIES, actor=owner("5119"), now=now)
    )
    services.store.facts.put(facts)
    for user, (role, area, unit) in PEOPLE.items():
        grants = (Grant(role, area),)
        services.store.people.put(Person(user, f"{user} 某", unit, HASH, False, grants))


def _facts(plot_id: str, county: str | None, lon: float, lat: float, now: datetime) -> Facts:
    return Facts(
        plot_id=plot_id,
        computed_at=now.isoformat(),
        layers="mgmt_area=v1",
        area_m2=1683.5,
        in_m2=0.0,
        in_share=0.0,
        water_share=None,
        edge_m=46.0,
        band="out",
        river="巴河",
        river_code="SYN-R02",
        river_m=80.0,
        bank="L",
        chainage_m=1234.0,
        county=county,
        county_name=county,
        county_share=1.0,
        multi_county=False,
        township=None,
        township_name=None,
        lon=lon + 0.0002,
        lat=lat + 0.0002,
        suggestion="FP31",
        detail={"overlay": {"mgmt_area": {"in_share": 0.0, "edge_m": 46.0, "band": "out"}}},
    )


def _world(app: FastAPI, clock: TestClock) -> World:
    def browser(user: str | None = None, **headers: str) -> TestClient:
        client = TestClient(app, headers=headers, raise_server_exceptions=False)
        if user is not None:
            sent = {"username": user, "password": PASSWORD}
            assert client.post("/api/v1/session", json=sent).status_code == 204
        return client

    return World(app, app.state.services, clock, browser)


def work_off(browser: TestClient) -> None:
    """Do what is queued, as a worker does."""
    app: Any = browser.app
    Worker(app.state.services).run(Event(), until_idle=True)


def finished(browser: TestClient, export_id: str) -> dict[str, Any]:
    """An export after a worker has had it."""
    work_off(browser)
    export: dict[str, Any] = browser.get(f"/api/v1/exports/{export_id}").json()
    return export


@pytest.fixture
def world(place: Place) -> Iterator[World]:
    clock = TestClock()
    app = create_app(replace(place.settings, hosts="testserver"), clock)
    services: Services = app.state.services
    fill(services)
    yield _world(app, clock)
    services.close()
