"""Deliveries to a real receiver: signed, in order, tried again, given up; and never into our net."""

import base64
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from api.main import create_app
from georeview.core.webhooks import BACK_OFF
from georeview.errors.people import AddressRefused
from georeview.jobs.tasks import ask_what_is_due
from georeview.services.outside import allowed, parse
from tests.api.conftest import TestClock, World, _world, fill, work_off
from tests.places import Place

MARK = {"mark": "false_positive", "reason": "FP31"}


@dataclass
class Receiver:
    """A server of another system."""

    url: str
    answers: list[int] = field(default_factory=list)
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def seqs(self) -> list[int]:
        return [json.loads(body)["data"]["seq"] for _, body in self.came]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            found.came.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(found.answers.pop(0) if found.answers else 204)
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    found = Receiver(f"http://127.0.0.1:{server.server_port}/hook?x=1")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def near(place: Place) -> Iterator[World]:
    """The world, with webhooks let into the machine's own network."""
    clock = TestClock()
    given = replace(place.settings, hosts="testserver", webhooks_to="127.0.0.0/8")
    app = create_app(given, clock)
    fill(app.state.services)
    yield _world(app, clock)
    app.state.services.close()


def deliver(world: World) -> None:
    ask_what_is_due(world.services)
    work_off(world.browser())


def subscribed(world: World, receiver: Receiver, user: str = "county") -> dict[str, Any]:
    answer = world.browser(user).post("/api/v1/webhooks", json={"url": receiver.url})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def mark(world: World, plot: str = "p0", user: str = "county", version: int = 2) -> None:
    headers = {"If-Match": f'"{version}"'}
    answer = world.browser(user).post(f"/api/v1/plots/{plot}/marks", json=MARK, headers=headers)
    assert answer.status_code == 201, answer.text


def test_each_change_arrives_signed_and_in_order(near: World, receiver: Receiver) -> None:
    made = subscribed(near, receiver)
    for n, plot in enumerate(("p0", "p1", "p2")):
        mark(near, plot)
        mark(near, "p3", "other", 2) if n == 0 else None
    deliver(near)
    feed = near.browser("county").get("/api/v1/changes", params={"since": made["since"]}).json()
    assert [json.loads(body)["data"] for _, body in receiver.came] == feed["items"]
    assert receiver.seqs == sorted(receiver.seqs)
    headers, body = receiver.came[0]
    key = base64.b64decode(made["secret"].removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert json.loads(body)["type"] == "plot.event"
    deliver(near)
    assert len(receiver.came) == 3
    (shown,) = near.browser("county").get("/api/v1/webhooks").json()["items"]
    assert (shown["state"], shown["since"]) == (
        "active",
        str(near.services.store.ledger.head().seq),
    )
    assert "secret" not in shown


@pytest.mark.parametrize("status", [500, 302, 404])
def test_what_was_not_taken_comes_again_later_and_nothing_overtakes_it(
    near: World, receiver: Receiver, status: int
) -> None:
    subscribed(near, receiver)
    mark(near, "p0")
    mark(near, "p1")
    receiver.answers = [status]
    deliver(near)
    assert len(receiver.came) == 1
    deliver(near)
    assert len(receiver.came) == 1
    (shown,) = near.browser("county").get("/api/v1/webhooks").json()["items"]
    assert (shown["state"], str(status) in shown["error"]) == ("failing", True)
    near.clock.forward(seconds=BACK_OFF[0].total_seconds())
    deliver(near)
    ids = [headers["webhook-id"] for headers, _ in receiver.came]
    assert (ids[0] == ids[1], len(ids)) == (True, 3)
    (shown,) = near.browser("county").get("/api/v1/webhooks").json()["items"]
    assert (shown["state"], shown["failures"]) == ("active", 0)


def test_one_that_never_answers_is_given_up_and_said(near: World, receiver: Receiver) -> None:
    subscribed(near, receiver)
    mark(near)
    receiver.answers = [503] * 20
    for wait in (*BACK_OFF, BACK_OFF[-1]):
        deliver(near)
        near.clock.forward(seconds=wait.total_seconds())
    assert len(receiver.came) == len(BACK_OFF) + 1
    (shown,) = near.browser("county").get("/api/v1/webhooks").json()["items"]
    assert shown["state"] == "disabled"
    log = near.browser("city").get("/api/v1/access-log").json()["items"]
    assert [entry["action"] for entry in log] == ["disable_webhook", "add_webhook"]


def test_gone_is_taken_at_its_word(near: World, receiver: Receiver) -> None:
    made = subscribed(near, receiver)
    mark(near)
    receiver.answers = [410]
    deliver(near)
    (shown,) = near.browser("county").get("/api/v1/webhooks").json()["items"]
    assert shown["state"] == "disabled"
    assert near.browser("other").delete(f"/api/v1/webhooks/{made['id']}").status_code == 404
    assert near.browser("county").delete(f"/api/v1/webhooks/{made['id']}").status_code == 204
    assert near.browser("county").get("/api/v1/webhooks").json()["items"] == []


def test_whose_account_is_closed_is_told_no_more(near: World, receiver: Receiver) -> None:
    subscribed(near, receiver, "county")
    mark(near, "p0", "city")
    near.browser("city").patch("/api/v1/people/county", json={"disabled": True})
    deliver(near)
    assert receiver.came == []


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.cn/x",
        "https://",
        "https://user@example.cn/x",
        "nothing",
        "https://exa mple.cn/",
        "https://example.cn:99999/",
    ],
)
def test_what_is_no_address_is_refused(near: World, url: str) -> None:
    answer = near.browser("county").post("/api/v1/webhooks", json={"url": url})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_value")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest",
        "https://192.168.0.1/",
        "https://0.0.0.0/",
        "https://100.64.0.1/",
        "https://224.0.0.1/",
        "http://93.184.216.34/",
        "https://nowhere.invalid/",
    ],
)
def test_nothing_is_sent_into_our_own_network(world: World, url: str) -> None:
    answer = world.browser("county").post("/api/v1/webhooks", json={"url": url})
    assert (answer.status_code, answer.json()["code"]) == (422, "address_refused")


def test_a_name_with_one_address_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(AddressRefused):
        allowed(parse("https://two.example.cn/"), "")
    assert allowed(parse("https://two.example.cn/"), "10.0.0.0/8") == "93.184.216.34"
