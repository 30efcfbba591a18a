"""Photos and documents as they come: opened in the sandbox alone, kept under their hash."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from georeview import sandbox
from georeview.settings import Settings
from georeview.storage.files import Files, Taken

if TYPE_CHECKING:
    from georeview.ingest.evidence import EvidenceRead

LIMITS = sandbox.Limits(seconds=20, memory_mb=1024)


def take_in(
    files: Files, settings: Settings, source: BinaryIO, name: str
) -> "tuple[Taken, EvidenceRead]":
    """Keep the bytes of a photo or document, once they have been read as one.

    Args:
        files: Where they are kept.
        settings: How much room is left free, and how large a file may be.
        source: The bytes; read once, never changed.
        name: File name as the sender called it; text only.

    Raises:
        DiskFull: There is no room left.
        TooLarge: Over the size limit.
        WrongKind: Neither a photo nor a PDF.
    """
    files.need_room(settings.min_free_mb * 2**20)
    limit = settings.max_evidence_mb * 2**20
    with files.received(source, name, limit) as path:
        read: EvidenceRead = _sandboxed("read", path)
        return files.take(path, "evidence", limit), read


def preview(path: Path) -> bytes:
    """A small picture of a photo without anything but its pixels (WebP)."""
    picture: bytes = _sandboxed("preview", path)
    return picture


def _sandboxed(reader: str, path: Path) -> Any:
    return sandbox.run(f"georeview.ingest.evidence:{reader}", path, limits=LIMITS)
