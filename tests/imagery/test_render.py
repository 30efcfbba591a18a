import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import rasterio
from PIL import Image
from rasterio.enums import Resampling
from rasterio.warp import reproject

from georeview.geometry.grid import tile_bounds, tile_range
from georeview.imagery import render
from georeview.imagery.display import Tone
from tests.imagery.rasters import LAT, LON, ground, write

ROLES = ("blue", "green", "red", "nir")


def pixels(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA")).astype(int)


def expected(path, info, z, x, y, resampling=Resampling.bilinear):
    """The same tile by rasterio alone: true colour, the scene's own stretch."""
    west, south, east, north = tile_bounds(z, x, y)
    out = np.zeros((3, 256, 256), dtype="float32")
    with rasterio.open(path) as image:
        for place, number in enumerate((3, 2, 1)):
            band = info.bands[number - 1]
            reproject(
                rasterio.band(image, number),
                out[place],
                dst_transform=rasterio.transform.Affine(
                    (east - west) / 256, 0, west, 0, (south - north) / 256, north
                ),
                dst_crs="EPSG:3857",
                src_nodata=0,
                dst_nodata=-1e9,
                resampling=resampling,
            )
            empty = out[place] < -1e6
            out[place] = np.where(empty, 0, Tone.of(band.low, band.high).shown(out[place]))
    return out.transpose(1, 2, 0)


def tiles(info, z):
    columns, rows = tile_range(info.bbox, z)
    return [(x, y) for x in columns for y in rows]


@pytest.mark.parametrize("epsg", [4545, 32648, 3857, 4490])
def test_a_tile_is_what_rasterio_makes_of_the_original(scene, handles, tmp_path, epsg):
    values = ground((700, 900)).astype("uint16")
    path = write(tmp_path / "a.tif", values, epsg, roles=ROLES, nodata=0)
    info, folder = scene(path)
    for z, most in ((info.zoom, 0.7), (info.zoom - 1, 2.5), (info.zoom + 1, 1.0)):
        for x, y in tiles(info, z):
            data = render.tile(handles, folder / "display.tif", z, x, y, "png")
            if data is None:
                continue
            ours, theirs = pixels(data), expected(path, info, z, x, y)
            both = (ours[..., 3] > 0) & (theirs > 0).all(axis=2)
            assert both.mean() >= 0.95 * (theirs > 0).all(axis=2).mean()
            if both.any():
                assert np.abs(ours[..., :3] - theirs)[both].mean() < most


def test_no_data_is_transparent_and_an_empty_tile_is_none(scene, handles, tmp_path):
    values = ground((900, 900)).astype("uint16")
    values[:, :, :450] = 0
    info, folder = scene(write(tmp_path / "a.tif", values, roles=ROLES, nodata=0))
    display = folder / "display.tif"
    z = info.zoom
    inside = [render.tile(handles, display, z, x, y, "png") for x, y in tiles(info, z)]
    clear = [pixels(data)[..., 3] for data in inside if data is not None]
    assert any(((alpha == 0).any() and (alpha == 255).any()) for alpha in clear)
    assert all(set(np.unique(alpha)) <= {0, 255} for alpha in clear)
    columns, rows = tile_range((LON, LAT - 0.005, LON, LAT), z)
    assert render.tile(handles, display, z, columns[0], rows[1], "webp") is None
    assert render.tile(handles, display, z, 0, 0, "webp") is None
    assert render.tile(handles, display, 22, 2**22 - 1, 2**22 - 1, "png") is None


@pytest.mark.parametrize("fmt", ["webp", "png", "jpg"])
def test_every_zoom_and_format_gives_a_picture_of_256(scene, handles, tmp_path, fmt):
    path = write(tmp_path / "a.tif", ground((500, 600)).astype("uint16"), roles=ROLES)
    info, folder = scene(path)
    for z in range(info.zoom - 6, 21):
        x, y = tiles(info, z)[0]
        data = render.tile(handles, folder / "display.tif", z, x, y, fmt)
        if data is None and z > info.zoom:
            continue
        picture = Image.open(io.BytesIO(data))
        assert picture.size == (256, 256)
        assert picture.format == {"webp": "WEBP", "png": "PNG", "jpg": "JPEG"}[fmt]


def test_the_whole_world_costs_no_more_than_a_tile(scene, handles, tmp_path):
    path = write(tmp_path / "a.tif", ground((300, 300)).astype("uint16"), roles=ROLES)
    _, folder = scene(path)
    seen = pixels(render.tile(handles, folder / "display.tif", 0, 0, 0, "png"))[..., 3] > 0
    assert 1 <= seen.sum() <= 4
    _, column = np.argwhere(seen)[0]
    assert abs(column - (LON + 180) / 360 * 256) <= 1


def test_a_picture_made_for_the_eye_keeps_its_colours(scene, handles, tmp_path):
    values = np.full((3, 300, 300), 40, dtype="uint8")
    values[0], values[:, :5] = 200, 90
    info, folder = scene(write(tmp_path / "a.tif", values, photometric="rgb"))
    all_tiles = [
        pixels(data)
        for x, y in tiles(info, info.zoom)
        if (data := render.tile(handles, folder / "display.tif", info.zoom, x, y, "png"))
    ]
    whole = np.concatenate([seen[seen[..., 3] > 0] for seen in all_tiles])
    assert tuple(np.median(whole, axis=0)) == (200, 40, 40, 255)


def test_threads_that_ask_at_once_all_get_their_own_tile(scene, handles, tmp_path):
    path = write(tmp_path / "a.tif", ground((900, 900)).astype("uint16"), roles=ROLES)
    info, folder = scene(path)
    wanted = [(z, x, y) for z in (info.zoom - 1, info.zoom) for x, y in tiles(info, z)] * 6
    one = {key: render.tile(handles, folder / "display.tif", *key, "png") for key in wanted}
    with ThreadPoolExecutor(8) as pool:
        many = pool.map(
            lambda key: render.tile(handles, folder / "display.tif", *key, "png"), wanted
        )
        assert all(data == one[key] for key, data in zip(wanted, many, strict=True))
