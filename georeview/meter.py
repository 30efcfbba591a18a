"""What the inside tells of its work while it works; who counts it is not its business."""

from collections.abc import Mapping
from dataclasses import dataclass, field


class Meter:
    """Hears everything and counts nothing; ``georeview.metrics`` has one that counts.

    Told on the way of every write: what overrides this must take next to no time.
    """

    def waiting(self, change: int) -> None:
        """So many more writes wait for the disk, or, when negative, fewer."""

    def committed(self, events: int, seconds: float) -> None:
        """Events were kept together, and it took so long until they were on disk."""

    def tile(self, kind: str, *, hit: bool) -> None:
        """A tile was asked for; ``hit`` when what it is cut from was in memory."""


UNHEARD = Meter()
"""For whoever counts nothing: the command line."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What is looked up when somebody asks, not counted on the way.

    Attributes:
        name: Its name in ``/metrics``.
        meaning: One sentence.
        value: The number.
        labels: What it is the number of, where there are several under one name.
    """

    name: str
    meaning: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
