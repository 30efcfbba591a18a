"""One version of a boundary layer, made ready once: projected, cut small, indexed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.core.layers import ADMINISTRATIVE, KINDS
from georeview.geometry import measure, subdivide
from georeview.geometry.repair import mended
from georeview.geometry.subdivide import Pieces

Geometries = NDArray[np.object_]
Int = NDArray[np.int64]
Float64 = NDArray[np.float64]
Props = Mapping[str, str | float | None]

SNAP_DEGREES: Final = 1e-9
"""Neighbours are joined on a grid of 0.1 mm, so that a shared border leaves no seam."""

OVERLAP_SHARE: Final = 1e-7
OVERLAP_M2: Final = 1.0
"""Features overlap when their areas add up to more than their union by more than these."""


class Feature(Protocol):
    """What a layer is made of, wherever its rows come from; see ``LayerFeature``."""

    @property
    def wkb(self) -> bytes: ...  # noqa: D102
    @property
    def code(self) -> str | None: ...  # noqa: D102
    @property
    def name(self) -> str | None: ...  # noqa: D102
    @property
    def props(self) -> Props: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class LayerFeature:
    """One feature of a layer.

    Attributes:
        wkb: Geometry in EPSG:4490.
        code: Code in the layer, such as an administrative code; None where it has none.
        name: Name for people.
        props: Canonical attributes of the layer kind (``domain`` names).
    """

    wkb: bytes
    code: str | None
    name: str | None
    props: Props = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """Lines cut into stretches, with a tree over them.

    Attributes:
        geoms: Stretches (m,) in the metric plane.
        owner: Feature each belongs to (m,); for a boundary line the number of the line.
        chain_m: True distance of its start from the start of its line (m,), metres.
        tree: Index over ``geoms``.
    """

    geoms: Geometries
    owner: Int
    chain_m: Float64
    tree: shapely.STRtree


@dataclass(frozen=True, slots=True)
class Prepared:
    """A layer version ready to be laid over.

    Picklable: a caller may keep it on disk. What it was made from is named by ``layer_id`` and
    ``version``.

    Attributes:
        kind: Kind of layer (a key of ``core.layers.KINDS``).
        layer_id: Which layer.
        version: Which version of it.
        codes: Code of each feature (n,).
        names: Name of each feature (n,).
        props: Attributes of each feature (n,).
        geoms: Features whole (n,), metric plane.
        areas: Features of a polygon layer cut small, owners are features; else empty.
        cover: The same without overlaps; the very object ``areas`` where none overlap.
        line: Outer boundary of a polygon layer, or the lines of a line layer.
    """

    kind: str
    layer_id: str
    version: str
    codes: tuple[str | None, ...]
    names: tuple[str | None, ...]
    props: tuple[Props, ...]
    geoms: Geometries
    areas: Pieces
    cover: Pieces
    line: Line | None


def prepare(kind: str, layer_id: str, version: str, features: Sequence[Feature]) -> Prepared:
    """Make a layer version ready.

    The outer boundary line of a management area is that of its dissolved features: borders
    between neighbours, where an area is cut by county or bank, are no boundary.

    Args:
        kind: A key of ``core.layers.KINDS``.
        layer_id: Which layer.
        version: Which version of it.
        features: Its features, EPSG:4490; invalid outlines are made valid.
    """
    lonlat = shapely.force_2d(shapely.from_wkb(np.array([f.wkb for f in features], dtype=object)))
    lonlat, _ = mended(lonlat)
    plane = measure.to_plane(lonlat)
    areas, cover, line = _cut(kind, lonlat, plane)
    return Prepared(
        kind=kind,
        layer_id=layer_id,
        version=version,
        codes=tuple(f.code for f in features),
        names=tuple(f.name for f in features),
        props=tuple(f.props for f in features),
        geoms=plane,
        areas=areas,
        cover=cover,
        line=line,
    )


def _cut(kind: str, lonlat: Geometries, plane: Geometries) -> tuple[Pieces, Pieces, Line | None]:
    """Areas, cover and line as the kind of layer needs them."""
    if KINDS[kind].shape != "polygon":
        nothing = Pieces(plane[:0], np.zeros(0, dtype=np.int64))
        return nothing, nothing, _line(plane) if KINDS[kind].shape == "line" else None
    areas = subdivide.polygons(plane)
    if kind in ADMINISTRATIVE:
        return areas, areas, None
    dissolved = _dissolve(lonlat)
    cover = subdivide.polygons(dissolved) if _overlap(plane, dissolved) else areas
    line = _line(shapely.boundary(dissolved)) if kind == "mgmt_area" else None
    return areas, cover, line


def _dissolve(lonlat: Geometries) -> Geometries:
    """All features as one, in the plane.

    Joined in degrees, where a neighbour's vertex lies exactly on the shared border: projection
    bends long edges by millimetres and would open seams there.
    """
    whole = shapely.union_all(lonlat, grid_size=SNAP_DEGREES)
    return measure.to_plane(shapely.get_parts([whole]))


def _overlap(plane: Geometries, dissolved: Geometries) -> bool:
    joined = float(shapely.area(dissolved).sum())
    return float(shapely.area(plane).sum()) > joined * (1 + OVERLAP_SHARE) + OVERLAP_M2


def _line(geoms: Geometries) -> Line:
    """Cut lines and rings into stretches and measure where each starts along its feature."""
    simple, feature = shapely.get_parts(geoms, return_index=True)
    cut = subdivide.lines(simple)
    xy, part = shapely.get_coordinates(simple, return_index=True)
    along = np.zeros(len(xy))
    start, end = xy[:-1], xy[1:]
    along[1:] = measure.true_length(np.hypot(*(end - start).T), start, end)
    along[1:][part[1:] != part[:-1]] = 0.0  # a gap between parts has no length
    total = np.cumsum(along)
    owner = feature[cut.owner]
    feature_starts = np.searchsorted(feature[part], owner)
    chain = total[cut.first] - total[feature_starts]
    return Line(cut.geoms, owner, chain, shapely.STRtree(cut.geoms))
