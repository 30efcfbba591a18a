"""Services on each back end, whose clock stands still until it is told to move."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from georeview.services import Services, open_services
from tests.builders import NOW
from tests.places import Place


@dataclass
class Clock:
    """Stands still."""

    now: datetime = field(default=NOW)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def doors(place: Place, clock: Clock) -> Iterator[Services]:
    services = open_services(place.settings, clock)
    yield services
    services.close()
