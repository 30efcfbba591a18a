"""A plain list, from a text file or a spreadsheet: rows of texts under their headers."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from georeview.errors.files import UnknownFormat
from georeview.ingest import delimited, workbook
from georeview.ingest.archive import Source
from georeview.ingest.raw import Raw

READERS: Mapping[str, Callable[[Source, str | None, str | None], Raw]] = MappingProxyType(
    dict.fromkeys(delimited.SUFFIXES, delimited.read)
    | dict.fromkeys(workbook.SUFFIXES, workbook.read)
)

Rows = list[tuple[int, dict[str, str]]]
"""Number of a row as people see it, and its cells that are not empty, by their headers."""


def read(path: Path, name: str) -> Rows:
    """All rows of a list.

    Args:
        path: The file.
        name: What its sender calls it; says which kind it is.

    Raises:
        UnknownFormat: It is no list.
        FileBroken: It is damaged.
        EncodingUnclear: Its text is in no encoding that is known.
    """
    suffix = Path(name).suffix.lower()
    reader = READERS.get(suffix)
    if reader is None:
        raise UnknownFormat(file=name[:80])
    raw = reader(Source(name, Path(name).stem, {suffix: path}), None, None)
    return [
        (
            chunk.numbers[n],
            {
                h: str(cells[n]).strip()
                for h, cells in chunk.columns.items()
                if cells[n] is not None
            },
        )
        for chunk in raw.chunks()
        for n in range(chunk.n)
    ]
