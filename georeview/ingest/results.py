"""Lists of results as their cells are, and the photos that lie beside them in an archive.

Runs inside the sandbox. What the cells mean is said by people elsewhere.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from georeview.errors.files import TooManyRows
from georeview.ingest import archive, formats, nested, unpack
from georeview.ingest.parts import PACKED
from georeview.ingest.raw import Cell
from georeview.ingest.sheet import ResultSheet, is_photo

MOST_ROWS = 5_000
"""Rows of one list: as many as may be marked at once."""


def read_results(
    files: tuple[Path, ...], encoding: str | None = None, layer: str | None = None
) -> ResultSheet:
    """All rows of a list, whatever its format.

    Raises:
        TooManyRows: It has more than may be marked at once.
        GeoreviewError: The file cannot be read.
    """
    numbers: list[int] = []
    rows: list[tuple[Cell, ...]] = []
    gone: set[int] = set()
    with archive.opened(files, layer) as source:
        raw = formats.read(source, encoding=encoding)
        if raw.count > MOST_ROWS:
            raise TooManyRows(file=raw.source.name, n=raw.count, limit=MOST_ROWS)
        for chunk in raw.chunks():
            numbers += chunk.numbers
            rows += zip(*(chunk.columns[header] for header in raw.headers), strict=True)
            gone |= {
                chunk.numbers[row - chunk.first]
                for row, code in chunk.refused.items()
                if code == "row_deleted"
            }
    return ResultSheet(
        raw.headers, tuple(numbers), tuple(rows), frozenset(gone), _photos(files[0]), raw.encoding
    )


def photos(path: Path, wanted: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of photos in an archive, one at a time."""
    with (
        TemporaryDirectory(prefix="georeview-") as folder,
        nested.unpacked(path, path.name, Path(folder)) as packed,
    ):
        copy = Path(folder) / "photo"
        for name in wanted:
            packed.copy({name: copy})
            yield name, copy.read_bytes()
            copy.unlink()


def _photos(path: Path) -> tuple[str, ...]:
    """Names of the photos in an archive; a workbook is a zip too and holds none of ours."""
    if path.suffix.lower() not in PACKED or not unpack.is_packed(path):
        return ()
    with (
        TemporaryDirectory(prefix="georeview-") as folder,
        nested.unpacked(path, path.name, Path(folder)) as packed,
    ):
        return tuple(member.name for member in packed.members if _shown(member.name))


def _shown(name: str) -> bool:
    """Whether a member is a photo, and none of what systems hide."""
    return is_photo(name) and not nested.hidden(name)
