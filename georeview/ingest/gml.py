"""GML, as GDAL reads it once its characters are UTF-8 and it points nowhere."""

import re
from dataclasses import replace
from pathlib import Path

from georeview.ingest import gdal, markup
from georeview.ingest.archive import Source
from georeview.ingest.encoding import Encoding
from georeview.ingest.raw import Raw

_DECLARATION = re.compile(r"\s*<\?xml.*?\?>", re.DOTALL)
_ROOT = re.compile(r"<[A-Za-z_][^>]*>")
_SCHEMA = re.compile(r"""\s[\w.-]*:?(?:noNamespaceS|s)chemaLocation\s*=\s*(?:"[^"]*"|'[^']*')""")
_BOX = re.compile(r"<((?:[\w.-]+:)?boundedBy)>.*?</\1>", re.DOTALL)
"""Boxes round the shapes, which GDAL would take for columns."""

_CONFIG = {"GML_FIELDTYPES": "ALWAYS_STRING", "GML_DOWNLOAD_SCHEMA": "NO", "GML_SKIP_RESOLVE_ELEMS": "ALL"}  # fmt: skip
"""Every value is text: numbers as issued begin with noughts."""


def read(source: Source, encoding: str | None, layer: str | None) -> Raw:
    """The layer that is meant.

    Raises:
        FormatDisguised: It is something else.
        MarkupDeclares: It declares entities.
        LayerUnclear: Several layers may be meant, or there is none of that name.
        NoRows: None holds a row.
        FileBroken: It is damaged.
    """
    path, found = _pointing_nowhere(source, encoding)
    raw = gdal.layer_of(source, path, layer, format="gml")
    return replace(raw, encoding=found.name, encoding_by=found.by)


def layers(source: Source) -> list[str]:
    """Layers that hold rows."""
    path, _ = _pointing_nowhere(source, None)
    return gdal.layers_of(path, source.name)


def _pointing_nowhere(source: Source, encoding: str | None) -> tuple[Path, Encoding]:
    """A copy in UTF-8 that names no schema, which GDAL would look for elsewhere."""
    import pyogrio

    pyogrio.set_gdal_config_options(_CONFIG)
    given = source.parts[".gml"]
    text, found = markup.text_of(given, source.name, "[A-Za-z_][A-Za-z_0-9.-]*Collection", encoding)
    for _, element in markup.elements(text, source.name):
        element.clear()  # GDAL would take what comes before a fault for all there is
    text = _DECLARATION.sub("", text, count=1)
    text = _BOX.sub("", text)
    text = _ROOT.sub(lambda root: _SCHEMA.sub("", root[0]), text, count=1)
    path = given.with_name("plain.gml")
    path.write_text('<?xml version="1.0" encoding="UTF-8"?>\n' + text, encoding="utf-8")
    return path, found
