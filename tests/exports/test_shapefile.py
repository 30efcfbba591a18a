"""The bytes of a shapefile, by its specification and by a reader that is not ours."""

import struct
import zipfile
from itertools import pairwise

import pytest
import shapely

from georeview import exports
from georeview.core.fields import EXPORT_FIELDS
from tests.exports.rows import HOLED, POINT, SQUARE, a_chunk, options


@pytest.fixture
def parts(tmp_path):
    """Writes rows and gives the parts in the zip."""

    def make(chunks, **given):
        exports.write("shp", chunks, tmp_path / "r.zip", options(**given))
        with zipfile.ZipFile(tmp_path / "r.zip") as file:
            return {name: file.read(name) for name in file.namelist()}

    return make


def read(path, layer):
    import geopandas

    return geopandas.read_file(path, layer=layer)


def fields(dbf: bytes):
    """Name, letter, width and decimals of every column, straight from the header."""
    header, _record = struct.unpack_from("<HH", dbf, 8)
    for at in range(32, header - 1, 32):
        name = dbf[at : at + 11].split(b"\0")[0]
        yield name, chr(dbf[at + 11]), dbf[at + 16], dbf[at + 17]


def cells(dbf: bytes, wanted: bytes) -> list[bytes]:
    (count, header, record) = struct.unpack_from("<IHH", dbf, 4)
    at = 1
    for name, _, width, _ in fields(dbf):
        if name == wanted:
            return [
                dbf[header + i * record + at : header + i * record + at + width]
                for i in range(count)
            ]
        at += width
    raise KeyError(wanted)


@pytest.mark.parametrize(
    ("encoding", "ldid", "cpg"), [("utf-8", 0, b"UTF-8"), ("gb18030", 0x4D, b"GB18030")]
)
def test_language_byte_and_cpg_agree_with_the_bytes(parts, encoding, ldid, cpg) -> None:
    held = parts([a_chunk([SQUARE], note=["𠮷野䃅水"])], encoding=encoding)
    assert held["r.cpg"] == cpg
    assert held["r.dbf"][29] == ldid
    assert cells(held["r.dbf"], b"NOTE") == ["𠮷野䃅水".encode(encoding).ljust(254)]


def test_columns_are_those_of_the_dictionary(parts) -> None:
    letters = {"text": "C", "integer": "N", "real": "N", "date": "D"}
    wanted = [(f.short.encode(), letters[f.kind], f.width, f.decimals) for f in EXPORT_FIELDS]
    found = list(fields(parts([a_chunk([SQUARE])])["r.dbf"]))
    assert (b"CUT", "N", 1, 0) in found
    found.remove((b"CUT", "N", 1, 0))
    assert found == wanted


def test_dates_and_numbers_stand_as_dbase_has_them(parts) -> None:
    held = parts(
        [
            a_chunk(
                [SQUARE, SQUARE],
                marked_on=["2023-06-30", None],
                area_m2=[12.345, None],
                photo_n=[3, None],
            )
        ]
    )
    assert cells(held["r.dbf"], b"REV_AT") == [b"20230630", b" " * 8]
    assert cells(held["r.dbf"], b"AREA_M2") in (
        [b"         12.35", b" " * 14],
        [b"         12.34", b" " * 14],
    )
    assert cells(held["r.dbf"], b"PHOTO_N") == [b"   3", b"    "]
    assert held["r.dbf"].endswith(b"\x1a")


def test_a_text_is_cut_between_characters(parts) -> None:
    for encoding, room in (("utf-8", 84), ("gb18030", 127)):
        held = parts([a_chunk([SQUARE], note=["水" * 200])], encoding=encoding)
        (cell,) = cells(held["r.dbf"], b"NOTE")
        assert cell.rstrip().decode(encoding) == "水" * room
        assert cells(held["r.dbf"], b"CUT") == [b"1"]


def test_a_number_without_room_lies_beside(parts) -> None:
    held = parts([a_chunk([SQUARE], photo_n=[123456])])
    assert cells(held["r.dbf"], b"PHOTO_N") == [b"    "]
    assert cells(held["r.dbf"], b"CUT") == [b"1"]
    assert b"123456" in held["r_full_texts.csv"]


def test_rings_turn_as_the_specification_says(parts) -> None:
    data = parts([a_chunk([shapely.reverse(HOLED)])])["r.shp"]
    length, kind = struct.unpack_from(">i", data, 24)[0] * 2, struct.unpack_from("<i", data, 32)[0]
    assert (length, kind) == (len(data), 5)
    _, parts_n, points_n = struct.unpack_from("<i32x2i", data, 108)
    assert parts_n == 4
    starts = [*struct.unpack_from(f"<{parts_n}i", data, 152), points_n]
    xy = struct.iter_unpack("<2d", data[152 + 4 * parts_n :])
    ring = list(xy)
    turns = [shapely.LinearRing(ring[a:b]).is_ccw for a, b in pairwise(starts)]
    assert turns == [False, True, False, True]


def test_index_and_extent(parts) -> None:
    held = parts([a_chunk([SQUARE]), a_chunk([HOLED], first=1)])
    shp, shx = held["r.shp"], held["r.shx"]
    offsets = [struct.unpack_from(">2i", shx, 100 + 8 * i) for i in range(2)]
    for i, (at, length) in enumerate(offsets):
        assert struct.unpack_from(">2i", shp, at * 2) == (i + 1, length)
    assert struct.unpack_from("<4d", shp, 36) == tuple(shapely.union(SQUARE, HOLED).bounds)


@pytest.mark.parametrize("code", [4490, 4524, 4545])
def test_prj_is_read_by_others(parts, tmp_path, code) -> None:
    held = parts([a_chunk([SQUARE, POINT])], crs=f"EPSG:{code}")
    assert held["r.prj"].startswith((b"GEOGCS[", b"PROJCS["))
    for layer in ("r", "r_points"):
        frame = read(tmp_path / "r.zip", layer)
        assert frame.crs.to_epsg(min_confidence=25) == code


def test_points_lie_in_a_layer_of_their_own(parts, tmp_path) -> None:
    import pyogrio

    parts([a_chunk([POINT, SQUARE, POINT], note=["甲", "乙", "丙"])])
    layers = dict(pyogrio.list_layers(tmp_path / "r.zip"))
    assert layers == {"r": "Polygon", "r_points": "Point"}
    assert list(read(tmp_path / "r.zip", "r_points")["NOTE"]) == ["甲", "丙"]
