import csv
from pathlib import Path

import numpy as np
import pytest

from sample_data.imagery import SHIFT_PX, make_images
from sample_data.make import DATA, SEED

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def images(tmp_path_factory):
    import rasterio

    before, after = make_images(tmp_path_factory.mktemp("images"), SEED)
    with rasterio.open(before) as first, rasterio.open(after) as second:
        yield first, second


@pytest.fixture(scope="session")
def pictures(images):
    return tuple(image.read().astype(np.float32) for image in images)


@pytest.fixture(scope="session")
def plots():
    import geopandas

    with (DATA / "truth.csv").open(encoding="utf-8", newline="") as file:
        truth = {row["source_id"]: row for row in csv.DictReader(file)}
    found = geopandas.read_file(
        f"/vsizip/{DATA}/plots_2023.zip", engine="pyogrio", encoding="gb18030"
    ).to_crs(4545)
    found["change"] = [truth[one]["change"] for one in found["TBBH"]]
    found["code"] = [truth[one]["code"] for one in found["TBBH"]]
    return found.cx[413_700:417_700, 3_492_500:3_495_500]


def patch(image, picture, shape, shift=(0, 0)):
    """Mean of each band in a plot, the picture's own shift taken out."""
    from rasterio.features import geometry_mask

    inside = geometry_mask([shape], image.shape, image.transform, invert=True, all_touched=True)
    inside = np.roll(inside, (shift[1], shift[0]), axis=(0, 1))
    return picture[:, inside].mean(axis=1)


def test_images_are_what_their_header_says(images):
    for image in images:
        assert image.shape == (1500, 2000)
        assert image.res == (2.0, 2.0)
        assert image.dtypes == ("uint16",) * 4
        assert image.descriptions == ("blue", "green", "red", "nir")
        assert image.crs.to_epsg() == 4545
        assert "合成示例" in image.tags()["TIFFTAG_IMAGEDESCRIPTION"]


def test_about_forty_plots_are_on_the_images_with_ten_true_problems(plots):
    assert len(plots) == 46
    assert plots["code"].str.startswith("PR").sum() == 10
    assert set(plots["QSX"]) == {"20220305"}
    assert set(plots["HSX"]) == {"20230211"}


def test_only_the_later_image_has_an_empty_corner_and_it_holds_no_plot(images, pictures, plots):
    before, after = ((picture == 0).all(axis=0) for picture in pictures)
    assert not before.any()
    assert 0.005 < after.mean() < 0.05
    assert after[-1, 0]
    assert all(patch(images[1], pictures[1], shape).min() > 0 for shape in plots.geometry)


def test_the_later_image_is_shifted_by_whole_pixels(pictures):
    edges = [np.hypot(*np.gradient(picture[3, 200:1200, 900:1900])) for picture in pictures]
    first, second = (np.fft.rfft2(one - one.mean()) for one in edges)
    peak = np.fft.irfft2(np.conj(first) * second, s=edges[0].shape)
    down, right = np.unravel_index(np.argmax(peak), peak.shape)
    rows, columns = edges[0].shape
    found = (right - columns * (right > columns / 2), down - rows * (down > rows / 2))
    assert found == SHIFT_PX


def test_water_wood_and_sand_look_like_themselves(images, pictures):
    picture = pictures[0]
    green, red, nir = picture[1:]
    ndvi, ndwi = (nir - red) / (nir + red), (green - nir) / (green + nir)
    water, plants = ndwi > 0.2, ndvi > 0.45
    assert 0.05 < water.mean() < 0.2
    assert 0.3 < plants.mean() < 0.8
    assert green[water].mean() > red[water].mean()
    assert not (water & plants).any()


def test_violations_appear_and_rectified_ones_are_gone(images, pictures, plots):
    changed = {}
    for plot in plots.itertuples():
        first = patch(images[0], pictures[0], plot.geometry)
        second = patch(images[1], pictures[1], plot.geometry, SHIFT_PX)
        changed[plot.TBBH] = (plot.code, plot.change, (second - first)[:3].mean())
    heaps = {code: step for code, change, step in changed.values() if change == "appeared"}
    assert heaps["PR32"] > 40
    assert heaps["PR33"] > 40
    cleared = {code: step for code, change, step in changed.values() if change == "cleared"}
    assert set(cleared) == {"PR31", "PR41"}
    assert max(cleared.values()) < -20


def test_the_same_seed_gives_the_same_bytes(images, tmp_path):
    again = make_images(tmp_path, SEED)
    assert [path.read_bytes() for path in again] == [
        Path(image.name).read_bytes() for image in images
    ]
