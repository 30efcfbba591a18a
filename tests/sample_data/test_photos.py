from datetime import datetime, timedelta, timezone

import pytest
from PIL import Image

from sample_data.photos import make_photo

TAKEN = datetime(2023, 5, 12, 9, 30, tzinfo=timezone(timedelta(hours=8)))


def test_a_photo_carries_place_time_and_direction(tmp_path):
    path = make_photo(
        tmp_path / "a.jpg",
        "现场复核",
        lon=107.12167,
        lat=31.56436,
        taken_at=TAKEN,
        azimuth_deg=123.4,
    )
    with Image.open(path) as picture:
        exif = picture.getexif()
        detail, gps = exif.get_ifd(0x8769), exif.get_ifd(0x8825)
    assert (detail[0x9003], detail[0x9011]) == ("2023:05:12 09:30:00", "+08:00")
    degrees, minutes, seconds = gps[4]
    assert float(degrees) + float(minutes) / 60 + float(seconds) / 3600 == pytest.approx(107.12167)
    assert (gps[1], gps[3], float(gps[17])) == ("N", "E", 123.4)
    assert exif[0x010E] == "synthetic sample"


def test_photos_of_other_seeds_differ_and_of_one_seed_do_not(tmp_path):
    def made(name: str, seed: int) -> bytes:
        place = {"lon": 107.1, "lat": 31.5, "taken_at": TAKEN}
        return make_photo(tmp_path / name, "示例", seed=seed, **place).read_bytes()

    assert made("a.jpg", 1) == made("b.jpg", 1) != made("c.jpg", 2)
