"""GeoJSON line by line (RFC 8142, or newlines alone): one feature after another."""

import json
from typing import Any

from georeview.errors.files import FileBroken, FormatDisguised
from georeview.ingest import geojson
from georeview.ingest.archive import Source
from georeview.ingest.raw import Raw
from georeview.ingest.report import Flag

SUFFIXES = (".geojsonl", ".geojsons", ".ndjson")
_RECORD = "\x1e"


def read(source: Source, encoding: str | None, _layer: str | None) -> Raw:
    """All features.

    Raises:
        FormatDisguised: It is something else.
        EncodingWrong: Its text is in another encoding.
        FileBroken: Not one line can be read.
    """
    suffix = next(s for s in SUFFIXES if s in source.parts)
    text, found = geojson.text_of(source, suffix, encoding, start=(b"{", b"\x1e"))
    given = text.split(_RECORD) if _RECORD in text else text.split("\n")
    lines = [line for line in given if line.strip()]
    features = [_feature(line) for line in lines]
    bad = [row for row, feature in enumerate(features, 1) if feature is None]
    if len(bad) == len(features):
        raise FileBroken(file=source.name)
    kinds = {str(feature.get("type")) for feature in features if feature is not None}
    if kinds != {"Feature"}:
        raise FormatDisguised(file=source.name, found=f"JSON {min(kinds - {'Feature'})[:40]}")
    return geojson.raw_of(
        [feature or {} for feature in features],
        source,
        format="geojsonseq",
        layer=source.stem,
        crs="EPSG:4326",
        encoding=found,
        notes=(Flag("lines_broken", {"n": len(bad), "row": bad[0]}),) if bad else (),
        broken=bad,
    )


def _feature(line: str) -> dict[str, Any] | None:
    """A feature; ``None`` where the line is cut or no JSON, which is said of that row alone."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
