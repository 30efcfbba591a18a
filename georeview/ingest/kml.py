"""KML and KMZ: placemarks of one folder, with their extended data."""

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from georeview.errors.files import FileBroken, FormatDisguised
from georeview.ingest import choice, markup, unpack
from georeview.ingest.archive import Source
from georeview.ingest.encoding import Encoding
from georeview.ingest.markup import child, local, words
from georeview.ingest.raw import Cell, Raw, unreadable, whole
from georeview.ingest.sniff import looks_like

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_FOLDERS = frozenset({"Document", "Folder"})
_SHAPES = frozenset({"Point", "LineString", "LinearRing", "Polygon", "MultiGeometry", "Track", "MultiTrack", "Model"})  # fmt: skip
_PLAIN = frozenset({"name", "description", "address", "phoneNumber", "Snippet", "snippet"})
_TIMES = {"TimeStamp": ("when",), "TimeSpan": ("begin", "end")}
_BETWEEN = re.compile(r"\s*,\s*")


@dataclass(slots=True)
class _Folder:
    name: str
    rows: list[dict[str, Cell]] = field(default_factory=list)
    shapes: list[shapely.Geometry | None] = field(default_factory=list)
    given: list[bool] = field(default_factory=list)


def read(source: Source, encoding: str | None, layer: str | None) -> Raw:
    """The placemarks of a folder; those in no folder are one of their own.

    Raises:
        FormatDisguised: It is something else.
        LayerUnclear: Several folders hold placemarks, or not the one named.
        NoRows: None does.
        MarkupDeclares: It declares entities.
        FileBroken: It is damaged.
    """
    folders, found, stem = _folders(source, encoding)
    chosen, notes = choice.one_of(dict.fromkeys(folders, 1), layer, source.name)
    folder = folders[chosen]
    geoms = np.full(len(folder.shapes), None, dtype=object)
    geoms[:] = folder.shapes
    headers = dict.fromkeys(header for row in folder.rows for header in row)
    return whole(
        source=source,
        format="kml",
        layer=chosen if len(folders) > 1 else stem,
        columns={header: [row.get(header) for row in folder.rows] for header in headers},
        geoms=geoms,
        crs="EPSG:4326",
        encoding=found.name,
        encoding_by=found.by,
        notes=notes,
        refused=unreadable(geoms, folder.given),
    )


def layers(source: Source) -> list[str]:
    """Folders that hold placemarks."""
    return list(_folders(source, None)[0])


def _folders(source: Source, encoding: str | None) -> tuple[dict[str, _Folder], Encoding, str]:
    path = source.parts[".kml"] if ".kml" in source.parts else _inside(source)
    text, found = markup.text_of(path, source.name, "kml", encoding)
    folders: dict[int, _Folder] = {}
    open_: list[Element] = []
    for event, element in markup.elements(text, source.name):
        name = local(element)
        if name in _FOLDERS and event == "start":
            open_.append(element)
        elif name in _FOLDERS:
            if (own := folders.get(id(open_.pop()))) is not None:
                own.name = words(child(element, "name")) or ""
        elif name == "Placemark" and event == "end":
            key = id(open_[-1]) if open_ else 0
            _take(element, folders.setdefault(key, _Folder("")))
            element.clear()
    return _named(list(folders.values()), source.stem), found, source.stem


def _named(folders: Sequence[_Folder], stem: str) -> dict[str, _Folder]:
    """Folders by their names, those without or with one that is taken by a number."""
    named: dict[str, _Folder] = {}
    for folder in folders:
        number, name = 2, folder.name or stem
        while name in named:
            name = f"{folder.name or stem}#{number}"
            number += 1
        named[name] = folder
    return named


def _inside(source: Source) -> Path:
    """The document in a KMZ: ``doc.kml``, else the first there is."""
    path = source.parts[".kmz"]
    with path.open("rb") as file:
        start = file.read(512)
    if not start.startswith(b"PK"):
        raise FormatDisguised(file=source.name, found=looks_like(start))
    target = path.with_name("inside.kml")
    try:
        with zipfile.ZipFile(path) as packed:
            unpack.check_zip(path, source.name, packed.infolist())
            members = [m for m in packed.infolist() if m.filename.lower().endswith(".kml")]
            members.sort(key=lambda member: member.filename.lower() != "doc.kml")
            if not members:
                raise FormatDisguised(file=source.name, found="zip")
            with packed.open(members[0]) as document:
                most = max(unpack.SMALL, members[0].compress_size * unpack.MAX_RATIO)
                unpack.copied(document, target, most, source.name)
    except unpack.BROKEN as error:
        raise FileBroken(file=source.name) from error
    return target


# Placemarks --------------------------------------------------------------------------------------


def _take(placemark: "Element", folder: _Folder) -> None:
    row: dict[str, Cell] = {}
    if placemark.get("id"):
        row["kml_id"] = placemark.get("id")
    shape = None
    for element in placemark:
        name = local(element)
        if name in _PLAIN:
            row[name] = words(element)
        elif name in _TIMES:
            row |= {part: words(child(element, part)) for part in _TIMES[name]}
        elif name == "ExtendedData":
            row |= dict(_extended(element))
        elif name in _SHAPES:
            shape = element if shape is None else shape
    folder.rows.append({header: cell for header, cell in row.items() if cell is not None})
    folder.shapes.append(_shape(shape))
    folder.given.append(shape is not None)


def _extended(data: "Element") -> Iterator[tuple[str, Cell]]:
    """Names and values: of ``Data``, of a schema's ``SimpleData``, or of a namespace of its own."""
    for element in data:
        name = local(element)
        if name == "Data":
            value = child(element, "value")
            yield str(element.get("name") or ""), words(value if value is not None else element)
        elif name == "SchemaData":
            for simple in element:
                yield str(simple.get("name") or local(simple)), words(simple)
        else:
            yield name, words(element)


# Shapes ------------------------------------------------------------------------------------------


def _shape(element: "Element | None") -> shapely.Geometry | None:
    """What can be made of a shape; ``None`` where it is no shape of the plane, or broken."""
    if element is None:
        return None
    name = local(element)
    try:
        if name == "Point":
            return shapely.Point(*_points(child(element, "coordinates")))
        if name in ("LineString", "LinearRing"):
            return shapely.LineString(_points(child(element, "coordinates")))
        if name == "Polygon":
            return _polygon(element)
        if name == "Track":
            return shapely.LineString(
                [_numbers((words(w) or "").split()) for w in element if local(w) == "coord"]
            )
        if name in ("MultiGeometry", "MultiTrack"):
            return _gathered([_shape(inner) for inner in element if local(inner) in _SHAPES])
    except (ValueError, TypeError, shapely.GEOSException):
        return None
    return None


def _gathered(parts: Sequence[shapely.Geometry | None]) -> shapely.Geometry | None:
    if not parts or any(part is None for part in parts):
        return None
    if len(parts) == 1:
        return parts[0]
    kinds = {part.geom_type for part in parts if part is not None}
    if kinds == {"Polygon"}:
        return shapely.MultiPolygon(parts)
    return shapely.GeometryCollection(parts)


def _polygon(element: "Element") -> shapely.Geometry:
    outer = child(element, "outerBoundaryIs")
    rings = [_ring(outer)] if outer is not None else []
    holes = [_ring(inner) for inner in element if local(inner) == "innerBoundaryIs"]
    return shapely.Polygon(rings[0] if rings else None, holes)


def _ring(boundary: "Element") -> list[tuple[float, ...]]:
    ring = child(boundary, "LinearRing")
    return _points(child(ring, "coordinates") if ring is not None else None)


def _points(element: "Element | None") -> list[tuple[float, ...]]:
    """Points of ``lon,lat[,height] …``; blanks round the commas, as some write, are no end."""
    given = _BETWEEN.sub(",", words(element) or "")
    return [_numbers(point.split(",")) for point in given.split()]


def _numbers(parts: Sequence[str]) -> tuple[float, ...]:
    """Two numbers, or three; heights of nought say nothing and are left off."""
    found = tuple(float(part) for part in parts[:3] if part)
    if len(found) < 2:
        raise ValueError(parts)
    return found if len(found) == 3 and found[2] else found[:2]
