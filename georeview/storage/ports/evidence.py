"""Photos and documents beside the plots."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from georeview.core.access import Scope


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A photo or document attached to a plot; the bytes lie in ``evidence/`` under the hash."""

    evidence_id: str
    plot_id: str
    sha256: str
    kind: str
    name: str
    media_type: str
    size: int
    taken_at: str | None
    lon: float | None
    lat: float | None
    azimuth: float | None
    actor: str
    created_at: str


class EvidenceIndex(Protocol):
    """Which files belong to which plot."""

    def of_plot(self, scope: Scope, plot_id: str) -> list[EvidenceFile]:
        """Evidence of a plot, oldest first.

        Raises:
            NotFound: No such plot in this scope.
        """

    def get(self, scope: Scope, evidence_id: str) -> EvidenceFile:
        """One file.

        Raises:
            NotFound: No such evidence in this scope.
        """

    def hashes(self) -> Iterator[str]:
        """Every content hash there should be a file for."""
