"""KML and KMZ: plots drawn in the colour of their mark, with every column as typed data.

What comes from outside is text twice over: escaped for XML, and for the description, which viewers
read as HTML. Nothing refers to another host. Specification: OGC KML 2.3 (12-007r2).
"""

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from html import escape
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final
from xml.etree.ElementTree import Element, iterparse

import numpy as np
import shapely

from georeview.core.fields import EXPORT_FIELDS
from georeview.core.palette import MARKS, MarkStyle
from georeview.errors.exports import ExportDiffers
from georeview.exports import fit, names
from georeview.exports.base import (
    Column,
    Columns,
    Format,
    Found,
    Geometries,
    Limits,
    Losses,
    Picture,
    Plan,
    Schema,
)

_SPACE: Final = "http://www.opengis.net/kml/2.2"
_TYPES: Final = {"text": "string", "date": "string", "integer": "double", "real": "double"}
"""Whole numbers too: an ``int`` has 32 bits for some readers."""
_TOLD: Final = ("type_issued", "mark", "reason", "county_name", "township_name", "river", "note")
"""What the description says of a plot."""
_MEANING: Final = {field.name: field.zh for field in EXPORT_FIELDS}
_DOCUMENT: Final = "doc.kml"
_LINE_PX: Final = 2.5


def _columns(schema: Schema, encoding: str) -> tuple[Column, ...]:
    return names.long(schema, encoding, taken=("name", "description"))


def _write(chunks: Iterator[Columns], plan: Plan, path: Path) -> Losses:
    with path.open("wb") as file:
        return _document(file, chunks, plan, [])


def _write_zipped(chunks: Iterator[Columns], plan: Plan, path: Path) -> Losses:
    """The document, and beside it the photos that were asked for."""
    pictures: list[Picture] = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        with file.open(_DOCUMENT, "w", force_zip64=True) as document:
            losses = _document(document, chunks, plan, pictures)
        for picture in pictures:
            file.writestr(picture.name, picture.jpeg, zipfile.ZIP_STORED)
    return losses


def _document(
    file: IO[bytes], chunks: Iterator[Columns], plan: Plan, pictures: list[Picture]
) -> Losses:
    losses, first = Losses(), 0
    file.write(_head(plan).encode())
    for chunk in chunks:
        file.write("".join(_placemarks(chunk, plan, first, losses)).encode())
        pictures += (picture for row in chunk.pictures for picture in row)
        first += len(chunk)
    file.write(b"</Document></kml>\n")
    return losses


def _head(plan: Plan) -> str:
    fields = "".join(
        f'<SimpleField type="{_TYPES[column.kind]}" name="{_text(column.name)}">'
        f"<displayName>{_text(column.zh)}</displayName></SimpleField>"
        for column in plan.columns
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="{_SPACE}"><Document>'
        f"<name>{_text(fit.shown(plan.options.title))}</name>"
        f"{''.join(map(_style, MARKS.values()))}"
        f'<Schema name="plots" id="plots">{fields}</Schema>\n'
    )


def _style(style: MarkStyle) -> str:
    line, wash = _colour(style.fill, 1.0), _colour(style.fill, style.wash)
    return (
        f'<Style id="{style.mark}"><IconStyle><color>{line}</color></IconStyle><LineStyle><color>'
        f"{line}</color><width>{_LINE_PX}</width></LineStyle><PolyStyle><color>{wash}</color>"
        "</PolyStyle></Style>"
    )


def _colour(rgb: str, opacity: float) -> str:
    """``#RRGGBB`` as KML has it: opacity, blue, green, red."""
    return f"{round(255 * opacity):02x}{rgb[5:7]}{rgb[3:5]}{rgb[1:3]}".lower()


def _placemarks(chunk: Columns, plan: Plan, first: int, losses: Losses) -> Iterator[str]:
    cells = [_cells(column, chunk, first, losses) for column in plan.columns]
    geoms = np.asarray(shapely.from_wkb(np.asarray(chunk.wkb, dtype=object)), dtype=object)
    shapes = _points(geoms) if chunk.points else _polygons(geoms)
    for i, row in enumerate(zip(*cells, strict=True)):
        mark = chunk.values["mark"][i]
        style = f"<styleUrl>#{mark}</styleUrl>" if mark in MARKS else ""
        yield (
            f"<Placemark><name>{_text(fit.shown(str(chunk.values['source_id'][i])))}</name>"
            f"<description>{_text(_description(chunk, i))}</description>{style}"
            f'<ExtendedData><SchemaData schemaUrl="#plots">{"".join(row)}</SchemaData>'
            f"</ExtendedData>{shapes[i]}</Placemark>\n"
        )


def _cells(column: Column, chunk: Columns, first: int, losses: Losses) -> list[str]:
    values = fit.cells(column, chunk, first, losses, fit.for_xml)
    head = f'<SimpleData name="{_text(column.name)}">'
    made = {
        value: "" if value in (None, "") else f"{head}{_text(_plain(value))}</SimpleData>"
        for value in set(values)
    }
    return [made[value] for value in values]


def _plain(value: str | float | date) -> str:
    if isinstance(value, str):
        return value
    return value.isoformat() if isinstance(value, date) else repr(value)


def _text(text: str) -> str:
    """A text for XML; the parser of whoever reads it would make a new line of a return."""
    return escape(text).replace("\r", "&#13;")


def _description(chunk: Columns, i: int) -> str:
    """What a viewer shows in a bubble, as HTML."""
    told = ((_MEANING[name], chunk.values[name][i]) for name in _TOLD)
    lines = [f"<b>{zh}</b> {escape(fit.shown(str(value)))}" for zh, value in told if value]
    photos = [f'<img src="{p.name}" width="360">' for p in (chunk.pictures or [()] * (i + 1))[i]]
    return "<br>".join([*lines, *photos])


def _points(geoms: Geometries) -> list[str]:
    return [f"<Point><coordinates>{at}</coordinates></Point>" for at in _coordinates(geoms)]


def _polygons(geoms: Geometries) -> list[str]:
    turned = shapely.orient_polygons(geoms, exterior_cw=False)
    parts, owner = shapely.get_parts(turned, return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    polygons = [""] * len(parts)
    for coordinates, part in zip(_coordinates(rings), of_part.tolist(), strict=True):
        side = "inner" if polygons[part] else "outer"
        polygons[part] += (
            f"<{side}BoundaryIs><LinearRing><coordinates>{coordinates}</coordinates></LinearRing>"
            f"</{side}BoundaryIs>"
        )
    shapes: list[list[str]] = [[] for _ in geoms]
    for polygon, n in zip(polygons, owner.tolist(), strict=True):
        shapes[n].append(f"<Polygon>{polygon}</Polygon>")
    return [
        held[0] if len(held) == 1 else f"<MultiGeometry>{''.join(held)}</MultiGeometry>"
        for held in shapes
    ]


def _coordinates(geoms: Geometries) -> list[str]:
    """The vertices of each point or ring, every digit kept."""
    places = [f"{lon!r},{lat!r}" for lon, lat in shapely.get_coordinates(geoms).tolist()]
    ends = np.cumsum(shapely.get_num_coordinates(geoms)).tolist()
    return [" ".join(places[a:b]) for a, b in zip([0, *ends], ends, strict=False)]


# Back -------------------------------------------------------------------------------------------


def _tag(name: str) -> str:
    return f"{{{_SPACE}}}{name}"


def _reopen(path: Path, plan: Plan) -> Iterator[Found]:
    """Read by an XML parser, plot by plot."""
    with _opened(path) as file:
        placemarks = _read(file)
        for size in [*(n for n, _ in plan.sizes), None]:
            if held := list(islice(placemarks, size)):
                yield _found(held, plan)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    if path.suffix == ".kml":
        with path.open("rb") as file:
            yield file
    else:
        with zipfile.ZipFile(path) as packed, packed.open(_DOCUMENT) as file:
            yield file


Placemark = tuple[dict[str, str], shapely.Geometry]


def _read(file: IO[bytes]) -> Iterator[Placemark]:
    document = None
    for event, element in iterparse(file, ("start", "end")):  # noqa: S314 - ours
        if event == "start":
            document = element if element.tag == _tag("Document") else document
        elif element.tag == _tag("Placemark"):
            data = element.iter(_tag("SimpleData"))
            yield {one.get("name", ""): one.text or "" for one in data}, _shape(element)
            if document is not None:
                document.clear()


def _shape(placemark: Element) -> shapely.Geometry:
    polygons = [
        shapely.Polygon(rings[0], rings[1:])
        for polygon in placemark.iter(_tag("Polygon"))
        if (rings := [_vertices(one) for one in polygon.iter(_tag("coordinates"))])
    ]
    if not polygons:
        return shapely.Point(_vertices(next(placemark.iter(_tag("coordinates"))))[0])
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _vertices(coordinates: Element) -> list[list[float]]:
    return [[float(n) for n in place.split(",")] for place in (coordinates.text or "").split()]


def _found(placemarks: Sequence[Placemark], plan: Plan) -> Found:
    values = {
        column.name: [_value(column, data.get(column.name)) for data, _ in placemarks]
        for column in plan.columns
    }
    return Found(np.array([shape for _, shape in placemarks], dtype=object), values)


def _value(column: Column, told: str | None) -> Any:
    numeric = column.kind in ("integer", "real")
    return float(told) if told is not None and numeric else told


def _others(chunks: Iterable[Columns], _plan: Plan, path: Path) -> None:
    """Hold the photos against those that were given."""
    with zipfile.ZipFile(path) as file:
        for chunk in chunks:
            for plot, pictures in zip(chunk.values["source_id"], chunk.pictures, strict=False):
                for picture in pictures:
                    if file.read(picture.name) != picture.jpeg:
                        raise ExportDiffers(column=picture.name, plot=str(plot), what="pictures")


KML: Final = Format(
    name="kml",
    suffix=".kml",
    gdal=False,
    limits=Limits(systems=(4490, 4326), tells_empty=False),
    columns=_columns,
    write=_write,
    reopen=_reopen,
)

KMZ: Final = Format(
    name="kmz",
    suffix=".kmz",
    gdal=False,
    limits=Limits(systems=(4490, 4326), tells_empty=False, pictures="photos"),
    columns=_columns,
    write=_write_zipped,
    reopen=_reopen,
    others=_others,
)
