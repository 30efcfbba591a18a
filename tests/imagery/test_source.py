import struct

import numpy as np
import pytest
from rasterio.control import GroundControlPoint
from rasterio.rpc import RPC
from rasterio.transform import Affine

from georeview.errors.coordinates import CrsOldDatum, OutsideArea
from georeview.errors.files import FileBroken, FileEmpty
from georeview.errors.images import (
    ImageNotOrthorectified,
    ImageRotated,
    ImageTooLarge,
    ImageValuesWrong,
    ImageWithoutCrs,
    ImageWithoutData,
    NotAGeoTiff,
    TooManyBands,
)
from tests.imagery.rasters import ground, matrix, write


def lying(path, width, height, samples=1):
    """A TIFF whose header claims so many pixels and bands, without holding any."""
    tags = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 1), (262, 3, 1)]
    tags += [(273, 4, 8), (277, 3, samples), (278, 4, height), (279, 4, 100)]
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    path.write_bytes(
        b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + struct.pack("<I", 0) + bytes(200)
    )
    return path


def test_what_is_no_tiff_is_refused(scene, tmp_path):
    for number, content in enumerate(
        [b"hello", b"\x89PNG\r\n\x1a\n" + bytes(50), b"<VRTDataset/>", b'{"type": "gdalg"}']
    ):
        path = tmp_path / f"{number}.tif"
        path.write_bytes(content)
        with pytest.raises(NotAGeoTiff, match="tif"):
            scene(path)


def test_an_empty_file_is_refused(scene, tmp_path):
    (tmp_path / "a.tif").touch()
    with pytest.raises(FileEmpty):
        scene(tmp_path / "a.tif")


def test_a_broken_file_is_refused(scene, tmp_path):
    whole = write(tmp_path / "a.tif", ground((90, 80)).astype("uint16"))
    head = tmp_path / "head.tif"
    head.write_bytes(whole.read_bytes()[:10])
    cut = tmp_path / "cut.tif"
    cut.write_bytes(whole.read_bytes()[:-9000])
    for path in (head, cut):
        with pytest.raises(FileBroken):
            scene(path)


def test_a_header_that_claims_too_much_is_refused_before_anything_is_read(scene, tmp_path):
    with pytest.raises(ImageTooLarge) as refused:
        scene(lying(tmp_path / "a.tif", 120_000, 120_000), max_mpx=4000)
    assert refused.value.facts == {
        "file": "a.tif",
        "width": 120_000,
        "height": 120_000,
        "limit": 4000,
    }
    with pytest.raises((TooManyBands, FileBroken)):
        scene(lying(tmp_path / "b.tif", 10, 10, 65_535))


def test_more_bands_than_taken_are_refused(scene, tmp_path):
    path = write(tmp_path / "a.tif", np.ones((65, 4, 4), dtype="uint8"))
    with pytest.raises(TooManyBands) as refused:
        scene(path)
    assert refused.value.facts["n"] == 65


def test_an_image_without_a_place_is_refused(scene, tmp_path):
    values = ground((40, 40)).astype("uint16")
    with pytest.raises(ImageWithoutCrs):
        scene(write(tmp_path / "a.tif", values, None))
    with pytest.raises(ImageWithoutCrs):
        scene(write(tmp_path / "b.tif", values, None, transform=matrix(4545)))


def test_a_turned_grid_without_a_system_is_refused(scene, tmp_path):
    turned = matrix(4545) @ Affine.rotation(20)
    path = write(tmp_path / "a.tif", ground((40, 40)).astype("uint16"), None, transform=turned)
    with pytest.raises(ImageRotated):
        scene(path)


def test_a_turned_grid_with_a_system_is_taken(scene, tmp_path):
    turned = matrix(4545) @ Affine.rotation(20)
    info, _ = scene(write(tmp_path / "a.tif", ground((40, 40)).astype("uint16"), transform=turned))
    assert info.pixel_m == pytest.approx(2, abs=0.001)


def test_an_image_placed_by_a_sensor_model_or_control_points_only_is_refused(scene, tmp_path):
    values = ground((40, 40)).astype("uint16")
    model = RPC(
        height_off=500, height_scale=500, lat_off=31.5, lat_scale=0.1, long_off=107.1,
        long_scale=0.1, line_off=20, line_scale=20, samp_off=20, samp_scale=20,
        line_num_coeff=[0.0, 0.0, 1.0] + [0.0] * 17, line_den_coeff=[1.0] + [0.0] * 19,
        samp_num_coeff=[0.0, 1.0] + [0.0] * 18, samp_den_coeff=[1.0] + [0.0] * 19,
    )  # fmt: skip
    points = [
        GroundControlPoint(row, col, 107.1 + col, 31.5) for row, col in ((0, 0), (0, 9), (9, 0))
    ]
    for number, more in enumerate(({"rpcs": model}, {"gcps": points, "crs": "EPSG:4490"})):
        with pytest.raises(ImageNotOrthorectified):
            scene(write(tmp_path / f"{number}.tif", values, None, **more))


def test_an_old_datum_is_refused(scene, tmp_path):
    path = write(tmp_path / "a.tif", ground((40, 40)).astype("uint16"), None, crs="EPSG:2384",
                 transform=matrix(4545))  # fmt: skip
    with pytest.raises(CrsOldDatum):
        scene(path)


def test_an_image_of_another_place_is_refused(scene, tmp_path):
    path = write(tmp_path / "a.tif", ground((40, 40)).astype("uint16"))
    with pytest.raises(OutsideArea):
        scene(path, expected=(120.0, 30.0, 121.0, 31.0))


def test_complex_numbers_are_refused(scene, tmp_path):
    with pytest.raises(ImageValuesWrong):
        scene(write(tmp_path / "a.tif", np.ones((1, 9, 9), dtype="complex64")))


@pytest.mark.parametrize("fill", [0, 7])
def test_an_image_without_one_valid_pixel_is_refused(scene, tmp_path, fill):
    values = np.full((2, 30, 30), fill, dtype="uint16")
    with pytest.raises(ImageWithoutData):
        scene(write(tmp_path / "a.tif", values, nodata=fill))
