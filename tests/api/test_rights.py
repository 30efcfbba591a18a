"""Every route × every role: deny by default, and nothing outside one's area exists."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.routing import APIRoute

from api import pages, routes
from api.deps import Needs
from georeview.core.access import GRANTS, Action, Role
from tests.api.conftest import BATCH, PEOPLE, World, finished
from tests.api.test_evidence import attach, photo
from tests.tiles.decoder import decode

PUBLIC = {
    "/api/v1/session",
    "/api/v1/session/password",
    "/api/v1/me",
    "/",
    "/sign-in",
    "/password",
    "/licences",
    "/docs",
    "/assets/palette.css",
    "/assets/leaflet/{version}/{name:path}",
    "/healthz",
    "/readyz",
    "/version",
    "/ui/texts/{lang}.json",
    "/ui/codebook.json",
    "/ui/demo-session",
}
"""Addresses that show nothing of a plot or a person but oneself."""


@dataclass(frozen=True)
class Door:
    """One method of one address, and the rights it names."""

    method: str
    path: str
    rights: frozenset[Action]

    @property
    def address(self) -> str:
        path = self.path
        real = {"plot_id": "p0", "z": "12", "x": "1", "y": "1", "fmt": "webp", "action": "submit"}
        for name, value in real.items():
            path = path.replace("{" + name + "}", value)
        return re.sub(r"\{[^}]+\}", "nothing", path)


def doors() -> list[Door]:
    """Every door of every router the application includes."""
    all_of = (routes.SIGN_IN, routes.STEPS, *routes.API, *routes.ROOT, pages.router)
    return [
        Door(method, route.path, _rights(route))
        for router in all_of
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods
    ]


def _rights(route: APIRoute) -> frozenset[Action]:
    calls = (dependency.call for dependency in route.dependant.dependencies)
    return frozenset(call.action for call in calls if isinstance(call, Needs))


def told(answer: Any) -> dict[str, object]:
    """What a refusal says, but for the number of its request."""
    return {name: value for name, value in answer.json().items() if name != "request_id"}


DOORS = doors()
GUARDED = [door for door in DOORS if door.rights]


def test_every_route_is_public_by_name_or_names_its_right(world: World) -> None:
    assert {door.path for door in DOORS if not door.rights} == PUBLIC
    documented = {
        (method.upper(), path)
        for path, methods in world.app.openapi()["paths"].items()
        for method in methods
    }
    # Each step of the procedure is told of by itself, and one route takes them all.
    told_of = {(m, re.sub(r"(?<=/actions/)\w+$", "{action}", path)) for m, path in documented}
    assert told_of <= {(door.method, door.path.replace(":path}", "}")) for door in DOORS}


def test_every_role_gets_past_the_door_only_where_the_table_lets_it(world: World) -> None:
    for user, (role, _, _) in PEOPLE.items():
        browser = world.browser(user)
        for door in GUARDED:
            answer = browser.request(door.method, door.address)
            refused = answer.status_code == 403 and answer.json()["code"] == "forbidden"
            unseen = role is Role.PROVINCE and "/plots/{plot_id}/" in door.path
            if not door.rights <= GRANTS[role]:
                status = answer.status_code
                assert refused or (unseen and status == 404), (user, door, status)
            elif "/plots/{plot_id}/" not in door.path:
                assert not refused, (user, door)


def test_nobody_gets_past_the_door_unknown(world: World) -> None:
    browser = world.browser()
    for door in GUARDED:
        answer = browser.request(door.method, door.address)
        assert answer.status_code == 401, door


@pytest.mark.parametrize(
    ("user", "seen"),
    [
        ("city", {"p0", "p1", "p2", "p3", "p4", "p5"}),
        ("gis", {"p0", "p1", "p2", "p3", "p4", "p5"}),
        ("auditor", {"p0", "p1", "p2", "p3", "p4", "p5"}),
        ("issuer", {"p0", "p1", "p2", "p3", "p4", "p5"}),
        ("system", {"p0", "p1", "p2", "p3", "p4", "p5"}),
        ("province", set()),
        ("county", {"p0", "p1", "p2"}),
        ("other", {"p3", "p4"}),
        ("township", set()),
    ],
)
def test_what_lies_outside_ones_area_does_not_exist(
    world: World, user: str, seen: set[str]
) -> None:
    browser = world.browser(user)
    page = browser.get("/api/v1/plots").json()
    assert {item["plot_id"] for item in page["items"]} == seen
    assert page["matched"] == len(seen)
    rows = browser.get("/ui/rows", params={"batch": "2023 批次"}).json()
    assert set(rows["plot_id"]) == seen
    state = browser.get("/ui/state.bin", params={"batch": "2023 批次"})
    assert len(state.content) == len(seen)
    for number in range(6):
        plot_id = world.plot(number)
        status = 200 if plot_id in seen else 404
        for tail in ("", "/history", "/facts"):
            assert browser.get(f"/api/v1/plots/{plot_id}{tail}").status_code == status
        assert browser.get(f"/ui/panel/{plot_id}").status_code == status


def test_a_stranger_learns_as_little_of_a_real_plot_as_of_none(world: World) -> None:
    browser = world.browser("other")
    there = browser.post("/api/v1/plots/p0/marks", json={"mark": "confirmed"})
    nowhere = browser.post("/api/v1/plots/zzz/marks", json={"mark": "confirmed"})
    assert there.status_code == nowhere.status_code == 404
    assert told(there) == told(nowhere)


def test_every_role_of_the_table_is_tried() -> None:
    assert {role for role, _, _ in PEOPLE.values()} == set(Role)


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "/api/v1/plots/{}"),
        ("GET", "/api/v1/plots/{}/history"),
        ("GET", "/api/v1/plots/{}/facts"),
        ("POST", "/api/v1/plots/{}/marks"),
        ("POST", "/api/v1/plots/{}/actions/submit"),
        ("POST", "/api/v1/plots/{}/evidence"),
        ("GET", "/ui/panel/{}"),
        ("GET", "/ui/chips/{}/after.webp"),
    ],
)
def test_another_countys_plot_answers_on_every_address_as_one_that_is_not_there(
    world: World, method: str, address: str
) -> None:
    for user in ("other", "township"):
        browser = world.browser(user)
        there, nowhere = (
            browser.request(method, address.format(plot_id), headers={"If-Match": '"2"'})
            for plot_id in ("p0", "zzz")
        )
        assert there.status_code == nowhere.status_code == 404
        assert told(there) == told(nowhere)


def test_another_countys_evidence_answers_as_none(world: World) -> None:
    kept = attach(world.browser("county"), photo()).json()
    browser = world.browser("other")
    for query in ("", "?size=thumb"):
        there = browser.get(f"/api/v1/evidence/{kept['id']}{query}")
        nowhere = browser.get(f"/api/v1/evidence/none{query}")
        assert there.status_code == 404
        assert told(there) == told(nowhere)


def test_a_tile_holds_the_viewers_plots_only(world: World) -> None:
    size = {}
    for user in ("city", "county", "other", "township"):
        tile = world.browser(user).get("/tiles/plots/8/204/104.mvt", params={"batch": BATCH})
        features = decode(tile.content).get("plots", [])
        size[user] = sum(feature.properties.get("n", 1) for feature in features)
    assert size == {"city": 6, "county": 3, "other": 2, "township": 0}


def test_no_list_and_no_filter_tells_of_what_lies_outside(world: World) -> None:
    browser = world.browser("other")
    for query in ({"county": "511923"}, {"q": "000"}, {"bbox": "107.09,31,107.105,32"}):
        page = browser.get("/api/v1/plots", params=query).json()
        assert (page["items"], page["matched"]) == ([], 0)
    (batch,) = browser.get("/api/v1/batches").json()["items"]
    assert (batch["total"], batch["counts"]) == (2, {"pending": 2})


def test_an_export_holds_the_askers_plots_and_is_the_askers_alone(world: World) -> None:
    other, county = world.browser("other"), world.browser("county")
    asked = other.post("/api/v1/exports", json={"batch": BATCH, "format": "csv"}).json()
    assert county.get(f"/api/v1/exports/{asked['id']}").status_code == 404
    assert county.get(f"/api/v1/exports/{asked['id']}/file").status_code == 404
    done = finished(other, asked["id"])
    assert done["state"] == "done", done
    assert done["losses"]["rows"] == 2
