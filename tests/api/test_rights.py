"""Every route × every role: deny by default, and nothing outside one's area exists."""

import re

import pytest
from fastapi.routing import APIRoute

from api.deps import Needs
from georeview.core.access import GRANTS, Action, Role
from tests.api.conftest import PEOPLE, World

PUBLIC = {
    "/api/v1/session",
    "/api/v1/me",
    "/",
    "/sign-in",
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


def routes(world: World) -> list[APIRoute]:
    found, todo = [], list(world.app.routes)
    while todo:
        route = todo.pop()
        if isinstance(route, APIRoute):
            found.append(route)
        todo += getattr(getattr(route, "original_router", None), "routes", [])
    return found


def rights(route: APIRoute) -> set[Action]:
    calls = (dependency.call for dependency in route.dependant.dependencies)
    return {call.action for call in calls if isinstance(call, Needs)}


def test_every_route_is_public_by_name_or_names_its_right(world: World) -> None:
    found = routes(world)
    assert len(found) > 25
    open_ones = {route.path_format for route in found if not rights(route)}
    assert {re.sub(r":path", "", path) for path in open_ones} <= {
        re.sub(r":path", "", path) for path in PUBLIC
    }


def _address(route: APIRoute) -> str:
    path = route.path_format
    for name, value in {
        "plot_id": "p0",
        "z": "12",
        "x": "1",
        "y": "1",
        "fmt": "webp",
        "action": "submit",
    }.items():
        path = path.replace("{" + name + "}", value)
    return re.sub(r"\{[^}]+\}", "nothing", path)


def test_every_role_gets_past_the_door_only_where_the_table_lets_it(world: World) -> None:
    guarded = [route for route in routes(world) if rights(route)]
    for user, (role, _, _) in PEOPLE.items():
        browser = world.browser(user)
        for route in guarded:
            for method in route.methods - {"HEAD"}:
                answer = browser.request(method, _address(route))
                allowed = rights(route) <= GRANTS[role]
                refused = answer.status_code == 403 and answer.json()["code"] == "forbidden"
                if not allowed:
                    assert refused, (user, method, route.path_format, answer.status_code)
                elif "/plots/{plot_id}/" not in route.path_format:
                    assert not refused, (user, method, route.path_format)


def test_nobody_gets_past_the_door_unknown(world: World) -> None:
    browser = world.browser()
    for route in routes(world):
        if rights(route):
            for method in route.methods - {"HEAD"}:
                answer = browser.request(method, _address(route))
                assert answer.status_code == 401, (method, route.path_format)


@pytest.mark.parametrize(
    ("user", "seen"),
    [
        ("city", {"p0", "p1", "p2", "p3", "p4", "p5"}),
        ("gis", {"p0", "p1", "p2", "p3", "p4", "p5"}),
        ("auditor", {"p0", "p1", "p2", "p3", "p4", "p5"}),
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
    assert there.json() == nowhere.json()


def test_every_role_of_the_table_is_tried() -> None:
    assert {role for role, _, _ in PEOPLE.values()} == set(Role)
