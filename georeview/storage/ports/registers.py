"""Entries of registers, their versions and documents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from georeview.core.access import Scope
from georeview.core.registers import Entry


@dataclass(frozen=True, slots=True)
class OnPlot:
    """The plot an entry concerns, as it is now."""

    source_id: str
    batch: str
    county: str | None
    river: str | None
    river_code: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """The last version of an entry; its area is the plot's as it is now where it concerns one."""

    entry: Entry
    plot: OnPlot | None


@dataclass(frozen=True, slots=True)
class Document:
    """A file of an entry; its bytes lie beside the evidence, under their hash."""

    entry_id: str
    sha256: str
    name: str
    size: int
    actor: str
    at: str


class Registers(Protocol):
    """Entries; a version is never changed."""

    def put(self, entry: Entry, personal: Mapping[str, str] | None = None) -> None:
        """Keep a version, with what names third parties; ``None`` leaves that as it is.

        Raises:
            EntryMoved: There is such a version already.
        """

    def put_all(self, entries: Sequence[Entry]) -> None:
        """Keep new entries in one commit."""

    def current(self, register: str, scope: Scope, *, plot_id: str | None = None) -> list[Held]:
        """Last versions, newest entries first.

        Args:
            register: Of which register.
            scope: Of entries on plots, only those whose plot is seen. What concerns no plot is
                the caller's to judge by its area.
            plot_id: Only of this plot.
        """

    def get(self, register: str, scope: Scope, entry_id: str) -> Held:
        """The last version of one.

        Raises:
            NotFound: There is none, or it is not seen.
        """

    def history(self, entry_id: str) -> list[Entry]:
        """All versions of one, the first first."""

    def personal(self, entry_id: str) -> Mapping[str, str]:
        """What names third parties."""

    def erase_personal(self, entry_id: str) -> None:
        """Forget what names third parties, for good."""

    def attach(self, document: Document) -> None:
        """Keep a file of an entry; the same bytes twice are one."""

    def documents(self, entry_ids: Sequence[str]) -> Mapping[str, Sequence[Document]]:
        """Files of entries, oldest first."""
