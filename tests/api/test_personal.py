"""Names of third parties over HTTP: shown to county and city, erased by the city."""

from tests.api.conftest import World

NAME = "赵六水"


def named(world: World) -> None:
    body = {"mark": "confirmed", "party": NAME}
    answer = world.browser("county").post(
        "/api/v1/plots/p0/marks", json=body, headers={"If-Match": '"2"'}
    )
    assert answer.status_code == 201
    assert answer.json()["plot"]["course"]["party"] == NAME
    assert answer.json()["event"]["body"]["party"] == NAME


def test_a_name_leaves_by_no_door_but_those_of_county_and_city(world: World) -> None:
    named(world)
    doors = ("/api/v1/plots/p0", "/api/v1/plots/p0/history", "/ui/panel/p0", "/api/v1/changes")
    for user in ("city", "county", "gis", "auditor"):
        for door in doors:
            answer = world.browser(user).get(door)
            assert answer.status_code == 200, (user, door)
            shown = user in ("city", "county") and door != "/api/v1/changes"
            assert (NAME in answer.text) == shown, (user, door)
    assert (
        world.browser("city").get("/api/v1/plots/p0/personal").json()["items"][0]["value"] == NAME
    )
    assert world.browser("gis").get("/api/v1/plots/p0/personal").status_code == 403


def test_the_city_erases_with_a_reason(world: World) -> None:
    named(world)
    door = "/api/v1/plots/p0/personal/erasure"
    city = world.browser("city")
    assert world.browser("county").post(door, json={"reason": "申请"}).status_code == 403
    assert city.post(door, json={}).status_code == 422
    assert city.post(door, json={"reason": " "}).status_code == 422
    (left,) = city.post(door, json={"reason": "当事人申请"}).json()["items"]
    assert (left["value"], left["reason"]) == (None, "当事人申请")
    assert city.post(door, json={"reason": "再次"}).json()["code"] == "nobody_named"
    assert NAME not in city.get("/ui/panel/p0").text
