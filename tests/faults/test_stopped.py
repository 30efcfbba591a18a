"""Ended as an administrator ends it: what was accepted is finished and answered."""

import http.client
import json
import os
import signal
from contextlib import closing
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.faults.land import SERVE, Land, Running, serving, wait_for
from tests.faults.load import under_load

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(300)]

SEVERAL = (*SERVE, "--workers", "2")


@pytest.mark.parametrize("command", [SERVE, SEVERAL], ids=["one", "several"])
def test_what_was_accepted_is_finished_and_answered(either: Land, command: tuple[str, ...]) -> None:
    """Nobody asks twice, so a mark that is kept and was not answered shows as one too many."""
    with (
        serving(either, command, drain_seconds="1") as server,
        under_load(either, server.port, patient=False) as load,
    ):
        load.wait(60)
        assert server.process is not None
        server.process.send_signal(signal.SIGTERM)
        wait_for(lambda: server.status("/readyz") == 503, "/readyz does not tell of the end")
        before = len(load.promised)
        load.wait(1)
        assert len(load.promised) > before, "requests are no longer taken"
        assert server.process.wait(30) in {0, -signal.SIGTERM}
    told = [json.loads(line) for line in server.log.read_text(encoding="utf-8").splitlines()]
    assert any(line["event"] == "request" for line in told)
    assert [line for line in told if line["level"] == "error" or "trace" in line] == []


def test_a_slow_request_is_waited_for(land: Land) -> None:
    """A body that is still on its way when the signal comes."""
    with serving(land, drain_seconds="0") as server, closing(server.connection()) as slow:
        slow.connect()
        sent = json.dumps({"username": "x", "password": "y"}).encode()
        head = (
            f"POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n\r\n"
        )
        slow.sock.sendall(head.encode() + sent[:5])
        wait_for(lambda: _reads(server), "the request is not being read")
        assert server.process is not None
        server.process.send_signal(signal.SIGTERM)
        wait_for(lambda: server.status("/healthz") == 0, "it still listens")
        slow.sock.sendall(sent[5:])
        answer = http.client.HTTPResponse(slow.sock)
        answer.begin()
        assert answer.status == 401
        assert server.process.wait(30) in {0, -signal.SIGTERM}


def _reads(server: Running) -> bool:
    """Whether nothing the client has sent lies unread in the kernel."""
    port = f":{server.port:04X}"
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    taken = [line.split() for line in lines if line.split()[1].endswith(port)]
    return any(part[3] == "01" and part[4].endswith(":00000000") for part in taken)


def test_several_processes_of_one_server_share_the_work_and_add_it_up(either: Land) -> None:
    with (
        serving(either, SEVERAL) as server,
        under_load(either, server.port) as load,
    ):
        load.wait(60)
        load.stop()
        with closing(server.connection()) as connection:
            connection.request("GET", "/metrics")
            text = connection.getresponse().read().decode()
        samples = [s for f in text_string_to_metric_families(text) for s in f.samples]
        marks = sum(
            s.value
            for s in samples
            if s.name == "georeview_http_requests_total"
            and s.labels["route"] == "/api/v1/plots/{plot_id}/marks"
            and s.labels["status"] == "201"
        )
        assert marks == len(load.promised)
        kept = sum(s.value for s in samples if s.name == "georeview_commit_events_sum")
        assert kept == len(load.promised)
        assert [s.value for s in samples if s.name == "georeview_writes_waiting"] == [0]
        pids = {s.labels["pid"] for s in samples if s.name == "process_resident_memory_bytes"}
        assert len(pids) == 2


def begin_counting(pid: str) -> None:
    """Do what a process of the same server does first: it makes a file that is empty yet."""
    environment = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    (folder,) = (e.partition("=")[2] for e in environment if e.startswith("PROMETHEUS_MULTIPROC"))
    (Path(folder) / f"counter_{os.getpid()}.db").touch()


def test_a_process_that_died_stays_in_the_sums_and_leaves_nothing_waiting(land: Land) -> None:
    with serving(land, SEVERAL) as server:

        def figures() -> tuple[float, set[str]]:
            with closing(server.connection()) as connection:
                connection.request("GET", "/metrics")
                text = connection.getresponse().read().decode()
            samples = [s for f in text_string_to_metric_families(text) for s in f.samples]
            asked = (
                s.value
                for s in samples
                if s.name == "georeview_http_requests_total" and s.labels["route"] == "-"
            )
            pids = {s.labels["pid"] for s in samples if s.name == "process_open_fds"}
            return sum(asked), pids

        for _ in range(40):
            server.status("/nothing")
        counted, pids = figures()
        assert counted == 40
        begin_counting(min(pids))
        assert figures()[0] == 40
        victim = min(pids)
        os.kill(int(victim), signal.SIGKILL)
        wait_for(lambda: victim not in figures()[1] and len(figures()[1]) == 2, "not begun again")
        assert figures()[0] == 40


def test_processes_whose_parent_was_killed_end_and_leave_the_port(land: Land) -> None:
    with serving(land, SEVERAL, drain_seconds="0") as server:
        server.kill()
        wait_for(lambda: server.status("/healthz") == 0, "they go on without a parent")
        server.start()
        assert server.status("/healthz") == 200
