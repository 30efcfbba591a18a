"""The services over a home of their own, at a standing time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from georeview.services import Services, open_services
from georeview.settings import Settings
from tests.builders import NOW


@contextmanager
def open_doors(folder: Path, **settings: object) -> Iterator[Services]:
    """Every use case, wired to a new home in a folder."""
    given = Settings(home=folder / "home", **settings)  # type: ignore[arg-type]
    services = open_services(given, lambda: NOW)
    try:
        yield services
    finally:
        services.close()
