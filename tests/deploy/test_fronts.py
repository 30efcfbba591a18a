"""The fronts as an administrator copies them, in front of a running server: Caddy and nginx.

Only what belongs to the machine is changed: names, ports, the paths of certificate and log.
"""

import contextlib
import getpass
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from georeview.clock import system_clock
from georeview.core.access import Grant, Role
from georeview.services import open_services
from georeview.settings import Settings
from tests.api.serving import Reply, Server, free_port, serving
from tests.house.test_docs import ROOT

pytestmark = pytest.mark.slow

DEPLOY = ROOT / "deploy"
PASSWORD = "correct horse battery"
DEADLINE_S = 30


@dataclass(frozen=True)
class Front:
    """A running front; ``upstream`` is the port where it looks for the service."""

    port: int
    upstream: int
    trusted: Path

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        """Send one request over TLS, on a connection of its own."""
        context = ssl.create_default_context(cafile=str(self.trusted))
        connection = http.client.HTTPSConnection(
            "localhost", self.port, timeout=DEADLINE_S, context=context
        )
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Reply(answer.status, answer.headers, answer.read())
        finally:
            connection.close()


# The fronts --------------------------------------------------------------------------------------


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of our own for ``localhost``, and its key."""
    pem, key = folder / "fullchain.pem", folder / "privkey.pem"
    request = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
    names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    files = ("-nodes", "-days", "2", "-keyout", str(key), "-out", str(pem))
    subprocess.run(["openssl", *request, *names, *files], check=True, capture_output=True)
    return pem, key


def nginx(folder: Path, port: int, upstream: int) -> list[str]:
    pem, key = certificate(folder)
    own = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    own = re.sub(r"listen \[::\]:(80|443 ssl http2);", "", own)
    own = own.replace("listen 80;", f"listen 127.0.0.1:{free_port()};")
    own = own.replace("listen 443 ssl http2;", f"listen 127.0.0.1:{port} ssl http2;")
    own = own.replace("hzz.example.gov.cn", "localhost")
    own = own.replace("/etc/ssl/georeview/fullchain.pem", str(pem))
    own = own.replace("/etc/ssl/georeview/privkey.pem", str(key))
    own = own.replace("127.0.0.1:8000", f"127.0.0.1:{upstream}")
    (folder / "georeview.conf").write_text(own, encoding="utf-8")
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"user {getpass.getuser()}; daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ access_log off; {temporary} include {folder}/georeview.conf; }}\n",
        encoding="utf-8",
    )
    return ["nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]


def caddy(folder: Path, port: int, upstream: int) -> list[str]:
    pem, key = certificate(folder)
    own = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    own = own.replace("\tservers {", "\tadmin off\n\tauto_https disable_redirects\n\tservers {", 1)
    # As the file itself says for an office with a certificate of its own.
    own = own.replace("\tencode", f"\ttls {pem} {key}\n\tencode", 1)
    own = own.replace("{$GEOREVIEW_SITE:localhost}", f"localhost:{port}")
    own = own.replace("{$GEOREVIEW_UPSTREAM:127.0.0.1:8000}", f"127.0.0.1:{upstream}")
    (folder / "Caddyfile").write_text(own, encoding="utf-8")
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


FRONTS: dict[str, Callable[[Path, int, int], list[str]]] = {"nginx": nginx, "caddy": caddy}


@contextmanager
def running(name: str, folder: Path) -> Iterator[Front]:
    """A front that answers, with nothing behind it yet."""
    front = Front(free_port(), free_port(), folder / "fullchain.pem")
    command = FRONTS[name](folder, front.port, front.upstream)
    environment = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            until = time.monotonic() + DEADLINE_S
            while not _listens(front.port):
                assert process.poll() is None, f"{name} has ended"
                assert time.monotonic() < until, f"{name} does not listen"
            yield front
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=DEADLINE_S)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@pytest.fixture(params=FRONTS, scope="module")
def name(request: pytest.FixtureRequest) -> str:
    _need(request.param)
    return str(request.param)


def _need(name: str) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"needs Debian's {name}")


@contextmanager
def behind(front: Front, home: Path, log: Path | None = None, **more: str) -> Iterator[Server]:
    """The service where the front looks for it, set up as ``georeview.env`` says."""
    settings = {"hosts": "localhost,127.0.0.1", "https": "yes", "proxies": "127.0.0.1,::1"}
    with serving(home, port=front.upstream, log=log, **settings, **more) as server:
        yield server


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one person in it."""
    place = tmp_path_factory.mktemp("office") / "home"
    services = open_services(Settings(home=place), system_clock)
    services.people.put(
        "wang", name="王", unit="专班", grants=(Grant(Role.CITY, "5119"),), password=PASSWORD
    )
    services.close()
    return place


@dataclass(frozen=True)
class Office:
    """A service behind its front, and what it writes of its requests."""

    front: Front
    server: Server
    log: Path

    def line(self, number: str) -> str:
        """What it wrote of a request, which it does once the answer is on its way."""
        until = time.monotonic() + DEADLINE_S
        while time.monotonic() < until:
            lines = self.log.read_text("utf-8").splitlines(keepends=True)
            found = [line for line in lines if number in line and line.endswith("\n")]
            if found:
                (line,) = found
                return line
        raise TimeoutError(number)


@pytest.fixture(scope="module")
def office(name: str, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp(name)
    with running(name, folder) as front, behind(front, home, folder / "log") as server:
        yield Office(front, server, folder / "log")


# What goes through -------------------------------------------------------------------------------


def sign_in(front: Front, password: str = PASSWORD) -> Reply:
    body = json.dumps({"username": "wang", "password": password}).encode()
    return front.ask("POST", "/api/v1/session", body, **{"Content-Type": "application/json"})


def test_a_person_signs_in_through_the_front_and_is_known(office: Office) -> None:
    signed_in = sign_in(office.front)
    assert signed_in.status == 204
    cookie = str(signed_in.headers["Set-Cookie"])
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    me = office.front.ask("GET", "/api/v1/me", Cookie=cookie.partition(";")[0])
    assert me.json()["user"] == "wang"
    assert me.headers["Strict-Transport-Security"]
    assert me.headers["Content-Security-Policy"]


def test_figures_stay_inside(office: Office) -> None:
    assert office.front.ask("GET", "/metrics").status == 404
    assert office.server.get("/metrics").status == 200
    assert office.front.ask("GET", "/readyz").status == 200


def test_what_a_client_claims_about_itself_ends_at_the_front(office: Office) -> None:
    claimed = {"X-Forwarded-For": "203.0.113.9", "X-Request-Id": "chosen-by-the-client"}
    answer = office.front.ask("GET", "/api/v1/me", **claimed)
    assert answer.status == 401
    number = answer.headers["X-Request-Id"]
    assert number != claimed["X-Request-Id"]
    line = office.line(number)
    assert "203.0.113.9" not in line
    assert "127.0.0.1" in line


def test_a_body_over_the_limit_gets_our_own_sentence(office: Office) -> None:
    """Not the front's page: its own limit lies above ours."""
    refused = sign_in(office.front, "x" * 2**21)
    assert refused.status == 413
    assert refused.headers["Content-Type"].startswith("application/problem+json")
    assert refused.json()["code"] == "too_large"


def test_what_is_read_is_packed_on_its_way(office: Office) -> None:
    plain = office.front.ask("GET", "/openapi.json")
    packed = office.front.ask("GET", "/openapi.json", **{"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.body) * 3 < len(plain.body)


def test_a_service_without_room_still_speaks_for_itself(
    name: str, home: Path, tmp_path: Path
) -> None:
    """A front that took it for dead would show a page of its own for everything."""
    with running(name, tmp_path) as front, behind(front, home, min_free_mb=str(2**40)):
        assert front.ask("GET", "/readyz").status == 503
        assert sign_in(front).status == 204


def test_while_the_service_is_away_caddy_keeps_readers_waiting(home: Path, tmp_path: Path) -> None:
    """What is written it refuses at once: whoever sent it still has it, and sends it again."""
    _need("caddy")
    found: list[int] = []
    with running("caddy", tmp_path) as front:
        asking = threading.Thread(
            target=lambda: found.append(front.ask("GET", "/api/v1/me").status)
        )
        asking.start()
        with behind(front, home):
            asking.join(DEADLINE_S)
    assert found == [401]


def test_a_stream_is_passed_on_line_by_line(office: Office) -> None:
    cookie = sign_in(office.front).headers["Set-Cookie"].partition(";")[0]
    context = ssl.create_default_context(cafile=str(office.front.trusted))
    connection = http.client.HTTPSConnection(
        "localhost", office.front.port, timeout=DEADLINE_S, context=context
    )
    headers = {"Cookie": cookie, "Accept-Encoding": "gzip"}
    connection.request("GET", "/ui/live?page=page-0123456789ab", headers=headers)
    with contextlib.closing(connection), connection.getresponse() as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert answer.headers["Content-Encoding"] is None
        lines = [answer.readline() for _ in range(5)]
    assert lines[0] == b"retry: 3000\n"
    assert b"event: at\n" in lines
