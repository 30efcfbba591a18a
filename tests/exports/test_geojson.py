"""GeoJSON: by RFC 7946."""

import json

import shapely

from georeview import exports
from tests.exports.rows import HOLED, SQUARE, a_chunk, options


def test_it_is_a_collection_in_longitude_and_latitude(tmp_path) -> None:
    out = tmp_path / "r.geojson"
    chunks = [a_chunk([SQUARE], note=['"引号"']), a_chunk([shapely.reverse(HOLED)], first=1)]
    exports.write("geojson", chunks, out, options())
    document = json.loads(out.read_text("utf-8"))
    assert document["type"] == "FeatureCollection"
    assert "crs" not in document
    first, second = document["features"]
    assert first["properties"]["note"] == '"引号"'
    assert first["properties"]["mark"] is None
    lon, lat = first["geometry"]["coordinates"][0][0]
    assert (107 < lon < 108, 31 < lat < 32) == (True, True)
    outer, inner = second["geometry"]["coordinates"][0]
    assert shapely.LinearRing(outer).is_ccw
    assert not shapely.LinearRing(inner).is_ccw
    assert shapely.from_geojson(json.dumps(first["geometry"])) == SQUARE
