"""Where a fault happens: a home with plots and people on either back end, and a real server."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from argon2 import PasswordHasher

from benchmarks.server import free_port
from georeview.clock import system_clock
from georeview.core.access import Grant, Role
from georeview.services import Services, open_services
from georeview.settings import Settings
from georeview.storage.ports.people import Person
from tests.builders import a_batch

PASSWORD = "correct horse battery"
COUNTY, AREA = "county", "511902"
READY_S = 60.0
SERVE = (sys.executable, "-m", "georeview.cli", "serve")
PLOTS = 200
"""Every fifth is the county's that marks."""


@dataclass(frozen=True)
class Land:
    """A home, the store's address and the plots that one county may mark."""

    home: Path
    store: str
    plots: tuple[str, ...]

    @contextmanager
    def opened(self) -> Iterator[Services]:
        """The services over it, for looking at what was kept."""
        services = open_services(Settings(home=self.home, store=self.store), system_clock)
        try:
            yield services
        finally:
            services.close()

    def environment(self, **settings: str) -> dict[str, str]:
        """What a process of ours is started with."""
        given = {f"GEOREVIEW_{name.upper()}": value for name, value in settings.items()}
        own = {"GEOREVIEW_HOME": str(self.home), "GEOREVIEW_STORE": self.store}
        # A process that is killed measures nothing, and a walled one would say so in our log.
        around = {name: v for name, v in os.environ.items() if not name.startswith("COVERAGE_")}
        return {**around, "GEOREVIEW_WORKER": "none", **own, **given}


def found(home: Path, store: str = "") -> Land:
    """Plots, one reviewer and nothing else."""
    services = open_services(Settings(home=home, store=store), system_clock)
    try:
        plots = a_batch(services.store, PLOTS)[::5]
        password = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
        grants = (Grant(Role.COUNTY, AREA),)
        services.store.people.put(Person(COUNTY, COUNTY, "专班", password, False, grants))
    finally:
        services.close()
    return Land(home, store, tuple(plot.plot_id for plot in plots))


@dataclass
class Running:
    """A server process that can be ended in any way and started again on the same port."""

    land: Land
    command: Sequence[str] = SERVE
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def log(self) -> Path:
        """What it says on its way."""
        return self.land.home.with_name(f"server-{self.port}.log")

    @property
    def pid(self) -> int:
        """The process that serves."""
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        """Start and wait until it is ready."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=self.land.environment(port=str(self.port), **self.settings),
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        wait_for(self._is_ready, "the server is not ready")

    def _is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text(encoding="utf-8")[-2000:]
        return self.status("/readyz") == 200

    def kill(self) -> None:
        """End it as a power cut would: nothing of it runs any more."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def stop(self) -> None:
        """End it as an administrator does."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)

    def status(self, path: str) -> int:
        """Status of an address, 0 while nobody answers."""
        with closing(self.connection()) as connection:
            return ask(connection, path)

    def connection(self) -> http.client.HTTPConnection:
        """A connection of one's own."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)


def ask(connection: http.client.HTTPConnection, path: str) -> int:
    """Status of an address, 0 when there was no answer."""
    try:
        connection.request("GET", path)
        reply = connection.getresponse()
        reply.read()
    except (OSError, http.client.HTTPException):
        connection.close()
        return 0
    return reply.status


@contextmanager
def serving(land: Land, command: Sequence[str] = SERVE, **settings: str) -> Iterator[Running]:
    """A started server, gone afterwards whatever happened."""
    running = Running(land, command, settings)
    try:
        running.start()
        yield running
    finally:
        if running.process is not None and running.process.poll() is None:
            running.process.kill()
            running.process.wait(30)


def wait_for(condition: Callable[[], object], message: str) -> None:
    """Ask again until a condition holds.

    Raises:
        TimeoutError: It never did.
    """
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        if condition():
            return
        time.sleep(0.02)
    raise TimeoutError(message)
