"""How lists of an area are read and written, version by version."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SenderProfile:
    """One version.

    Attributes:
        kind: ``results`` for lists that come in, ``return`` for those sent up.
        area: Area code it is for.
        version: From 1, without gaps.
        body: What was decided, JSON text.
        actor: Who decided it.
        created_at: When, ISO UTC.
    """

    kind: str
    area: str
    version: int
    body: str
    actor: str
    created_at: str


class SenderProfiles(Protocol):
    """All versions; none is ever changed."""

    def all(self, kind: str, area: str) -> list[SenderProfile]:
        """Versions of an area, newest first."""

    def add(self, kind: str, area: str, body: str, actor: str, at: str) -> SenderProfile:
        """Keep another version; the newest again is no other."""
