"""Lists of results, and files that go back to their sender, on their way out of the sandbox."""

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


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes of a part of a file that goes back; the pieces of a part follow each other."""

    stem: str
    suffix: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Unfit:
    """A cell that does not say all that it should.

    Attributes:
        row: Row of the file, from 1.
        source_id: Number of its plot.
        column: Header.
        why: ``cut``, ``not_in_encoding``, ``other_kind`` or ``no_column``.
        value: What it should have said.
    """

    row: int
    source_id: str
    column: str
    why: str
    value: str


@dataclass(frozen=True, slots=True)
class Filled:
    """What became of a file that goes back.

    Attributes:
        stem: Its name without suffix.
        rows_in: Rows of the file.
        rows: Those that something was said for.
        unfit: Cells that do not say all that they should.
    """

    stem: str
    rows_in: int
    rows: int
    unfit: tuple[Unfit, ...]
