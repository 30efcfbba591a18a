"""The whole job over HTTP: layers and plots in, marks and photos on, results out."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from pyogrio.raw import read
from starlette.testclient import TestClient

from api.main import create_app
from georeview.core.access import Grant, Role
from georeview.core.ledger import GENESIS
from georeview.ingest import ReadOptions
from georeview.services import Services
from georeview.services.people import owner
from georeview.storage.ports.people import Person
from sample_data.make import DATA
from tests.api.conftest import PASSWORD, TestClock, finished
from tests.places import Place
from tests.services.pictures import a_photo

BATCH = "2023年第一批"
MANIFEST = json.loads((DATA / "manifest.json").read_text(encoding="utf-8"))
PEOPLE = (
    ("gis", Role.GIS, "5119", "市水利信息中心"),
    ("wang", Role.COUNTY, "511923", "平昌县专班"),
    ("he", Role.COUNTY, "511922", "南江县专班"),
)

Browsers = Callable[[str], TestClient]


@pytest.fixture
def job(place: Place) -> Iterator[tuple[Services, Browsers]]:
    """An empty home with three people, each with a browser."""
    app = create_app(replace(place.settings, hosts="testserver"), TestClock())
    services: Services = app.state.services
    quick = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
    for user, role, area, unit in PEOPLE:
        services.store.people.put(Person(user, user, unit, quick, False, (Grant(role, area),)))

    def browser(user: str) -> TestClient:
        client = TestClient(app)
        sent = {"username": user, "password": PASSWORD}
        assert client.post("/api/v1/session", json=sent).status_code == 204
        return client

    yield services, browser
    services.close()


def publish(gis: TestClient) -> None:
    """The sample's boundary layers, over HTTP."""
    for layer in MANIFEST["layers"]:
        if layer["kind"] in {"county", "town", "mgmt_area", "river"}:
            answer = gis.post(
                "/api/v1/layers",
                files={"file": (layer["file"], (DATA / layer["file"]).read_bytes())},
                data={name: layer[name] for name in ("kind", "name", "version", "valid_from")},
            )
            assert answer.status_code == 201, answer.text


def load(services: Services) -> None:
    """The sample's plots, as whoever runs the machine loads them; then the overlay."""
    report = services.imports.load(
        owner("5119"),
        [DATA / file for file in MANIFEST["batch"]["plots"]],
        batch=BATCH,
        area="5119",
        options=ReadOptions(),
        review_due=date(2023, 6, 30),
        rectify_due=date(2023, 11, 30),
    )
    assert sum(part.stored for part in report.files) == 1299
    services.overlay.run(BATCH)


def step(browser: TestClient, plot: dict[str, Any], tail: str, body: dict[str, Any]) -> Any:
    """One change, based on the plot as it was last seen; the plot as it is now."""
    answer = browser.post(
        f"/api/v1/plots/{plot['plot_id']}/{tail}",
        json=body,
        headers={"If-Match": f'"{plot["version"]}"'},
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["plot"]


def queue(browser: TestClient, band: str) -> list[dict[str, Any]]:
    page = browser.get("/api/v1/plots", params={"sort": "risk", "limit": 1000}).json()
    assert page["matched"] == len(page["items"])
    return [item for item in page["items"] if item["band"] == band and item["area_m2"]]


def deny(county: TestClient) -> dict[str, Any]:
    """A plot clear of the line: outside, proven by the facts alone."""
    plot = step(
        county, queue(county, "out")[0], "marks", {"mark": "false_positive", "reason": "FP31"}
    )
    assert plot["missing"] == []
    return step(county, plot, "actions/submit", {})


def confirm(county: TestClient) -> dict[str, Any]:
    """A plot inside the line: a dump, with two photos."""
    sent = {"mark": "confirmed", "violation": "PR32", "note": "弃渣约 300 方𠮷", "area_m2": "412.5"}
    plot = step(county, queue(county, "in")[0], "marks", sent)
    assert plot["missing"] == [{"item": "evidence", "any_of": ["E_PHOTO"], "n": 2}]
    for colour in ((90, 120, 80), (120, 90, 80)):
        kept = county.post(
            f"/api/v1/plots/{plot['plot_id']}/evidence",
            files={"file": ("现场.jpg", a_photo(colour))},
            data={"kind": "E_PHOTO"},
        )
        assert kept.status_code == 201
        assert kept.json()["taken_at"] == "2023-05-17T10:21:33+08:00"
        assert kept.json()["position"] == pytest.approx([107.1002, 31.56], abs=1e-6)
        original = county.get(f"/api/v1/evidence/{kept.json()['id']}")
        assert original.content == a_photo(colour)
    return step(county, plot, "actions/submit", {})


@pytest.mark.slow
def test_from_files_to_the_exported_shapefile(
    job: tuple[Services, Browsers], tmp_path: Path
) -> None:
    services, browser = job
    publish(browser("gis"))
    load(services)
    county = browser("wang")
    denied, confirmed = deny(county), confirm(county)
    assert {denied["stage"], confirmed["stage"]} == {"county_check"}

    stranger = browser("he")
    assert stranger.get(f"/api/v1/plots/{confirmed['plot_id']}").status_code == 404

    history = county.get(f"/api/v1/plots/{confirmed['plot_id']}/history").json()["items"]
    actions = [event["action"] for event in history]
    assert actions == ["import", "dispatch", "mark", "attach", "attach", "submit"]
    assert len({event["hash"] for event in history} - {GENESIS}) == 6

    asked = {"batch": BATCH, "format": "shp", "mark": ["confirmed", "false_positive"]}
    export = county.post("/api/v1/exports", json=asked)
    assert export.status_code == 202
    done = finished(county, export.json()["id"])
    assert (done["state"], done["losses"]["rows"]) == ("done", 2)
    results = tmp_path / "results.zip"
    results.write_bytes(county.get(done["url"]).content)
    assert exported(results) == {
        denied["source_id"]: ("false_positive", "FP31"),
        confirmed["source_id"]: ("confirmed", "PR32"),
    }
    assert list(services.upkeep.verify()) == []


def exported(results: Path) -> dict[str, tuple[str, str]]:
    """Number → mark and reason, as another program reads the shapefile."""
    meta, _, shapes, columns = read(f"/vsizip/{results}")
    table = dict(zip((str(name) for name in meta["fields"]), columns, strict=True))
    assert all(shape is not None for shape in shapes)
    number, mark, reason = (
        next(values for name, values in table.items() if name.upper() in names)
        for names in ({"SRC_ID"}, {"MARK"}, {"REASON"})
    )
    return {str(n): (str(m), str(r)) for n, m, r in zip(number, mark, reason, strict=True)}
