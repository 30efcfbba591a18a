"""KML: drawn by mark, and text that stays text."""

import zipfile
from dataclasses import replace
from html import unescape
from xml.etree.ElementTree import fromstring

import pytest

from georeview import exports
from georeview.core.palette import MARKS
from georeview.errors.exports import ExportDiffers
from georeview.exports.base import Picture
from georeview.exports.kml import KMZ
from tests.exports.rows import HOLED, POINT, SQUARE, a_chunk, options, written

HOSTILE = '<script>alert("x")</script>]]>&amp;'


def document(path):
    return fromstring(path.read_text("utf-8"))


def test_every_mark_has_its_colour(tmp_path) -> None:
    out = tmp_path / "r.kml"
    exports.write("kml", [a_chunk([SQUARE] * 4, mark=list(MARKS))], out, options())
    found = document(out)
    styles = {style.get("id"): style for style in found.iter() if style.tag.endswith("}Style")}
    for mark, style in MARKS.items():
        colour = styles[mark].findtext("{*}LineStyle/{*}color")
        assert colour == f"ff{style.fill[5:7]}{style.fill[3:5]}{style.fill[1:3]}".lower()
    used = [url.text for url in found.iter() if url.tag.endswith("}styleUrl")]
    assert used == [f"#{mark}" for mark in MARKS]


def test_markup_from_outside_stays_text(tmp_path) -> None:
    out = tmp_path / "r.kml"
    chunk = a_chunk([SQUARE], {HOSTILE: [HOSTILE]}, note=[HOSTILE], source_id=[HOSTILE])
    exports.write("kml", [chunk], out, options(title=HOSTILE))
    (placemark,) = (one for one in document(out).iter() if one.tag.endswith("}Placemark"))
    assert placemark.findtext("{*}name") == HOSTILE
    description = placemark.findtext("{*}description")
    assert "<script>" not in description
    assert HOSTILE in unescape(description)
    held = {data.get("name"): data.text for data in placemark.iter() if data.get("name")}
    assert held[HOSTILE] == held["note"] == HOSTILE


def test_it_refers_to_no_other_host(tmp_path) -> None:
    out = tmp_path / "r.kml"
    exports.write("kml", [a_chunk([SQUARE, POINT], mark=["pending"] * 2)], out, options())
    text = out.read_text("utf-8").replace('xmlns="http://www.opengis.net/kml/2.2"', "")
    assert "http" not in text
    assert "href" not in text


def test_photos_lie_in_the_file_and_are_shown_in_the_description(tmp_path) -> None:
    out = tmp_path / "r.kmz"
    photos = [[Picture("photos/e1.jpeg", b"one")], []]
    chunk = replace(a_chunk([HOLED, SQUARE]), pictures=photos)
    exports.write("kmz", [chunk], out, options(pictures=True))
    with zipfile.ZipFile(out) as file:
        assert file.namelist() == ["doc.kml", "photos/e1.jpeg"]
        assert file.read("photos/e1.jpeg") == b"one"
        text = file.read("doc.kml").decode()
    assert text.count("img src=&quot;photos/e1.jpeg&quot;") == 1


def test_a_photo_that_changed_is_refused(tmp_path) -> None:
    chunk = replace(a_chunk([SQUARE]), pictures=[[Picture("photos/e1.jpeg", b"one")]])
    rows, plan, _, path = written(KMZ, [chunk], tmp_path)
    KMZ.others(rows.chunks(), plan, path)
    other = replace(chunk, pictures=[[Picture("photos/e1.jpeg", b"two")]])
    with pytest.raises(ExportDiffers):
        KMZ.others(iter([other]), plan, path)
