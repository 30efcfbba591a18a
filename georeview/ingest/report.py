"""What became of a file: every row stored or set aside, everything mended said."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from georeview.ingest.proposals import Proposal

Fact = str | int | float


@dataclass(frozen=True, slots=True)
class Flag:
    """Something to know about a row or a file; its sentence is ``flag.<code>.say``."""

    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row that was not taken, and why; its sentence is ``flag.<code>.say``."""

    row: int
    source_id: str | None
    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadReport:
    """What was found in a file.

    Attributes:
        file: Its name.
        sha256: Hash of its bytes; of a loose shapefile, of the hashes of its parts.
        format: Its name, as ``shp`` or ``gpkg``.
        layer: Layer inside it.
        encoding: Encoding of its texts.
        encoding_by: What spoke for it: given, cpg, ldid, mark, stated, content, ascii or format.
        crs: Coordinate system it was read in.
        crs_by: What spoke for that: given, file or evidence.
        columns: Field → header.
        unmapped: Headers that mean no field; kept as they are.
        rows_in: Rows in the file.
        kept: Rows that can be stored; the others were set aside.
        area_unit: Unit of the stated areas, where it could be told.
        notes: About the file as a whole.
        proposals: Fields that columns without one may mean; nothing was made of them.
    """

    file: str
    sha256: str
    format: str
    layer: str | None
    encoding: str | None
    encoding_by: str
    crs: str
    crs_by: str
    columns: Mapping[str, str]
    unmapped: tuple[str, ...]
    rows_in: int
    kept: int
    area_unit: str | None = None
    notes: tuple[Flag, ...] = ()
    proposals: tuple[Proposal, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The report as plain values."""
        return asdict(self)
