"""The feed: in order, nothing twice, nothing left out, nothing of another's area."""

import pytest

from georeview.core.access import EVERYTHING
from georeview.core.ledger import Draft
from georeview.storage.ports.ledger import Pending
from tests.api.conftest import World

FEED = "/api/v1/changes"


def follow(browser, since="0", limit=7):
    """Everything there is, part by part."""
    told = []
    while True:
        answer = browser.get(FEED, params={"since": since, "limit": limit})
        assert answer.status_code == 200
        part = answer.json()
        assert len(part["items"]) <= limit
        told += part["items"]
        since = part["next"]
        if not part["more"]:
            return told, since


def act(world: World, user: str, plot: str, action: str, version: int, **body: str) -> None:
    address = f"/api/v1/plots/{plot}/" + ("marks" if action == "mark" else f"actions/{action}")
    answer = world.browser(user).post(address, json=body, headers={"If-Match": f'"{version}"'})
    assert answer.status_code == 201, answer.json()


def test_the_city_follows_every_event_once(world: World) -> None:
    act(world, "county", "p0", "mark", 2, mark="confirmed")
    told, since = follow(world.browser("city"))
    assert [item["seq"] for item in told] == list(range(1, len(told) + 1))
    assert int(since) == len(told)
    assert (told[-1]["action"], told[-1]["after"]["mark"]) == ("mark", "confirmed")
    act(world, "county", "p0", "undo_mark", 3)
    more, _ = follow(world.browser("city"), since)
    assert [(item["seq"], item["action"]) for item in more] == [(len(told) + 1, "undo_mark")]


def test_a_plot_that_comes_in_is_told_whole(world: World) -> None:
    told, _ = follow(world.browser("county"))
    assert [item["plot_id"] for item in told] == ["p0", "p1", "p2"]
    assert {item["kind"] for item in told} == {"entered_scope"}
    assert told[0]["action"] == "dispatch"
    assert told[0]["state"]["stage"] == "at_county"
    assert told[0]["state"]["county"] == "511923"


def moved(world: World, plot: str, county: str) -> None:
    """Give a plot to another county, as a correction of the dispatch will."""
    review = world.services.store.ledger.review(EVERYTHING, plot)
    now = world.clock().isoformat()
    draft = Draft(
        "m1", plot, review.version, "dispatch", "city", "市河长办", "city", now, now,
        body={"county": county, "note": "秘密"},
        before={"stage": review.stage, "area": review.area},
        after={"stage": review.stage, "area": county, "county": county},
    )  # fmt: skip
    world.services.store.ledger.append([Pending(draft)])


def test_a_plot_that_leaves_is_told_once_and_without_content(world: World) -> None:
    moved(world, "p0", "511922")
    act(world, "other", "p0", "mark", 3, mark="confirmed", note="秘密")
    told, _ = follow(world.browser("county"))
    assert set(told[-1]) == {"kind", "seq", "plot_id", "recorded_at"}
    assert (told[-1]["kind"], told[-1]["plot_id"]) == ("left_scope", "p0")
    assert "秘密" not in str(told)
    seen, _ = follow(world.browser("other"))
    assert [item["kind"] for item in seen if item["plot_id"] == "p0"] == ["entered_scope", "event"]


def test_who_may_see_nothing_follows_nothing(world: World) -> None:
    assert world.browser("admin").get(FEED).status_code == 403
    assert world.browser().get(FEED).status_code == 401
    told, since = follow(world.browser("township"))
    assert (told, since) == ([], str(world.services.store.ledger.head().seq))


@pytest.mark.parametrize("since", ["x", "-1", "1e3", "99999999999999999999", "٣"])
def test_a_cursor_that_is_none_is_said(world: World, since: str) -> None:
    answer = world.browser("city").get(FEED, params={"since": since})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "since"
