"""A list of results on its way out of the sandbox."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from georeview.ingest.rows import Cell

PHOTOS = (".jpg", ".jpeg", ".png", ".webp")


@dataclass(frozen=True, slots=True)
class ResultSheet:
    """A list as its cells are.

    Attributes:
        headers: Its columns.
        numbers: Number of each row (n,) as people see it.
        rows: Cells of each row (n,), in the order of the columns.
        gone: Numbers of rows that the file itself calls deleted.
        photos: Names of the photos beside it in the archive.
        encoding: Encoding of its texts.
    """

    headers: tuple[str, ...]
    numbers: tuple[int, ...]
    rows: tuple[tuple[Cell, ...], ...]
    gone: frozenset[int] = frozenset()
    photos: tuple[str, ...] = ()
    encoding: str | None = None


def is_photo(name: str) -> bool:
    """Whether a file is called a photo."""
    return PurePosixPath(name).suffix.lower() in PHOTOS
