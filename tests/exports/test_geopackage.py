"""GeoPackage: what lies in it beside the rows."""

from dataclasses import replace
from xml.etree.ElementTree import fromstring

import pytest

from georeview import exports
from georeview.core.palette import MARKS
from georeview.errors.exports import ExportDiffers
from georeview.exports.facts import FACTS
from georeview.exports.geopackage import GEOPACKAGE
from tests.exports.rows import HOLED, POINT, SQUARE, a_chunk, options, written


def fact(plot: str, kind: str, **given) -> tuple[object, ...]:
    held = {"plot_id": plot, "source_id": plot, "kind": kind, "version": "v1", **given}
    return tuple(held.get(name) for name, _ in FACTS)


FOUND = [
    [fact("p_0", "mgmt_area", in_m2=12.5, band="in"), fact("p_0", "river", name="巴河")],
    [],
    [fact("p_2", "county", code="511923", detail='{"x": 1}')],
]


def chunk(found=FOUND, **extras):
    return replace(a_chunk([SQUARE, POINT, HOLED], extras), facts=found)


def test_facts_have_a_table_of_their_own(tmp_path) -> None:
    import geopandas

    out = tmp_path / "r.gpkg"
    exports.write("gpkg", [chunk()], out, options())
    table = geopandas.read_file(out, layer="facts")
    assert list(table["plot_id"]) == ["p_0", "p_0", "p_2"]
    assert list(table["kind"]) == ["mgmt_area", "river", "county"]
    assert table["in_m2"][0] == 12.5
    assert (table["name"][1], table["detail"][2]) == ("巴河", '{"x": 1}')


@pytest.mark.parametrize(
    "found",
    [
        [FOUND[0][:1], [], FOUND[2]],
        [FOUND[0], [], []],
        [FOUND[0], [], [*FOUND[2], FOUND[2][0]]],
        [[fact("p_0", "mgmt_area", in_m2=12.6, band="in"), FOUND[0][1]], [], FOUND[2]],
    ],
)
def test_a_fact_that_is_not_there_or_another_is_refused(tmp_path, found) -> None:
    rows, plan, _, path = written(GEOPACKAGE, [chunk()], tmp_path)
    GEOPACKAGE.add(rows.chunks(), plan, path)
    GEOPACKAGE.others(rows.chunks(), plan, path)
    with pytest.raises(ExportDiffers):
        GEOPACKAGE.others(iter([chunk(found)]), plan, path)


def test_each_layer_has_a_style_that_draws_the_marks(tmp_path) -> None:
    import geopandas

    out = tmp_path / "r.gpkg"
    exports.write("gpkg", [chunk(mark=["列", "列", "列"])], out, options())
    styles = geopandas.read_file(out, layer="layer_styles").set_index("f_table_name")
    assert list(styles.index) == ["plots", "plots_points"]
    for qml in styles["styleQML"]:
        renderer = fromstring(qml.partition("\n")[2]).find("renderer-v2")
        assert renderer.get("attr") == "GR_mark"  # the sender has a column of that name
        values = [category.get("value") for category in renderer.iter("category")]
        assert values == list(MARKS)
        assert len(list(renderer.iter("symbol"))) == len(MARKS)
    assert styles["useAsDefault"].all()


def test_a_map_finds_the_rows_by_their_place(tmp_path) -> None:
    import pyogrio

    out = tmp_path / "r.gpkg"
    exports.write("gpkg", [chunk()], out, options())
    near = pyogrio.read_dataframe(out, layer="plots", bbox=(107.09, 31.5, 107.11, 31.6))
    assert list(near["plot_id"]) == ["p_0"]
