"""Reviewers at work over HTTP: what they were promised is written down and asked for afterwards.

A request whose answer got lost, or that was told to come again, is sent again under the same
``Idempotency-Key`` until it is answered: so every mark a sender began is in the end kept exactly
once, and whatever the ledger holds beyond that is a double.
"""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from tests.faults.land import COUNTY, PASSWORD, Land, wait_for

PAUSE_S = 0.05


@dataclass
class Load:
    """Several senders, each with plots of its own, so that no one is overtaken by another.

    Attributes:
        ports: Servers to send to, in turn.
        plots: What is marked.
        patient: Whether a sender without an answer asks again, and does not give up.
        promised: Hash of the event of every mark that was answered with 201.
        statuses: How often each status came; 0 is an answer that got lost.
        wrong: What should never have been said.
    """

    ports: Sequence[int]
    plots: Sequence[str]
    senders: int = 6
    patient: bool = True
    promised: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(n,), daemon=True) for n in range(self.senders)
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def wait(self, more: int) -> None:
        """Wait until so many further marks have been promised."""
        goal = len(self.promised) + more
        self._wait(lambda: len(self.promised) >= goal, f"{more} more marks")

    def wait_for_refusal(self) -> None:
        """Wait until somebody is told to come again later."""
        before = self.statuses[503]
        self._wait(lambda: self.statuses[503] > before, "a refusal")

    def _wait(self, condition: Any, what: str) -> None:
        wait_for(lambda: condition() or self.wrong, f"{what}: {dict(self.statuses)}")
        assert not self.wrong, self.wrong[:3]

    def stop(self) -> None:
        """Let every sender get the answer to what it has begun; the server must be there."""
        self._stop.set()
        for thread in self._threads:
            thread.join(90)
        assert not any(thread.is_alive() for thread in self._threads), "a mark is never answered"
        assert not self.wrong, self.wrong[:3]

    def _work(self, number: int) -> None:
        try:
            with closing(_Sender(self.ports[number % len(self.ports)], self.statuses)) as sender:
                self._mark(sender, number)
        except Exception as error:  # noqa: BLE001 - said by whoever waits
            self.wrong.append(f"{type(error).__name__}: {error}")

    def _mark(self, sender: "_Sender", number: int) -> None:
        own = self.plots[number :: self.senders]
        versions = dict.fromkeys(own, 2)
        for turn, plot in enumerate(cycle(own)):
            if self._stop.is_set():
                return
            event = sender.mark(plot, versions[plot], f"{number}-{turn}", patient=self.patient)
            if event is None:
                return
            versions[plot] = event["version"]
            self.promised.append(event["hash"])


class _Sender:
    """One connection, opened again whenever it breaks."""

    def __init__(self, port: int, statuses: Counter[int]) -> None:
        self._statuses = statuses
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._cookie = ""

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def mark(self, plot: str, version: int, key: str, *, patient: bool) -> dict[str, Any] | None:
        """Mark a plot, asking again until it is kept; the event, or nothing for who gives up."""
        path, sent = f"/api/v1/plots/{plot}/marks", {"mark": "false_positive", "note": key}
        headers = {"If-Match": f'"{version}"', "Idempotency-Key": key}
        while True:
            status, answer = self._ask(path, sent, headers)
            self._statuses[status] += 1
            if status == 201:
                event: dict[str, Any] = answer["event"]
                return event
            if status not in {0, 503}:
                raise AssertionError(f"{status} {answer}")
            if not patient:
                return None
            time.sleep(PAUSE_S)

    def _ask(
        self, path: str, sent: dict[str, Any], headers: dict[str, str]
    ) -> tuple[int, dict[str, Any]]:
        try:
            if not self._cookie:
                status, answer = self._sign_in()
                if status != 204:
                    return status, answer
            return self._send(path, sent, {**headers, "Cookie": self._cookie})
        except (OSError, http.client.HTTPException):
            # The next request opens it again.
            self._connection.close()
            return 0, {}

    def _sign_in(self) -> tuple[int, dict[str, Any]]:
        return self._send("/api/v1/session", {"username": COUNTY, "password": PASSWORD}, {})

    def _send(
        self, path: str, sent: dict[str, Any], headers: dict[str, str]
    ) -> tuple[int, dict[str, Any]]:
        headers = {"Content-Type": "application/json", **headers}
        self._connection.request("POST", path, json.dumps(sent).encode(), headers)
        reply = self._connection.getresponse()
        body = reply.read()
        self._cookie = str(reply.getheader("Set-Cookie") or self._cookie).partition(";")[0]
        answer: dict[str, Any] = json.loads(body) if body else {}
        if reply.status == 503:
            told = answer.get("code") and answer.get("title") and reply.getheader("Retry-After")
            assert told, (answer, dict(reply.getheaders()))
        return reply.status, answer


@contextmanager
def under_load(land: Land, *ports: int, patient: bool = True) -> Iterator[Load]:
    """Senders at work; afterwards the store holds exactly what they were promised."""
    load = Load(ports, land.plots, patient=patient)
    load.start()
    yield load
    load.stop()
    check(land, load.promised)


def check(land: Land, promised: Sequence[str]) -> None:
    """Nothing promised is lost, nothing is there twice, and the ledger holds together."""
    with land.opened() as services:
        events = list(services.store.ledger.events())
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        marked = [event.hash for event in events if event.action == "mark"]
        assert sorted(marked) == sorted(promised)
        assert list(services.upkeep.verify()) == []
