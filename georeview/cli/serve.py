"""``georeview serve``: the web service."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from georeview import logs, settings
from georeview.cli.common import chosen, t

KEEP_ALIVE_S = 75
"""How long an idle connection is kept: longer than a proxy keeps its own, which would else send a
request into one that is just being closed, and may not send it twice."""

METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Where ``georeview.metrics`` looks; named here, for a process that only supervises counts nothing."""


@click.command(help=t("serve"))
@click.option("--host", help=t("host"))
@click.option("--port", type=int, help=t("port"))
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True, help=t("workers")
)
@click.option("--home", type=click.Path(path_type=Path), help=t("home"))
def serve(host: str | None, port: int | None, workers: int, home: Path | None) -> None:
    """Serve the map and the API until stopped."""
    given = chosen(home, host=host, port=port)
    _need_port(given.host, given.port)
    run(given, workers)


def _need_port(host: str, port: int) -> None:
    """Say at once that another program holds the address, before anything is opened."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family):
            pass
    except (OSError, OverflowError) as error:
        raise click.ClickException(t("port_taken", host=host, port=port)) from error


def run(given: settings.Settings, workers: int = 1) -> None:
    """Start the server with these settings; returns when it has stopped.

    The application is named, not imported, so that workers of their own can load it too; they
    read the settings from the environment.
    """
    import uvicorn

    from georeview.jobs.embedded import worker_beside

    given = logs.settled(given)
    os.environ.update(settings.as_environment(given))
    # The server ends by raising again the signal it was sent: that must not end us before those
    # we started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with worker_beside(given), _counted_together(workers):
        uvicorn.run(
            "api.main:create_app",
            factory=True,
            host=given.host,
            port=given.port,
            workers=workers if workers > 1 else None,
            log_config=logs.config(given),
            access_log=False,
            proxy_headers=False,
            server_header=False,
            http="api.wire:Protocol",
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=20,
        )


@contextmanager
def _counted_together(workers: int) -> Iterator[None]:
    """A folder in which several processes count, so that any of them can add up what all did."""
    if workers == 1:
        yield
        return
    with TemporaryDirectory(prefix="georeview-metrics-") as folder:
        os.environ[METRICS_FOLDER] = folder
        yield
