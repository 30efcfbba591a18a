"""What a machine that has nothing left says: come again, not that something is broken."""

import errno

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import World


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OSError(errno.EMFILE, "Too many open files"), 503),
        (OSError(errno.ENOSPC, "No space left on device"), 503),
        (MemoryError(), 503),
        (OSError(errno.ENOTDIR, "Not a directory"), 500),
    ],
)
def test_a_shortage_is_told_from_a_defect(world: World, error: Exception, status: int) -> None:
    def fail() -> None:
        raise error

    world.app.add_api_route("/short", fail)
    answer = TestClient(world.app, raise_server_exceptions=False).get("/short")
    assert answer.status_code == status
    assert answer.json()["code"] == ("machine_short" if status == 503 else "defect")
    assert ("Retry-After" in answer.headers) == (status == 503)
    assert "open files" not in answer.text
