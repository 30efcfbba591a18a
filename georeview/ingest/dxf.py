"""DXF drawings: closed outlines with the texts that stand in them; texts alone are no plots."""

import re
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.errors import FormatDisguised
from georeview.geometry.assemble import assembled
from georeview.ingest import gdal, textfile
from georeview.ingest.archive import Source
from georeview.ingest.encoding import Encoding
from georeview.ingest.raw import Cell, Geometries, Raw, whole
from georeview.ingest.report import Flag
from georeview.ingest.sniff import looks_like

LABEL = "标注"
"""Column of the texts that stand in an outline."""

_START = re.compile(rb"(?:\s*999\s*\r?\n[^\n]*\n)*\s*0\s*\r?\n\s*SECTION\s")
_CODEPAGE = re.compile(rb"\$DWGCODEPAGE\s+3\s+(?:ANSI_|dos)?([\w-]{1,20})", re.IGNORECASE)
_TEXT = re.compile(r"AcDbM?Text|AcDbAttribute", re.IGNORECASE)


def read(source: Source, encoding: str | None, _layer: str | None) -> Raw:
    """All entities of a drawing.

    Raises:
        FormatDisguised: It is something else, or binary.
        EncodingWrong: Its text is in another encoding.
        FileBroken: It is damaged.
    """
    path, found = _in_utf8(source, encoding)
    raw = gdal.layer_of(source, path, "entities", format="dxf")
    rows = raw.together()
    kinds = [str(kind or "") for kind in rows.columns.get("SubClasses", [""] * rows.n)]
    is_text = np.array([_TEXT.search(kind) is not None for kind in kinds], dtype=bool)
    texts = [str(text or "") for text in rows.columns.get("Text", [""] * rows.n)]
    columns = {**rows.columns, LABEL: _labels(rows.geoms, is_text, texts)}
    is_block = np.array(["BlockReference" in kind for kind in kinds], dtype=bool)
    geoms = rows.geoms.copy()
    geoms[is_text | is_block] = None  # what is no plot says nothing of where the plots lie
    notes = [
        Flag(code, {"n": int(found.sum())})
        for code, found in (("drawing_texts", is_text), ("drawing_blocks", is_block))
        if found.any()
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
    )


def _in_utf8(source: Source, encoding: str | None) -> tuple[Path, Encoding]:
    """A copy in UTF-8: GDAL knows few of the code pages that drawings name."""
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
    pyogrio.set_gdal_config_options({"DXF_ENCODING": "UTF-8", "DXF_INLINE_BLOCKS": "FALSE"})
    return path, how


def _labels(geoms: Geometries, is_text: NDArray[np.bool_], texts: list[str]) -> list[Cell]:
    """The texts that stand in each outline, in the order of the drawing; of nested ones the inner."""
    areas = assembled(geoms).geoms
    places = np.flatnonzero(is_text & (shapely.get_type_id(geoms) == 0))
    outlines = np.flatnonzero(np.isin(shapely.get_type_id(areas), (3, 6)) & shapely.is_valid(areas))
    found: list[list[str]] = [[] for _ in texts]
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
