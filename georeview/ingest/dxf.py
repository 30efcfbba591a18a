"""DXF drawings: closed outlines with the texts that stand in them; texts alone are no plots.

What blocks hold is read where they are inserted; each closed outline of one is a row.
"""

import re
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.errors.files import FormatDisguised
from georeview.geometry.assemble import assembled
from georeview.ingest import arrow, blocks, gdal, textfile
from georeview.ingest.archive import Source
from georeview.ingest.blocks import Blocks, Inside
from georeview.ingest.encoding import Encoding
from georeview.ingest.raw import Cell, Chunk, Geometries, Raw, whole
from georeview.ingest.report import Flag
from georeview.ingest.sniff import looks_like

LABEL = "标注"
"""Column of the texts that stand in an outline."""

_START = re.compile(rb"(?:\s*999\s*\r?\n[^\n]*\n)*\s*0\s*\r?\n\s*SECTION\s")
_CODEPAGE = re.compile(rb"\$DWGCODEPAGE\s+3\s+(?:ANSI_|dos)?([\w-]{1,20})", re.IGNORECASE)
_TEXT = re.compile(r"AcDbM?Text|AcDbAttribute", re.IGNORECASE)
_CURVED = re.compile(r"AcDb(?:Arc|Circle|Ellipse|Spline)\b", re.IGNORECASE)
_NOUGHT = re.compile(r"\n *0 *\r?\n")
_HANDLE = re.compile(r"\n *5 *\r?\n *(\w{1,16})")
_BULGE = re.compile(r"(?:^|\n) *42 *\r?\n *-?[\d.]*[1-9]")


def read(source: Source, encoding: str | None, _layer: str | None) -> Raw:
    """All entities of a drawing.

    Raises:
        FormatDisguised: It is something else, or binary.
        EncodingWrong: Its text is in another encoding.
        FileBroken: It is damaged.
    """
    path, found, bulged = _in_utf8(source, encoding)
    raw = gdal.layer_of(source, path, "entities", format="dxf")
    found_in = blocks.resolved(raw.together(), _blocks(path, source.name))
    rows, placed = found_in.rows, found_in.placed
    kinds = [str(kind or "") for kind in rows.columns.get("SubClasses", [""] * rows.n)]
    is_text = np.array([_TEXT.search(kind) is not None for kind in kinds], dtype=bool)
    is_block = (
        np.array([blocks.is_insert(rows, row) for row in range(rows.n)], dtype=bool) & ~placed
    )
    texts = [str(text or "") for text in rows.columns.get("Text", [""] * rows.n)]
    columns = {**rows.columns, LABEL: _labels(rows.geoms, is_text, texts, found_in.texts)}
    geoms = rows.geoms.copy()
    geoms[is_text | is_block] = None  # what is no plot says nothing of where the plots lie
    counts = (
        ("drawing_texts", {"n": int(is_text.sum())}),
        ("drawing_blocks", {"n": found_in.inserts, "shapes": int(placed.sum())}),
    )
    notes = [Flag(code, facts) for code, facts in counts if facts["n"]]
    handles = (str(h).rpartition("/")[2] for h in rows.columns.get("EntityHandle", [""] * rows.n))
    curved = [
        bool(_CURVED.search(kind)) or h in bulged for kind, h in zip(kinds, handles, strict=True)
    ]
    return whole(
        source=source,
        format="dxf",
        layer=source.stem,
        columns=columns,
        geoms=geoms,
        crs=None,
        encoding=found.name,
        encoding_by=found.by,
        notes=(*raw.notes, *notes),
        refused={
            **rows.refused,
            **{int(i) + 1: "drawing_text" for i in np.flatnonzero(is_text)},
            **{int(i) + 1: "drawing_block" for i in np.flatnonzero(is_block)},
        },
        noted=_noted(placed, np.array(curved, dtype=bool)),
    )


def _blocks(path: Path, file: str) -> Blocks:
    """The blocks of a drawing; none where GDAL finds none."""
    if "blocks" not in gdal.layers_of(path, file):
        return Blocks(None)
    layer = arrow.layer(path, "blocks", file)
    chunks = list(layer.chunks())
    columns = {h: [cell for chunk in chunks for cell in chunk.columns[h]] for h in layer.headers}
    return Blocks(Chunk(1, columns, np.concatenate([chunk.geoms for chunk in chunks])))


def _noted(placed: NDArray[np.bool_], curved: NDArray[np.bool_]) -> dict[int, tuple[str, ...]]:
    """What there is to say about rows, by their number from 1."""
    some = np.flatnonzero(placed | curved).tolist()
    both = (("block_placed", placed), ("arcs_straightened", curved))
    return {row + 1: tuple(code for code, found in both if found[row]) for row in some}


def _in_utf8(source: Source, encoding: str | None) -> tuple[Path, Encoding, frozenset[str]]:
    """A copy in UTF-8, for GDAL knows few of the code pages that drawings name; and what has arcs."""
    import pyogrio

    given = source.parts[".dxf"]
    data = given.read_bytes()
    if not _START.match(data.removeprefix(b"\xef\xbb\xbf")):
        binary = data.startswith(b"AutoCAD Binary DXF")
        found = "binary DXF" if binary else looks_like(data[:512])
        raise FormatDisguised(file=source.name, found=found)
    stated = _CODEPAGE.search(data[:100_000])
    text, how = textfile.decoded(
        data, source.name, encoding, stated[1].decode("ascii") if stated else None
    )
    path = given.with_name("plain.dxf")
    path.write_text(text, encoding="utf-8", newline="")
    # Blocks may hold blocks that hold blocks: put in their places they would grow without end.
    options = {"DXF_INLINE_BLOCKS": "FALSE", "DXF_MERGE_BLOCK_GEOMETRIES": "FALSE"}
    pyogrio.set_gdal_config_options({"DXF_ENCODING": "UTF-8", **options})
    return path, how, _bulged(text)


def _bulged(text: str) -> frozenset[str]:
    """Handles of polylines in which a piece is an arc, which GDAL has made straight unasked."""
    found, kind, handle = set[str](), "", ""
    for part in _NOUGHT.split(text) if _BULGE.search(text) else ():
        # Behind a nought stands the name of the next entity, or, if it was a value, a number.
        head = part[:12].split("\n", 1)[0].strip()
        if head.isalpha():
            kind = head
            named = _HANDLE.search(part)
            if kind in ("LWPOLYLINE", "POLYLINE"):
                handle = named[1] if named else ""
        if kind in ("LWPOLYLINE", "VERTEX") and _BULGE.search(part):
            found.add(handle)
    return frozenset(found - {""})


def _labels(
    rows: Geometries, is_text: NDArray[np.bool_], texts: list[str], more: Inside
) -> list[Cell]:
    """The texts that stand in each outline, in the order of the drawing; of nested ones the inner.

    Args:
        rows: All entities (n,).
        is_text: Which of them are texts (n,).
        texts: The texts (n,).
        more: Texts out of blocks, which are no entities of the drawing.
    """
    areas = assembled(rows).geoms
    geoms = np.concatenate([rows, more.geoms])
    texts = [*texts, *(text or "" for text in more.texts)]
    written = np.concatenate([is_text, np.ones(len(more.geoms), dtype=bool)])
    places = np.flatnonzero(written & (shapely.get_type_id(geoms) == 0))
    outlines = np.flatnonzero(np.isin(shapely.get_type_id(areas), (3, 6)) & shapely.is_valid(areas))
    found: list[list[str]] = [[] for _ in rows]
    if len(places) and len(outlines):
        size = shapely.area(areas[outlines])
        tree = shapely.STRtree(areas[outlines])
        place, outline = tree.query(geoms[places], predicate="within")
        inner: dict[int, int] = {}
        for i, j in zip(place.tolist(), outline.tolist(), strict=True):
            if i not in inner or size[j] < size[inner[i]]:
                inner[i] = j
        for i, j in sorted(inner.items()):
            found[int(outlines[j])].append(texts[int(places[i])])
    return [" ".join(words) or None for words in found]
