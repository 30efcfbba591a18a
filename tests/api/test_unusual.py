"""What does not go the usual way, through HTTP: plots withdrawn, handed on, or of no dated batch."""

from typing import Any

from georeview.core.access import Grant
from georeview.storage.ports.people import Person
from tests.api.conftest import HASH, World
from tests.builders import a_batch_of as dated
from tests.builders import a_plot, an_import, entries

DOC = "办河湖〔2023〕9号"


def act(world: World, user: str, plot_id: str, action: str, **body: object) -> Any:
    browser = world.browser(user)
    seen = browser.get(f"/api/v1/plots/{plot_id}")
    assert seen.status_code == 200, (user, action)
    answer = browser.post(
        f"/api/v1/plots/{plot_id}/actions/{action}",
        json=body,
        headers={"If-Match": seen.headers["etag"]},
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


def listed(world: World, user: str, **asked: str) -> set[str]:
    found = world.browser(user).get("/api/v1/plots", params=asked).json()
    assert found["matched"] == len(found["items"])
    return {item["plot_id"] for item in found["items"]}


def dispatched(world: World) -> int:
    figures = world.browser("city").get("/api/v1/stats").json()
    return int(figures["submit_rate"]["den"])


def test_a_plot_withdrawn_by_the_issuer_leaves_lists_and_figures_and_comes_back(
    world: World,
) -> None:
    before, counted = listed(world, "county"), dispatched(world)
    act(world, "issuer", "p0", "withdraw", document_no=DOC)
    assert listed(world, "county") == before - {"p0"}
    assert listed(world, "county", stage="withdrawn") == {"p0"}
    plot = world.browser("county").get("/api/v1/plots/p0").json()
    assert (plot["stage"], plot["clock"], plot["may"]) == ("withdrawn", None, [])
    assert dispatched(world) == counted - 1
    marked = world.browser("county").post(
        "/api/v1/plots/p0/marks", json={"mark": "confirmed"}, headers={"If-Match": '"3"'}
    )
    assert (marked.status_code, marked.json()["code"]) == (409, "action_not_allowed")
    back = act(world, "issuer", "p0", "reinstate", document_no=DOC)["plot"]
    assert (back["stage"], back["county"], back["due_on"]) == ("at_county", "511923", "2023-06-30")
    assert (listed(world, "county"), dispatched(world)) == (before, counted)


def test_a_plot_on_the_line_belongs_to_one_county_and_leaves_the_other_s_sight(
    world: World,
) -> None:
    act(world, "county", "p0", "refuse", code="RF2")
    act(world, "city", "p0", "transfer", county="511922")
    assert world.browser("county").get("/api/v1/plots/p0").status_code == 404
    assert "p0" in listed(world, "other")
    feed = world.browser("county").get("/api/v1/changes").json()["items"]
    last = [item for item in feed if item["plot_id"] == "p0"][-1]
    assert set(last) == {"kind", "seq", "plot_id", "recorded_at"}
    assert last["kind"] == "left_scope"
    act(world, "other", "p0", "mark", mark="false_positive", reason="FP31")
    table = world.browser("city").get("/api/v1/league").json()["rows"]
    assert {row["unit"]: row["figures"]["submit_rate"]["den"] for row in table} == {
        "511922": 3, "511923": 2,
    }  # fmt: skip


def test_a_batch_without_dates_has_no_clock_until_somebody_sets_one(world: World) -> None:
    store, plot = world.services.store, a_plot(0, batch="无期限")
    batch = dated("无期限")
    store.deliveries.add(
        type(batch)(batch.name, batch.area, None, None, batch.hard, batch.created_at),
        an_import("无期限"),
        entries([plot], county="511923", now=world.clock()),
    )
    shown = world.browser("county").get(f"/api/v1/plots/{plot.plot_id}").json()
    assert (shown["due_on"], shown["review_due_on"], shown["clock"]) == (None, None, None)
    assert shown["overdue_days"] == 0
    assert listed(world, "county", overdue="true", batch="无期限") == set()
    stats = world.browser("city").get("/api/v1/stats", params={"batch": "无期限"}).json()
    assert stats["overdue_review_n"] == 0
    asked = {"clock": "review", "date": "2023-07-31", "document_no": DOC}
    set_on = act(world, "city", plot.plot_id, "extend", **asked)["plot"]
    assert (set_on["due_on"], set_on["clock"]["clock"]) == ("2023-07-31", "review")


def test_somebody_limited_to_a_batch_sees_no_other(world: World) -> None:
    grant = Grant(world.services.store.people.get("county").grants[0].role, "511923", ("别的",))
    world.services.store.people.put(Person("limited", "限", "平昌县专班", HASH, False, (grant,)))
    assert listed(world, "limited") == set()
    assert world.browser("limited").get("/api/v1/plots/p0").status_code == 404
