"""A throw-away PostgreSQL cluster with PostGIS from Debian's packages."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.harness import tree_cpu_seconds

BINARIES = Path("/usr/lib/postgresql/15/bin")
MEMORY = Path("/dev/shm")
MEMORY_FREE = 2**30
"""Bytes that must be free in memory before a cluster is put there."""

_PREFIX = "georeview-pg-"
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "shared_buffers": "256MB",
    "work_mem": "64MB",
    "jit": "off",
    "max_connections": "80",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running cluster.

    Attributes:
        folder: Its directory, also that of its socket.
        pid: Process id of the postmaster.
    """

    folder: Path
    pid: int

    @property
    def dsn(self) -> str:
        """Connection string."""
        return f"host={self.folder} user=postgres dbname=postgres"

    @property
    def url(self) -> str:
        """The same as a store address."""
        return f"postgresql://postgres@/postgres?host={self.folder}"

    def restart(self, mode: str = "fast") -> None:
        """End every connection and start again; ``immediate`` ends it as a crash would."""
        data = str(self.folder / "data")
        _run("pg_ctl", "-D", data, "-w", "-m", mode, "-l", str(self.folder / "log"), "restart")

    def connect(self) -> Any:
        """A psycopg connection that commits each statement."""
        import psycopg

        return psycopg.connect(self.dsn, autocommit=True)

    def cpu_seconds(self) -> float:
        """CPU seconds the whole cluster has used so far."""
        return tree_cpu_seconds(self.pid)


@contextmanager
def cluster(*, in_memory: bool = False, **settings: str) -> Iterator[Cluster]:
    """Start a cluster with PostGIS in a temporary directory and remove it afterwards.

    Args:
        in_memory: Keep its files in memory where there is room, so that no test waits for a disk.
        **settings: PostgreSQL settings over the defaults here (durable commits need
            ``fsync="on"``).
    """
    if not (BINARIES / "initdb").exists():
        raise SystemExit("PostGIS is missing: apt-get install postgresql-15-postgis-3")
    roomy = in_memory and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_FREE
    place = MEMORY if roomy else Path(tempfile.gettempdir())
    _remove_abandoned(place)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=place))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        data = folder / "data"
        _run(
            "initdb",
            "-N",
            "-A",
            "trust",
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--locale=C",
            "-D",
            str(data),
        )
        options = {**_SETTINGS, **settings, "unix_socket_directories": str(folder)}
        flags = " ".join(f"-c {name}='{value}'" for name, value in options.items())
        _run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", flags, "start")
        try:
            running = Cluster(folder, int((data / "postmaster.pid").read_text().splitlines()[0]))
            with running.connect() as connection:
                connection.execute("CREATE EXTENSION postgis")
            yield running
        finally:
            _run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_abandoned(place: Path) -> None:
    """End and remove the clusters of processes that were killed before they could."""
    for folder in place.glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).split("-")[0]
        if not owner.isdigit() or Path("/proc", owner).exists():
            continue
        with suppress(PermissionError):  # another user's
            if (folder / "data" / "postmaster.pid").exists():
                _run("pg_ctl", "-D", str(folder / "data"), "-m", "immediate", "stop", check=False)
            shutil.rmtree(folder, ignore_errors=True)


def _run(program: str, *arguments: str, check: bool = True) -> None:
    """Run one of PostgreSQL's programs, as its own account when we are root."""
    command = [str(BINARIES / program), *arguments]
    if os.geteuid() == 0:
        command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    if done.returncode and check:
        raise SystemExit(f"{program}: {done.stderr or done.stdout}")
