"""What is seen of a file before anything is decided: values that leave the sandbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from georeview.errors import GeoreviewError
from georeview.errors.coordinates import (
    AxesSwapped,
    CrsContradicted,
    CrsMissing,
    CrsNotAccepted,
    CrsNotReadable,
    CrsOldDatum,
    CrsUntold,
    OutsideArea,
)
from georeview.errors.files import (
    ColumnMissing,
    ColumnsUnclear,
    EncodingNotKnown,
    EncodingUnclear,
    EncodingWrong,
    GeometryKindWrong,
    LayerKindUnclear,
    LayerUnclear,
    LayerVersionTaken,
)
from georeview.geometry.crs import Because
from georeview.ingest.encoding import Reading
from georeview.ingest.proposals import Proposal
from georeview.ingest.report import Fact, Flag

ABOUT: Mapping[type[GeoreviewError], str] = MappingProxyType(
    {
        LayerUnclear: "layer",
        EncodingUnclear: "encoding",
        EncodingWrong: "encoding",
        EncodingNotKnown: "encoding",
        ColumnsUnclear: "columns",
        ColumnMissing: "columns",
        CrsMissing: "crs",
        CrsUntold: "crs",
        CrsContradicted: "crs",
        CrsNotReadable: "crs",
        CrsNotAccepted: "crs",
        CrsOldDatum: "crs",
        AxesSwapped: "crs",
        OutsideArea: "crs",
        LayerKindUnclear: "kind",
        GeometryKindWrong: "kind",
        LayerVersionTaken: "about",
    }
)
"""Refusals that a choice can answer → what has to be chosen."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a person has to decide: ``layer encoding columns crs kind about``, and the refusal that says why."""

    about: str
    code: str
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header, the field it is taken for, some of its values, and what it may mean."""

    header: str
    field: str | None
    examples: tuple[str, ...]
    proposed: Proposal | None


@dataclass(frozen=True, slots=True)
class Placing:
    """Where the shapes land under one coordinate system.

    Attributes:
        crs: ``EPSG:n`` where it is a registered one, else its name.
        name: Its name.
        stated: Whether the file or the user names it.
        chosen: Whether the file would be taken in it.
        share: Share of the shapes that lie where they are expected, 0-1.
        because: What speaks for it, and what against it.
        bbox: West, south, east, north in degrees; ``None`` where there is no place at all.
        rows: Rows of the shapes drawn.
        shapes: Their outlines, WKB, EPSG:4490, simplified.
    """

    crs: str
    name: str
    stated: bool
    chosen: bool
    share: float
    because: tuple[Because, ...]
    bbox: tuple[float, float, float, float] | None
    rows: tuple[int, ...]
    shapes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of a file.

    Attributes:
        file: Its name.
        kind: The kind of layer it is taken for; ``None`` where that is not clear, and for plots.
        format: What it is; ``None`` where not even that is clear.
        layer: The layer looked at.
        layers: The layers there are to choose from, where that is asked or has been answered.
        rows: Rows in it.
        encoding: Encoding of its texts.
        encoding_by: What spoke for it.
        readings: How texts beyond ASCII read in each encoding they are valid in.
        crs: Coordinate system the file names.
        crs_by: What spoke for the one chosen: given, file or evidence; ``None`` when none is.
        placings: Coordinate systems that fit, and the one it names; the chosen one first.
        columns: Its columns.
        first: Its first rows, as texts, in the order of the columns.
        first_rows: The numbers of these rows as people see them.
        notes: About the file as a whole.
        questions: What has to be decided before it can be taken.
    """

    file: str
    kind: str | None = None
    format: str | None = None
    layer: str | None = None
    layers: tuple[str, ...] = ()
    rows: int = 0
    encoding: str | None = None
    encoding_by: str | None = None
    readings: tuple[Reading, ...] = ()
    crs: str | None = None
    crs_by: str | None = None
    placings: tuple[Placing, ...] = ()
    columns: tuple[Column, ...] = ()
    first: tuple[tuple[str | None, ...], ...] = ()
    first_rows: tuple[int, ...] = ()
    notes: tuple[Flag, ...] = ()
    questions: tuple[Question, ...] = ()


def question(error: GeoreviewError) -> Question | None:
    """What a refusal asks a person to decide; ``None`` where nothing can be decided."""
    about = next((ABOUT[kind] for kind in type(error).__mro__ if kind in ABOUT), None)
    if about is None:
        return None
    facts = {
        name: value if isinstance(value, str | int | float) else str(value)
        for name, value in error.facts.items()
    }
    return Question(about, error.code, facts)


def asked(error: GeoreviewError) -> tuple[Question, ...]:
    """The same as a tuple of one or none."""
    found = question(error)
    return () if found is None else (found,)
