"""What an export is made of: rows in, a plan of what the file holds, a report of what it could not."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from georeview.core.fields import Column as Kind
from georeview.core.fields import ExportField

Geometries = NDArray[np.object_]
Values = Sequence[Any]
LossCode = Literal["cut", "too_wide", "blanks", "characters", "quoted", "not_a_date"]
Pictured = Literal["", "chips", "photos"]
"""What pictures a format takes where they are asked for: of the plot before and after, or of
its evidence."""

CUTS: frozenset[LossCode] = frozenset({"cut", "too_wide"})
"""Losses of which the whole value lies beside the data."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a plot.

    Attributes:
        name: What it is called in the file, such as ``before``.
        jpeg: Its bytes, without anything but pixels.
    """

    name: str
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class Columns:
    """A chunk of rows as columns of equal length.

    Attributes:
        wkb: Geometries in EPSG:4490, longitude first.
        values: Our columns by canonical name.
        extras: The sender's columns by header; a header may be missing where no row has it.
        points: Whether the rows are points; on the way to a file a chunk holds one kind only.
        facts: Of each row what was found by each layer, as rows of ``facts.FACTS``; empty
            where nobody asks for them.
        pictures: Of each row its pictures; the same.
    """

    wkb: Sequence[bytes]
    values: Mapping[str, Values]
    extras: Mapping[str, Values]
    points: bool = False
    facts: Sequence[Sequence[Values]] = ()
    pictures: Sequence[Sequence[Picture]] = ()

    def __len__(self) -> int:
        return len(self.wkb)


@dataclass(frozen=True, slots=True)
class Extra:
    """One of the sender's columns, with the room its values need.

    Attributes:
        name: Its header.
        kind: Type of its values; text where they are of several.
        width: Bytes of the longest text in the file's encoding, or characters of the longest number.
        decimals: Digits after the point, for ``real``.
        read_as: The field it was read as on import, empty where it meant none.
    """

    name: str
    kind: Kind
    width: int
    decimals: int
    read_as: str = ""


@dataclass(frozen=True, slots=True)
class Schema:
    """Our columns, then the sender's own in the order they are first seen."""

    fields: tuple[ExportField, ...]
    extras: tuple[Extra, ...]


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is asked for, and what its report says of it.

    Attributes:
        encoding: ``utf-8`` or ``gb18030``.
        crs: ``EPSG:n``.
        as_of: When the rows were read, ISO 8601.
        title: What they are, such as the batch.
        head: End of the ledger they were read at, ``seq:hash``.
        signed_head: The same as a signed head that ``georeview verify --head`` takes; ``None``
            where nothing could be signed.
        read_as: Header of the sender → the field it was read as.
        left_out: Headers of the sender that do not leave, as they hold personal data.
        personal: Headers of the sender that name people and leave because it was asked for.
        link: What the address of a plot's page begins with, its number to be put behind; empty
            for no links.
        pictures: Whether pictures are asked for.
    """

    encoding: str = "utf-8"
    crs: str = "EPSG:4490"
    as_of: str = ""
    title: str = ""
    head: str = ""
    signed_head: Mapping[str, object] | None = None
    read_as: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    link: str = ""
    pictures: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file.

    Attributes:
        name: Its name in the file.
        key: Canonical name, or the sender's header.
        ours: Whether it is of our dictionary.
        kind: Type of its values.
        width: Bytes it has room for, where the format has widths.
        decimals: Digits after the point kept; ``None`` where the format keeps all.
        zh: Meaning.
        en: The same in English.
    """

    name: str
    key: str
    ours: bool
    kind: Kind
    width: int
    decimals: int | None
    zh: str
    en: str

    def of(self, chunk: Columns) -> Values:
        """Its values in a chunk."""
        held = chunk.values if self.ours else chunk.extras
        return held.get(self.key) or [None] * len(chunk)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file will hold.

    Attributes:
        columns: Its columns in order.
        options: How it was asked for.
        stem: Name of the file without suffix.
        sizes: Rows of each chunk, and whether they are points; all areas come first.
    """

    columns: tuple[Column, ...]
    options: Options
    stem: str
    sizes: tuple[tuple[int, bool], ...]

    @property
    def epsg(self) -> int:
        """Number of its coordinate system."""
        return int(self.options.crs.partition(":")[2])

    def rows(self, *, points: bool | None = None) -> int:
        """How many rows there are, of both kinds or of one."""
        return sum(n for n, kind in self.sizes if points in (None, kind))


@dataclass(frozen=True, slots=True)
class Loss:
    """One value that is not in the file as it was.

    Attributes:
        code: What happened to it.
        column: Name of the column in the file.
        row: Row, from 1, areas before points.
        plot_id: Our id of the plot.
        source_id: Its number as issued.
        full: The value as it was.
        written: The value as it is now.
    """

    code: LossCode
    column: str
    row: int
    plot_id: str
    source_id: str
    full: Any
    written: Any


class Losses:
    """Every value that could not be written as it was, by row and column."""

    def __init__(self) -> None:
        self._rows: dict[int, dict[str, Loss]] = {}

    def __iter__(self) -> Iterator[Loss]:
        return (loss for row in self._rows.values() for loss in row.values())

    def __len__(self) -> int:
        return sum(map(len, self._rows.values()))

    def add(
        self,
        code: LossCode,
        column: Column,
        chunk: Columns,
        at: tuple[int, int],
        full: object,
        written: object,
    ) -> None:
        """Note a value; ``at`` is the chunk's first row (from 0) and the place in the chunk."""
        first, i = at
        row = first + i + 1
        plot_id, source_id = (str(chunk.values[k][i]) for k in ("plot_id", "source_id"))
        self._rows.setdefault(row, {})[column.name] = Loss(
            code, column.name, row, plot_id, source_id, full, written
        )

    def in_rows(self, first: int, count: int) -> dict[str, list[Loss]]:
        """Those of ``count`` rows after row ``first`` (from 0), by column."""
        found: dict[str, list[Loss]] = {}
        for row in range(first + 1, first + count + 1):
            for name, loss in self._rows.get(row, {}).items():
                found.setdefault(name, []).append(loss)
        return found


@dataclass(frozen=True, slots=True)
class Rounded:
    """A column whose numbers were rounded to its decimals: how many, and by how much at most."""

    column: str
    values: int
    most: float


@dataclass(frozen=True, slots=True)
class Found:
    """A chunk read back: geometries in the file's system, plain values by column name."""

    geoms: Geometries
    values: Mapping[str, Values]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a format cannot do, known before anything is written.

    Attributes:
        encodings: Encodings of its texts.
        systems: EPSG codes it may be in; empty for all of ``EXPORT_CODES``.
        columns: Most columns.
        bytes: Largest part.
        tells_empty: Whether an empty text and no text stay apart.
        shape: Column in which the shape stands as a text that may be too long; empty for none.
        pictures: What pictures it takes.
        pictured: Most rows that may have pictures.
        facts: Whether the facts behind the columns have a table of their own.
    """

    encodings: tuple[str, ...] = ("utf-8",)
    systems: tuple[int, ...] = ()
    columns: int = 2_000
    bytes: int = 2**46
    tells_empty: bool = True
    shape: str = ""
    pictures: Pictured = ""
    pictured: int = 2_000
    facts: bool = False


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written and what could not be written as it was.

    Attributes:
        file: Name of the file.
        beside: Name of the report, in the file or beside it.
        format: Its format.
        rows: Rows in it, every one that was asked for.
        points: How many of them are points.
        options: How it was asked for.
        columns: The codebook.
        losses: Values that are shortened or changed, each one.
        rounded: Columns whose numbers were rounded to their decimals.
    """

    file: str
    beside: str
    format: str
    rows: int
    points: int
    options: Options
    columns: tuple[Column, ...]
    losses: tuple[Loss, ...] = ()
    rounded: tuple[Rounded, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The report as plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Format:
    """A format results leave in.

    Attributes:
        name: How it is asked for.
        suffix: Of its file.
        gdal: Whether writing or reading it back needs GDAL.
        limits: What it cannot do.
        columns: The file's columns for a schema and an encoding.
        write: Writes rows to a path and says what it could not write as it was.
        reopen: Reads them back, chunk by chunk as they were written.
        pack: Puts what was written, with its report, into the file that leaves; ``None`` where
            the written file leaves as it is and the report lies beside.
        add: Writes what else belongs in the file, once the rows are in it.
        others: Holds what else is in the file, beside columns and shapes, against the rows;
            refuses as ``compare`` does.
    """

    name: str
    suffix: str
    gdal: bool
    limits: Limits
    columns: Callable[[Schema, str], tuple[Column, ...]]
    write: Callable[[Iterator[Columns], Plan, Path], Losses]
    reopen: Callable[[Path, Plan], Iterator[Found]]
    pack: Callable[[Path, ExportReport], Path] | None = None
    add: Callable[[Iterator[Columns], Plan, Path], None] | None = None
    others: Callable[[Iterator[Columns], Plan, Path], None] | None = None
