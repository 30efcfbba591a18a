"""A server that runs out of disk or of file handles refuses, loses nothing, and comes back."""

import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from benchmarks.postgres import Cluster
from benchmarks.server import free_port
from tests.faults.land import SERVE, Land, ask, found, serving, wait_for
from tests.faults.load import under_load

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(300)]

MB = 2**20


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 64 MB."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small file system; the size limit is tested beside")
    # Not below the folder of the tests, into which the account of the database may not look.
    place = Path(tempfile.mkdtemp(prefix="georeview-small-"))
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m,mode=755", "none", str(place)], check=True
    )
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
        place.rmdir()


def fill(ballast: Path) -> None:
    """Leave nothing free."""
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"\0" * 65536):
            pass


@pytest.fixture(params=["sqlite", "postgis"])
def cramped(request: pytest.FixtureRequest, small_disk: Path, tmp_path: Path) -> Land:
    """A land whose store lies on the small file system."""
    if request.param == "sqlite":
        return found(small_disk / "home")
    postgres: Cluster = request.getfixturevalue("postgres")
    place = small_disk / "tables"
    place.mkdir()
    shutil.chown(place, "postgres", "postgres")
    with postgres.connect() as connection:
        connection.execute(f"CREATE TABLESPACE small LOCATION '{place}'")
        connection.execute("CREATE DATABASE small TEMPLATE template0 TABLESPACE small")
    return found(tmp_path / "home", postgres.url.replace("/postgres?", "/small?"))


def test_a_full_disk_refuses_until_there_is_room_again(cramped: Land, small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    with (
        serving(cramped, min_free_mb="0") as server,
        under_load(cramped, server.port) as load,
    ):
        for _ in range(2):
            load.wait(30)
            fill(ballast)
            load.wait_for_refusal()
            ballast.unlink()
        load.wait(30)
        assert server.status("/readyz") == 200


def test_a_size_limit_refuses_until_it_is_raised(land: Land) -> None:
    with serving(land) as server, under_load(land, server.port) as load:
        load.wait(30)
        _, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (MB // 4, hard))
        load.wait_for_refusal()
        assert server.status("/readyz") == 503
        assert server.status("/healthz") == 200
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (hard, hard))
        load.wait(30)
        assert server.status("/readyz") == 200


def test_without_file_handles_it_says_so_and_comes_back(either: Land) -> None:
    with (
        serving(either) as server,
        closing(server.connection()) as connection,
        under_load(either, server.port) as load,
    ):
        load.wait(30)
        # Whoever is connected stays connected; nothing more can be opened.
        assert ask(connection, "/readyz") == 200
        _, hard = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)
        held = len(list(Path(f"/proc/{server.pid}/fd").iterdir()))
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (held // 2, hard))
        wait_for(lambda: ask(connection, "/readyz") == 503, "nothing was missed")
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (hard, hard))
        wait_for(lambda: ask(connection, "/readyz") == 200, "it does not come back")
        load.wait(30)


def test_a_read_only_home_is_said_at_the_start(land: Land) -> None:
    home = str(land.home)
    root = os.geteuid() == 0
    if root:
        subprocess.run(["mount", "--bind", home, home], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", home], check=True)
    else:
        for path in (land.home, *land.home.iterdir()):
            path.chmod(path.stat().st_mode & ~0o222)
    try:
        done = subprocess.run(
            SERVE,
            env=land.environment(port=str(free_port())),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        if root:
            subprocess.run(["umount", "-l", home], check=True)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
