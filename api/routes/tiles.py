"""Tiles: plots and layers as vectors, scenes as pictures. Each is cut to what the viewer sees."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Header, Path, Query, Response

from api.deps import Doors, Needs, Who
from api.shapes import Json, answer
from georeview.core.access import Action
from georeview.services.tiles import Tile

router = APIRouter(prefix="/tiles", tags=["tiles"], dependencies=[Depends(Needs(Action.SEE))])

MAX_ZOOM = 22
VECTOR = "application/vnd.mapbox-vector-tile"
Zoom = Annotated[int, Path(ge=0, le=MAX_ZOOM)]
Number = Annotated[int, Path(ge=0, lt=2**MAX_ZOOM)]
IfNoneMatch = Annotated[str | None, Header()]


_ASK_EACH_TIME = "private, no-cache"
_KEEP_AN_HOUR = "private, max-age=3600"
_KEEP_A_DAY = "private, max-age=86400"


def _answer(
    tile: Tile, if_none_match: str | None, media_type: str, cache: str = _KEEP_AN_HOUR
) -> Response:
    headers = {"ETag": f'"{tile.etag}"', "Cache-Control": cache}
    if if_none_match == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    if tile.data is None:
        return Response(status_code=204, headers=headers)
    return Response(tile.data, media_type=media_type, headers=headers)


def _tilejson(template: str, bounds: list[float] | None, **more: object) -> Json:
    known = {"tilejson": "3.0.0", "tiles": [template], "minzoom": 0, "maxzoom": MAX_ZOOM}
    return {**known, **({"bounds": bounds} if bounds else {}), **more}


@router.get("/plots/tilejson.json", summary="Plots as vector tiles")
def plots_tilejson() -> Response:
    """Where the plots' tiles are; ids are dense numbers of the viewer's own list."""
    layers = [{"id": "plots", "fields": {"n": "Number", "ids": "String"}}]
    return answer(_tilejson("/tiles/plots/{z}/{x}/{y}.mvt", None, vector_layers=layers))


@router.get("/plots/{z}/{x}/{y}.mvt", summary="A tile of plots")
def plots(
    z: Zoom,
    x: Number,
    y: Number,
    who: Who,
    doors: Doors,
    batch: Annotated[str, Query(max_length=200)] = "",
    rev: Annotated[str, Query(max_length=64)] = "",
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Geometry and ids only: what a mark changes is in no tile.

    The ETag is the revision of the viewer's list. An address that names it may be kept; one
    without must not outlive a sign-out, for the next person's list is another.
    """
    tile = doors.tiles.plots(who, batch, z, x, y)
    cache = _KEEP_A_DAY if rev == tile.etag else _ASK_EACH_TIME
    return _answer(tile, if_none_match, VECTOR, cache)


@router.get("/layers/{layer_id}/tilejson.json", summary="A layer as vector tiles")
def layer_tilejson(layer_id: str, doors: Doors) -> Response:
    """Where a layer's tiles are."""
    layer = doors.layers.get(layer_id)
    fields = [
        {"id": "features", "fields": {"name": "String"}},
        {"id": "labels", "fields": {"name": "String", "angle": "String", "room": "Number"}},
    ]
    template = f"/tiles/layers/{layer_id}/{{z}}/{{x}}/{{y}}.mvt"
    return answer(_tilejson(template, list(layer.bbox), vector_layers=fields, name=layer.name))


@router.get("/layers/{layer_id}/{z}/{x}/{y}.mvt", summary="A tile of a layer")
def layer(
    layer_id: str, z: Zoom, x: Number, y: Number, doors: Doors, if_none_match: IfNoneMatch = None
) -> Response:
    """Outlines of one layer version, clipped and thinned to the zoom."""
    tile = doors.tiles.layer(layer_id, z, x, y)
    return _answer(tile, if_none_match, VECTOR, _KEEP_A_DAY)


@router.get("/imagery/{scene_id}/tilejson.json", summary="A scene as picture tiles")
def imagery_tilejson(scene_id: str, doors: Doors) -> Response:
    """Where a scene's tiles are; ``before`` and ``after`` mean the newest scene of that role."""
    scene = doors.imagery.get(scene_id)
    template = f"/tiles/imagery/{scene.scene_id}/{{z}}/{{x}}/{{y}}.webp"
    bounds = cast("list[float]", scene.info["bbox"])
    return answer(_tilejson(template, bounds, name=scene.name, maxzoom=scene.info["zoom"]))


@router.get("/imagery/{scene_id}/{z}/{x}/{y}.{fmt}", summary="A tile of a scene")
def imagery(
    scene_id: str,
    z: Zoom,
    x: Number,
    y: Number,
    fmt: Annotated[str, Path(pattern="^(webp|png|jpg)$")],
    doors: Doors,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """A picture of 256 pixels; nothing there is 204."""
    tile = doors.tiles.imagery(scene_id, z, x, y, fmt)
    return _answer(tile, if_none_match, "image/jpeg" if fmt == "jpg" else f"image/{fmt}")
