"""A real server goes on answering while its worker reads broken and hostile files."""

import json
from pathlib import Path

import pytest

from georeview.clock import system_clock
from georeview.core.access import Grant, Role
from georeview.services import open_services
from georeview.settings import Settings
from georeview.storage.ports.people import Person
from tests.api.conftest import HASH, PASSWORD
from tests.api.serving import Server, serving
from tests.builders import a_batch
from tests.ingest.hostile.base import Trap
from tests.ingest.test_hostile import FAMILIES
from tests.jobs.processes import until

pytestmark = [pytest.mark.fault, pytest.mark.slow]

PLOTS = 20
HARD = (
    ("archives", "zip-many-bombs"),
    ("archives", "xz-bomb"),
    ("archives", "7z-dictionary"),
    ("parquet", "parquet-native-long"),
    ("drawings", "dxf-blocks-by-ten"),
    ("tables", "xlsx-laughs"),
)
"""Files that take room or time; what becomes of each by itself is told by ``test_hostile``."""

OVER = {"failed", "asking", "ready"}


def signed_in(server: Server) -> dict[str, str]:
    """Headers of somebody who may send files."""
    said = json.dumps({"username": "gis", "password": PASSWORD}).encode()
    own = {"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{server.port}"}
    answer = server.ask("POST", "/api/v1/session", said, headers=own)
    assert answer.status == 204, answer.body
    return {"Cookie": answer.headers["Set-Cookie"].split(";")[0], "Origin": own["Origin"]}


def sent(server: Server, who: dict[str, str], path: Path) -> str:
    """Send a file; returns the address of its import."""
    edge = b"--8d1f"
    fields = {b"batch": b"b", b"area": b"5119"}
    parts = [
        b'Content-Disposition: form-data; name="%s"\r\n\r\n%s' % pair for pair in fields.items()
    ]
    parts.append(
        b'Content-Disposition: form-data; name="file"; filename="%s"\r\n\r\n%s'
        % (path.name.encode(), path.read_bytes())
    )
    body = b"".join(edge + b"\r\n" + part + b"\r\n" for part in parts) + edge + b"--\r\n"
    form = {"Content-Type": f"multipart/form-data; boundary={edge[2:].decode()}"}
    answer = server.ask("POST", "/api/v1/imports", body, headers={**who, **form})
    assert answer.status == 202, answer.body
    return str(answer.headers["Location"])


def test_pages_are_answered_while_hostile_files_are_read(tmp_path: Path) -> None:
    home = tmp_path / "home"
    services = open_services(Settings(home=home), system_clock)
    a_batch(services.store, PLOTS)
    services.store.people.put(
        Person("gis", "信息中心", "信息中心", HASH, False, (Grant(Role.GIS, "5119"),))
    )
    services.close()
    with serving(home, worker="embedded", read_memory_mb="1024") as server:
        who = signed_in(server)
        trap = Trap(tmp_path / "secret", server.port)
        addresses = []
        for family, name in HARD:
            folder = tmp_path / name
            folder.mkdir()
            addresses.append(sent(server, who, FAMILIES[family][name][1](folder, trap)))
        busy = 0

        def all_read() -> bool:
            nonlocal busy
            states = [server.get(address, **who).json()["state"] for address in addresses]
            assert server.get("/healthz").status == 200
            assert server.get("/", **who).status == 200
            listed = server.get("/api/v1/plots?batch=2023-1", **who)
            assert (listed.status, listed.json()["matched"]) == (200, PLOTS)
            busy += not OVER.issuperset(states)
            return OVER.issuperset(states)

        until(all_read)
        assert busy, "there was work while these were answered"
