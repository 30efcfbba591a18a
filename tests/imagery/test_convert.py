import json

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.windows import Window
from shapely.geometry import shape

from georeview import sandbox
from georeview.geometry.measure import area
from tests.imagery.rasters import EXTENT, ground, matrix, square, write

ROLES = ("blue", "green", "red", "nir")


@pytest.mark.parametrize("epsg", [4545, 32648, 3857, 4490])
def test_the_analysis_copy_keeps_system_depth_and_every_number(scene, tmp_path, epsg):
    values = ground((700, 900)).astype("uint16")
    info, folder = scene(write(tmp_path / "a.tif", values, epsg, roles=ROLES))
    with rasterio.open(folder / "analysis.tif") as copy:
        assert copy.crs.to_epsg() == epsg
        assert copy.dtypes == ("uint16",) * 4
        assert copy.descriptions == ROLES
        assert (copy.read() == values).all()
        assert copy.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert copy.compression.name == "zstd"
        assert copy.block_shapes[0] == (512, 512)
        assert copy.overviews(1) == [2]
    assert info.crs == f"EPSG:{epsg}"
    assert info.valid_share == 1
    assert info.nodata_by == "none"
    assert [band.role for band in info.bands] == list(ROLES)
    assert sorted(path.name for path in folder.iterdir()) == ["analysis.tif", "display.tif"]


def test_the_footprint_is_where_the_data_are(scene, tmp_path):
    values = ground((600, 800)).astype("uint16")
    info, _ = scene(write(tmp_path / "a.tif", values))
    whole = shape(info.footprint)
    size = area(np.array([whole]))[0]
    assert size == pytest.approx(600 * 800 * 4, rel=2e-3)
    assert whole.covers(square(100, 100, 200))
    assert info.bbox == whole.bounds
    assert info.pixel_m == pytest.approx(2, abs=0.001)


def test_declared_nodata_is_no_data_and_leaves_the_footprint(scene, tmp_path):
    values = ground((600, 800)).astype("uint16")
    values[:, :, :300] = 0
    values[0, 100, 500] = 0
    info, folder = scene(write(tmp_path / "a.tif", values, nodata=0))
    assert (info.nodata, info.nodata_by) == (0, "declared")
    assert info.valid_share == pytest.approx(5 / 8, abs=1e-6)
    assert not shape(info.footprint).intersects(square(50, 50, 200))
    assert shape(info.footprint).covers(square(350, 50, 200))
    with rasterio.open(folder / "analysis.tif") as copy:
        mask = copy.read_masks(1) > 0
        # 0 in one band only was measured; it is a dark pixel, not a missing one.
        assert mask[100, 500]
        assert not mask[:, :300].any()


def test_a_nodata_value_that_no_sensor_measures_counts_in_any_band(scene, tmp_path):
    values = ground((60, 80)).astype("int16")
    values[2, 10, 20] = -9999
    _, folder = scene(write(tmp_path / "a.tif", values, nodata=-9999))
    with rasterio.open(folder / "analysis.tif") as copy:
        mask = copy.read_masks(1) > 0
    assert not mask[10, 20]
    assert mask.sum() == 60 * 80 - 1


def test_nan_and_infinity_are_no_data(scene, tmp_path):
    values = ground((60, 80), 2, top=0.6).astype("float32")
    values[0, :20], values[1, 30] = np.nan, np.inf
    info, folder = scene(write(tmp_path / "a.tif", values))
    assert info.valid_share == pytest.approx(39 / 60)
    assert all(np.isfinite([band.low, band.high]).all() for band in info.bands)
    with rasterio.open(folder / "analysis.tif") as copy:
        assert copy.dtypes[0] == "float32"
        assert np.isfinite(copy.read()).all()


def test_alpha_says_where_there_is_something_and_is_no_band(scene, tmp_path):
    values = np.concatenate([ground((60, 80), 3, 250), np.zeros((1, 60, 80))]).astype("uint8")
    values[3, :, 20:] = 255
    path = write(tmp_path / "a.tif", values, photometric="rgb", alpha="yes")
    info, _ = scene(path)
    assert info.nodata_by == "alpha"
    assert info.valid_share == pytest.approx(0.75)
    assert [band.role for band in info.bands] == ["red", "green", "blue"]
    assert info.picture_only
    assert info.colours == "true_colour"


def test_a_mask_says_where_there_is_something(scene, tmp_path):
    mask = np.zeros((60, 80), dtype=bool)
    mask[:30] = True
    info, _ = scene(write(tmp_path / "a.tif", ground((60, 80)).astype("uint16"), mask=mask))
    assert info.nodata_by == "mask"
    assert info.valid_share == pytest.approx(0.5)


def test_zeros_at_the_edge_are_taken_for_no_data_and_said_to_be_guessed(scene, tmp_path):
    values = ground((60, 80)).astype("uint16")
    values[:, 40:, 60:] = 0
    info, _ = scene(write(tmp_path / "a.tif", values))
    assert info.nodata_by == "guessed"
    assert info.valid_share == pytest.approx(1 - 20 * 20 / 4800, abs=1e-6)


def test_zeros_inside_alone_are_values(scene, tmp_path):
    values = ground((60, 80)).astype("uint16")
    values[:, 20:30, 20:30] = 0
    info, _ = scene(write(tmp_path / "a.tif", values))
    assert (info.nodata_by, info.valid_share) == ("none", 1)


def test_no_data_never_enters_an_overview_or_a_stretch(scene, tmp_path):
    values = np.full((1, 1200, 1200), 1000, dtype="uint16")
    values[:, :, ::2] = 60_000
    values[:, 3::4] = 60_000
    info, folder = scene(write(tmp_path / "a.tif", values, nodata=60_000))
    with rasterio.open(folder / "analysis.tif", overview_level=0) as half:
        seen = half.read(1)[half.read_masks(1) > 0]
    assert (seen == 1000).all()
    assert info.bands[0].low == 1000


def test_unknown_bands_stay_unknown_and_are_shown_grey(scene, tmp_path):
    path = write(tmp_path / "a.tif", ground((60, 80)).astype("uint16"), photometric="minisblack")
    info, folder = scene(path)
    assert [band.role for band in info.bands] == [None] * 4
    assert info.colours == "grey"
    with rasterio.open(folder / "display.tif") as copy:
        red, green, blue = copy.read()
    assert (red == green).all()
    assert (red == blue).all()


def test_scale_and_offset_are_kept(scene, tmp_path):
    path = write(tmp_path / "a.tif", ground((60, 80), 1).astype("uint16"))
    with rasterio.open(path, "r+") as image:
        image.scales, image.offsets = (2.75e-5,), (-0.2,)
    _, folder = scene(path)
    with rasterio.open(folder / "analysis.tif") as copy:
        assert (copy.scales, copy.offsets) == ((2.75e-5,), (-0.2,))


def test_what_is_known_can_be_kept_as_json(scene, tmp_path):
    info, _ = scene(write(tmp_path / "a.tif", ground((60, 80)).astype("uint16"), roles=ROLES))
    assert json.loads(json.dumps(info.as_json()))["bands"][3]["role"] == "nir"
    assert shapely.is_valid(shape(info.footprint))


@pytest.mark.slow
def test_it_works_inside_the_sandbox_and_memory_does_not_grow_with_the_scene(tmp_path):
    """64 MB of pixels, which read whole would need several times as much as is allowed here."""
    path, folder, side = tmp_path / "large.tif", tmp_path / "scene", 4096
    folder.mkdir()
    strip = ground((256, side), 1).astype("float32")
    profile = {"count": 1, "height": side, "width": side, "dtype": "float32", "tiled": True}
    with rasterio.open(
        path, "w", driver="GTiff", crs="EPSG:4545", transform=matrix(4545), **profile
    ) as image:
        for top in range(0, side, 256):
            image.write(strip, window=Window(0, top, side, 256))
    info = sandbox.run(
        "georeview.imagery.convert:bring_in",
        path,
        folder,
        None,
        100,
        EXTENT,
        limits=sandbox.Limits(seconds=110, memory_mb=600),
    )
    assert info.valid_share == 1
    assert (folder / "display.tif").stat().st_size > 0
