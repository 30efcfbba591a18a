"""A table without shapes: what its rows say about the plots of the same numbers in other files."""

from collections.abc import Iterator, Mapping, Sequence

from georeview.core.fields import AREA_UNITS_M2
from georeview.ingest import reader, values
from georeview.ingest.raw import Cell, Chunk, Raw
from georeview.ingest.report import SetAside
from georeview.ingest.rows import STATED_M2, TextRow, TextRows, Value


def read(raw: Raw, mapped: Mapping[str, str]) -> Iterator[tuple[Chunk, TextRows]]:
    """All rows of a table, some at a time.

    Args:
        raw: The table.
        mapped: Field → header; the number is among them.
    """
    readers = reader.readers(mapped)
    first: dict[str, int] = {}
    for chunk in raw.chunks():
        fields = {name: one.read(chunk.columns[mapped[name]]) for name, one in readers.items()}
        extra = reader.as_it_came(chunk, mapped, readers, fields)
        if "area_stated" in fields:
            cells = chunk.columns[mapped["area_stated"]]
            fields[STATED_M2] = [
                _m2(*both) for both in zip(cells, fields["area_stated"], strict=True)
            ]
        yield chunk, _rows(chunk, fields, extra, first)


def _rows(
    chunk: Chunk,
    fields: Mapping[str, Sequence[Value]],
    extra: Mapping[str, Sequence[Cell]],
    first: dict[str, int],
) -> TextRows:
    texts, aside = [], []
    for i, row in enumerate(chunk.numbers):
        number = fields["source_id"][i]
        if number is None:
            aside.append(SetAside(row, None, "no_id"))
        elif (there := first.setdefault(str(number), row)) != row:
            aside.append(SetAside(row, str(number), "row_repeated", {"row": there}))
        else:
            told = {name: cells[i] for name, cells in fields.items() if name != "source_id"}
            more = {header: cells[i] for header, cells in extra.items()}
            texts.append(TextRow(row, str(number), _given(told), _given(more)))
    return TextRows(list(chunk.numbers), tuple(texts), tuple(aside))


def _given(row: Mapping[str, Cell]) -> dict[str, Cell]:
    return {name: cell for name, cell in row.items() if cell is not None}


def _m2(cell: Cell, value: Value) -> Value:
    """A stated area in m², where the cell names its unit; a table alone has nothing to tell it by."""
    unit = values.unit_in(cell) if isinstance(cell, str) else None
    return value * AREA_UNITS_M2[unit] if unit and isinstance(value, float) else None
