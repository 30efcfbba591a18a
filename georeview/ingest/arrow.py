"""What GDAL reads as Arrow batches: rows as chunks of cells and geometries, never all at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from georeview.errors.files import FileBroken
from georeview.ingest.curves import has_arcs
from georeview.ingest.encoding import decode
from georeview.ingest.raw import (
    CHUNK,
    MOST_EXACT,
    Cell,
    Chunk,
    Geometries,
    from_wkb,
    plain,
    unreadable,
)

if TYPE_CHECKING:
    import pyarrow


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a file, as GDAL sees it.

    Attributes:
        path: The file.
        name: Layer inside it, ``None`` for the only one.
        file: What the sender called the file, for the sentence.
        headers: Its columns.
        shape: Column of its geometries, ``None`` where it has none.
        crs: What it says of its coordinate system.
        count: Number of rows.
    """

    path: Path
    name: str | None
    file: str
    headers: tuple[str, ...]
    shape: str | None
    crs: str | None
    count: int

    def chunks(self) -> Iterator[Chunk]:
        """All rows with columns and geometries."""
        first = 1
        for batch in _batches(self.path, self.name, self.file):
            n = batch.num_rows
            wkb = batch.column(self.shape).to_pylist() if self.shape else [None] * n
            geoms, given = from_wkb(wkb), [data is not None for data in wkb]
            if curved := unreadable(geoms, given, first):
                geoms = self._straight(first, n)
            lost = unreadable(geoms, given, first)
            arcs = [row for row in curved.keys() - lost.keys() if has_arcs(wkb[row - first] or b"")]
            yield Chunk(
                first=first,
                columns={header: cells(batch.column(header)) for header in self.headers},
                geoms=geoms,
                refused=lost,
                noted=dict.fromkeys(arcs, ("arcs_straightened",)),
            )
            first += n

    def _straight(self, first: int, n: int) -> Geometries:
        """Geometries of some rows with arcs as short straight lines, which Arrow does not ask of GDAL."""
        from pyogrio.raw import read

        with reading(self.file):
            _, _, wkb, _ = read(
                str(self.path), layer=self.name, columns=[], skip_features=first - 1, max_features=n
            )
        return from_wkb(wkb)


def layer(path: Path, name: str | None, file: str) -> Layer:
    """What there is to say about a layer before its rows are read; they are counted, not believed.

    Raises:
        FileBroken: GDAL cannot read it.
    """
    from pyogrio.raw import open_arrow

    with reading(file), open_arrow(str(path), layer=name, batch_size=CHUNK) as (meta, _):
        headers = tuple(str(header) for header in meta["fields"])
        shape = (meta["geometry_name"] or "wkb_geometry") if meta["geometry_type"] else None
    ids = _batches(path, name, file, columns=[], read_geometry=False, return_fids=True)
    count = sum(batch.num_rows for batch in ids)
    return Layer(path, name, file, headers, shape, meta["crs"], count)


def shapes(path: Path, file: str) -> Iterator[list[bytes | None]]:
    """Geometries of the only layer of a file as WKB, some at a time, and nothing else of it."""
    for batch in _batches(path, None, file, columns=[], encoding="ascii"):
        yield batch.column(batch.num_columns - 1).to_pylist()


@contextmanager
def reading(file: str) -> Iterator[None]:
    """Turn what GDAL and Arrow say into a refusal of ours.

    Raises:
        FileBroken: One of them cannot go on.
    """
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        yield
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise FileBroken(file=file) from error
    except OSError as error:
        if error.errno:
            raise
        raise FileBroken(file=file) from error


def cells(column: "pyarrow.Array[Any]") -> list[Cell]:
    """A column as text and numbers; whole numbers that a float would not hold are text."""
    import pyarrow as pa

    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        try:
            return list(column.to_pylist())
        except UnicodeDecodeError:
            return [_text(data) for data in column.cast(pa.binary()).to_pylist()]
    values: list[Any] = column.to_pylist()
    if pa.types.is_integer(column.type) and _small(column):
        return values
    return [plain(value) for value in values]


def _text(data: bytes | None) -> str | None:
    """A text that another program has put there in an encoding of its own."""
    if data is None:
        return None
    found = decode(data, "utf-8") or decode(data, "gb18030")
    return found[0] if found else data.decode("utf-8", "replace")


def _small(column: "pyarrow.Array[Any]") -> bool:
    found = np.asarray(column.drop_null())
    return not len(found) or bool(found.max() < MOST_EXACT and found.min() > -MOST_EXACT)


def _batches(
    path: Path, name: str | None, file: str, **wanted: Any
) -> "Iterator[pyarrow.RecordBatch]":
    from pyogrio.raw import open_arrow

    # Arrow keeps whole numbers beside empty cells; NumPy would make floats of them.
    with (
        reading(file),
        open_arrow(str(path), layer=name, batch_size=CHUNK, use_pyarrow=True, **wanted) as (
            _,
            reader,
        ),
    ):
        yield from reader
