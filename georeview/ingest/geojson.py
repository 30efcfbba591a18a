"""GeoJSON, parsed by Python's own reader: ids stay exact, no link is followed, nothing runs."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from georeview.errors.coordinates import CrsNotReadable
from georeview.errors.files import EncodingWrong, FileBroken, FormatDisguised, JsonTooLarge
from georeview.ingest.archive import Source
from georeview.ingest.encoding import Encoding, decode, known
from georeview.ingest.raw import Cell, Geometries, Raw, plain, unreadable, whole
from georeview.ingest.report import Flag
from georeview.ingest.sniff import looks_like

MAX_MB = 256
"""What is parsed takes about ten times the room; larger files come in formats that can be streamed."""


def read(source: Source, encoding: str | None, _layer: str | None) -> Raw:
    """All features of a collection.

    Raises:
        FormatDisguised: It is something else, be it JSON or not.
        EncodingWrong: Its text is in another encoding.
        CrsNotReadable: It names its coordinate system in a way that is not taken.
        FileBroken: It is damaged.
    """
    suffix = ".geojson" if ".geojson" in source.parts else ".json"
    document, found = document_of(source, suffix, encoding)
    return raw_of(
        _features(source.name, document),
        source,
        format="geojson",
        layer=source.stem,
        crs=_linked_crs(document.get("crs")),
        encoding=found,
    )


def text_of(
    source: Source, suffix: str, encoding: str | None, *, start: tuple[bytes, ...] = (b"{",)
) -> tuple[str, Encoding]:
    """The characters of a file of JSON.

    Args:
        source: Where it came from.
        suffix: Which part it is.
        encoding: What the user says; else it is UTF-8, as JSON has to be.
        start: How it may begin.

    Raises:
        JsonTooLarge: It is over the cap.
        FormatDisguised: It begins otherwise.
        EncodingWrong: Its text is in another encoding.
    """
    if source.parts[suffix].stat().st_size > MAX_MB * 2**20:
        raise JsonTooLarge(file=source.name, limit=MAX_MB)
    data = source.parts[suffix].read_bytes().removeprefix(b"\xef\xbb\xbf")
    if not data.lstrip().startswith(start):
        raise FormatDisguised(file=source.name, found=looks_like(data[:512]))
    found = known(encoding) if encoding else "utf-8"
    decoded = decode(data, found) if found else None
    if not found or decoded is None:
        raise EncodingWrong(file=source.name, encoding=encoding or "UTF-8", column="-", row=0)
    return decoded[0], Encoding(found, "given" if encoding else "format")


def document_of(
    source: Source, suffix: str, encoding: str | None
) -> tuple[dict[str, Any], Encoding]:
    """The object in a file of JSON."""
    text, found = text_of(source, suffix, encoding)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileBroken(file=source.name) from error
    if not isinstance(document, dict):
        raise FormatDisguised(file=source.name, found="JSON")
    return document, found


def raw_of(
    features: Sequence[Mapping[str, Any]],
    source: Source,
    *,
    format: str,  # noqa: A002 - as the attribute
    layer: str | None,
    crs: str,
    encoding: Encoding,
    notes: tuple[Flag, ...] = (),
    broken: Sequence[int] = (),
) -> Raw:
    """Features as rows.

    Args:
        features: The features (n).
        source: Where they came from.
        format: Name of the format.
        layer: Layer inside the file.
        crs: Their coordinate system.
        encoding: Encoding of the text.
        notes: What there is to say about the file.
        broken: Rows, from 1, of which nothing could be read.
    """
    properties = [_properties(feature) for feature in features]
    names = list(dict.fromkeys(name for row in properties for name in row))
    geoms = _geometries(features)
    unread = unreadable(geoms, [bool(feature.get("geometry")) for feature in features])
    return whole(
        source=source,
        format=format,
        layer=layer,
        columns={name: [row.get(name) for row in properties] for name in names},
        geoms=geoms,
        crs=crs,
        encoding=encoding.name,
        encoding_by=encoding.by,
        notes=notes,
        refused=unread | dict.fromkeys(broken, "row_unreadable"),
    )


def _features(name: str, document: Mapping[str, Any]) -> list[dict[str, Any]]:
    features = document.get("features")
    if document.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise FormatDisguised(file=name, found=f"JSON {str(document.get('type'))[:40]}")
    if not all(isinstance(feature, dict) for feature in features):
        raise FileBroken(file=name)
    return features


def _properties(feature: Mapping[str, Any]) -> dict[str, Cell]:
    given = feature.get("properties")
    row = (
        {_text(str(k)): _json_cell(v) for k, v in given.items()} if isinstance(given, dict) else {}
    )
    if "id" in feature and "id" not in row:
        row["id"] = _json_cell(feature["id"])
    return row


def _json_cell(value: Any) -> Cell:
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, int | float):
        return plain(value)
    return _text(json.dumps(value, ensure_ascii=False))


def _text(given: str) -> str:
    """Text that can be stored: half a surrogate pair, which JSON allows, is no character."""
    return given.encode("utf-8", "replace").decode("utf-8")


def _geometries(features: Sequence[Mapping[str, Any]]) -> Geometries:
    texts = [json.dumps(f["geometry"]) if f.get("geometry") else None for f in features]
    geoms = shapely.from_geojson(np.asarray(texts, dtype=object), on_invalid="ignore")
    return np.asarray(geoms, dtype=object)


def _linked_crs(crs: Any) -> str:
    """The system a GeoJSON names; RFC 7946 says longitude and latitude when it names none.

    Raises:
        CrsNotReadable: It is a link, which is not followed.
    """
    if crs is None:
        return "EPSG:4326"
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str):
        raise CrsNotReadable(text=json.dumps(crs, ensure_ascii=False)[:80])
    if "CRS84" in name.upper():
        return "EPSG:4326"
    found = re.search(r"EPSG:{1,2}(?:[\d.]*:)?(\d{4,6})$", name.strip(), re.IGNORECASE)
    return f"EPSG:{found[1]}" if found else name
