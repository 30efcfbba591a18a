"""Streams of real servers: what others do and who is here, cut to who hears it, across processes."""

import http.client
import json
import os
import signal
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import pytest

from georeview.clock import system_clock
from georeview.services import Services, open_services
from tests.api.conftest import PASSWORD, World, fill
from tests.api.serving import Server, serving
from tests.places import Place

PAGE = "page-0123456789ab"


@dataclass
class Person:
    """Somebody signed in at one of the servers."""

    server: Server
    cookie: str

    def at(self, server: Server) -> "Person":
        """The same session, sent to another server."""
        return replace(self, server=server)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = {"Cookie": self.cookie, "Content-Type": "application/json", **headers}
        raw = None if body is None else json.dumps(body).encode()
        return self.server.ask(method, path, raw, headers=sent)

    def mark(self, plot: str, base: int, **body: str) -> Any:
        said = {"mark": "false_positive", "reason": "FP31", **body}
        return self.ask("POST", f"/api/v1/plots/{plot}/marks", said, **{"If-Match": f'"{base}"'})

    def open(self, plot: str | None, page: str = PAGE) -> Any:
        return self.ask("POST", "/ui/presence", {"page": page, "plot_id": plot})

    def listen(self, page: str = PAGE, **headers: str) -> "Stream":
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        sent = {"Cookie": self.cookie, **headers}
        connection.request("GET", f"/ui/live?page={page}", headers=sent)
        return Stream(connection, connection.getresponse())


@dataclass
class Stream:
    """A stream that is being read."""

    connection: http.client.HTTPConnection
    answer: http.client.HTTPResponse
    last: str = ""

    def close(self) -> None:
        self.connection.close()

    def next(self, event: str) -> dict[str, Any]:
        """What the next message of a kind says; others are passed over."""
        name = ""
        while text := self.answer.readline().decode().rstrip("\n"):
            key, _, value = text.partition(": ")
            if key == "id":
                self.last = value
            elif key == "event":
                name = value
            elif key == "data" and name == event:
                assert self.answer.readline() == b"\n"
                said: dict[str, Any] = json.loads(value)
                return said
            if key in {"data", "retry"}:
                self.answer.readline()
        raise EOFError(event)

    def ended(self) -> bool:
        """Read to the end, which must come."""
        while self.answer.readline():
            pass
        return True


def sign_in(server: Server, user: str) -> Person:
    sent = json.dumps({"username": user, "password": PASSWORD}).encode()
    headers = {"Content-Type": "application/json"}
    answer = server.ask("POST", "/api/v1/session", sent, headers=headers)
    assert answer.status == 204
    return Person(server, answer.headers["Set-Cookie"].partition(";")[0])


@pytest.fixture
def services(place: Place) -> Iterator[Services]:
    """The same store from a third process: this one."""
    opened = open_services(place.settings, system_clock)
    fill(opened)
    yield opened
    opened.close()


@pytest.fixture
def one(services: Services) -> Iterator[Server]:
    given = services.settings
    with serving(given.home, store=given.store) as running:
        yield running


@pytest.fixture
def two(services: Services) -> Iterator[Server]:
    given = services.settings
    with serving(given.home, store=given.store) as running:
        yield running


def test_two_people_at_two_servers_see_each_other(one: Server, two: Server) -> None:
    county, other, town = (sign_in(one, user) for user in ("county", "other", "county"))
    city = sign_in(two, "city")
    with closing(city.listen()) as seen, closing(other.listen()) as elsewhere:
        assert seen.answer.headers["Content-Type"].startswith("text/event-stream")
        assert seen.answer.headers["X-Accel-Buffering"] == "no"
        start = seen.next("at")["seq"]
        elsewhere.next("at")

        # Who is here, and who holds the plot.
        assert city.open("p0").json() == {"people": [], "lock": None}
        assert [one["user"] for one in county.open("p0").json()["people"]] == ["city"]
        here = seen.next("here")
        assert (here["people"], here["lock"]) == (here["people"], None)
        while not here["people"]:
            here = seen.next("here")
        assert here["people"] == [{"user": "county", "name": "county 某", "unit": "平昌县专班"}]

        # What one does, the other hears, and may not do the same just now.
        assert county.mark("p0", 2).status == 201
        change = seen.next("change")
        assert change == {
            "kind": "event",
            "seq": start + 1,
            "plot_id": "p0",
            "batch": "2023 批次",
            "action": "mark",
            "actor": "county",
            "unit": "平昌县专班",
            "mark": "false_positive",
            "mark_state": "draft",
            "stage": "in_review",
            "version": 3,
            "late": False,
        }
        here = seen.next("here")
        assert here["lock"]["user"] == "county"
        refused = city.mark("p0", 3)
        assert (refused.status, refused.json()["code"]) == (409, "plot_locked")
        assert city.ask("PUT", "/api/v1/plots/p0/lock?over=true").status == 200
        assert seen.next("here")["lock"]["user"] == "city"
        assert county.mark("p0", 3).status == 409

        # A page that goes says so; a session that ends takes its stream along.
        assert county.open(None).status == 204
        assert seen.next("here")["people"] == []
        assert city.ask("DELETE", "/api/v1/session").status == 204
        assert town.mark("p1", 2).status == 201
        assert seen.ended()

        # Nothing of it reached the other county; its own plot does.
        assert other.mark("p3", 2).status == 201
        assert elsewhere.next("change")["plot_id"] == "p3"


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
class TestOneServer:
    """What needs no second back end: the streams of one process."""

    def test_a_stream_goes_on_where_it_broke_off(self, one: Server) -> None:
        county, city = sign_in(one, "county"), sign_in(one, "city")
        with closing(city.listen()) as first:
            first.next("at")
            county.mark("p0", 2)
            assert first.next("change")["version"] == 3
            last = first.last
        county.mark("p0", 3, note="x")
        county.mark("p1", 2)
        with closing(city.listen(**{"Last-Event-ID": last})) as again:
            told = [again.next("change") for _ in range(2)]
            assert [(line["plot_id"], line["version"]) for line in told] == [("p0", 4), ("p1", 3)]
            assert again.next("at")["seq"] == told[-1]["seq"]
            county.mark("p1", 3, note="x")
            line = again.next("change")
            assert (line["plot_id"], line["seq"]) == ("p1", told[-1]["seq"] + 1)

    def test_without_a_stream_a_page_asks_for_the_same(self, one: Server) -> None:
        county, other = sign_in(one, "county"), sign_in(one, "other")
        start = county.ask("GET", "/ui/live/changes").json()
        assert start["items"] == []
        county.mark("p0", 2)
        path = f"/ui/live/changes?since={start['seq']}"
        asked = county.ask("GET", path).json()
        assert [line["plot_id"] for line in asked["items"]] == ["p0"]
        assert asked["seq"] == start["seq"] + 1
        assert other.ask("GET", path).json()["items"] == []
        assert county.ask("GET", "/ui/live/changes?since=x").status == 422

    def test_what_leaves_ones_sight_is_told_once_and_says_no_more(self, one: Server) -> None:
        town, county = sign_in(one, "township"), sign_in(one, "county")

        def step(action: str, base: int, **body: str) -> int:
            url, match = f"/api/v1/plots/p0/actions/{action}", {"If-Match": f'"{base}"'}
            return int(county.ask("POST", url, body, **match).status)

        with closing(town.listen()) as heard:
            heard.next("at")
            assert step("dispatch_town", 2, township="511923001") == 201
            assert heard.next("change")["kind"] == "entered_scope"
            assert town.open("p0").status == 200
            assert town.mark("p0", 3).status == 201
            assert heard.next("change")["kind"] == "event"
            assert step("dispatch_town", 4, township="511923002") == 201
            assert set(heard.next("change")) == {"kind", "seq", "plot_id"}
            assert town.open("p0").status == 404

    def test_a_stream_ends_when_the_server_is_told_to_stop(self, one: Server) -> None:
        with closing(sign_in(one, "county").listen()) as heard:
            heard.next("at")
            os.kill(one.pid, signal.SIGINT)
            assert heard.ended()

    def test_a_stream_needs_a_session_and_a_name(self, one: Server) -> None:
        county = sign_in(one, "county")
        assert one.get(f"/ui/live?page={PAGE}").status == 401
        assert county.ask("GET", "/ui/live").status == 422
        assert county.ask("GET", f"/ui/live?page={PAGE}&since=x").status == 422
        assert sign_in(one, "admin").ask("GET", f"/ui/live?page={PAGE}").status == 403


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_beyond_the_bound_a_page_is_told_to_ask_instead(services: Services) -> None:
    with serving(services.settings.home, live_max="1") as server:
        county = sign_in(server, "county")
        with closing(county.listen()) as first:
            first.next("at")
            refused = county.ask("GET", f"/ui/live?page={PAGE}")
            assert (refused.status, refused.json()["code"]) == (503, "live_full")
            assert refused.headers["Retry-After"]


def test_presence_is_seen_by_whoever_sees_the_plot_and_ends_by_itself(world: World) -> None:
    county, city, other = (world.browser(user) for user in ("county", "city", "other"))

    def opened(browser: Any, page: str = PAGE) -> list[str]:
        answer = browser.post("/ui/presence", json={"page": page, "plot_id": "p0"})
        return [one["user"] for one in answer.json()["people"]]

    assert opened(county) == []
    assert opened(county, "page-of-another-tab") == [], "oneself in another window is nobody else"
    assert opened(city) == ["county"]
    assert other.post("/ui/presence", json={"page": PAGE, "plot_id": "p0"}).status_code == 404
    assert city.post("/ui/presence", json={"page": PAGE, "plot_id": None}).status_code == 204
    assert opened(county) == [], "the same name of a page is another's page"
    world.clock.forward(seconds=36)
    assert opened(city) == []
    for wrong in ({}, {"page": "x", "plot_id": "p0"}, {"page": PAGE, "plot_id": "p0", "more": 1}):
        assert city.post("/ui/presence", json=wrong).status_code == 422
