"""The worker beside the server: one, begun again when it dies, gone when the server is."""

import os
import signal
from pathlib import Path

import pytest

from georeview.clock import system_clock
from georeview.core.access import Action
from georeview.core.jobs import JobState
from georeview.jobs import embedded
from georeview.services import open_services
from georeview.settings import Settings, load
from tests.api.serving import serving
from tests.builders import a_batch, an_account, an_actor
from tests.jobs.processes import descendants, lives, until

pytestmark = [pytest.mark.fault, pytest.mark.slow]


def workers(pid: int) -> list[int]:
    """The workers among the processes that a server started."""
    return [child for child in descendants(pid) if b"\0worker\0--tied" in _command(child)]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""


def test_it_works_is_begun_again_and_ends_with_the_server(tmp_path: Path) -> None:
    home = tmp_path / "home"
    services = open_services(Settings(home=home), system_clock)
    a_batch(services.store, 3)
    with serving(home, worker="embedded") as server:
        until(lambda: workers(server.pid))
        (first,) = workers(server.pid)
        os.kill(first, signal.SIGKILL)
        until(lambda: workers(server.pid) not in ([], [first]))
        gis = an_account(services.store, an_actor("gis", "5119"))
        asked = services.jobs.ask(gis, Action.LAYER, "overlay", {"batch": None})
        until(lambda: services.jobs.any(asked.given.job_id).state is JobState.DONE)
        (second,) = workers(server.pid)
        assert lives(second)
    assert not lives(second)
    services.close()


def test_it_ends_when_the_server_is_killed(tmp_path: Path) -> None:
    with serving(tmp_path / "home", worker="embedded") as server:
        until(lambda: workers(server.pid))
        (worker,) = workers(server.pid)
        os.kill(server.pid, signal.SIGKILL)
        until(lambda: not lives(worker))


def test_several_server_processes_have_one(tmp_path: Path) -> None:
    with serving(tmp_path / "home", "--workers", "2", worker="embedded") as server:
        until(lambda: workers(server.pid))
        until(lambda: len(descendants(server.pid)) >= 3)
        assert len(workers(server.pid)) == 1


def test_there_is_none_where_it_is_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "Tender", None)
    with embedded.worker_beside(Settings(worker="none")):
        pass


@pytest.mark.parametrize("given", [{"GEOREVIEW_WORKER": "one"}, {"GEOREVIEW_LEASE_SECONDS": "0"}])
def test_a_setting_that_means_nothing_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(given))):
        load(given)
