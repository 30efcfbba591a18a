"""A plot that lies in two counties becomes two plots, in one commit, and one again."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely

from georeview.core.access import EVERYTHING
from georeview.core.procedure import Command
from georeview.core.query import Filter, PageOf
from georeview.errors import BadValue, Forbidden, NotFound, VersionMissing
from georeview.errors.review import (
    ActionNotAllowed,
    LineMisses,
    PartsAlike,
    PartsGoneOn,
    PartsUnfit,
    StaleVersion,
)
from georeview.services import Services
from georeview.services.review import kept
from georeview.storage.ports.layers import LayerFeature, LayerVersion
from georeview.storage.ports.ledger import Idempotency
from georeview.storage.ports.plots import NewPlot
from tests.builders import NOW, a_batch, an_actor, some_facts
from tests.places import Place
from tests.services.doors import open_doors

CITY = an_actor("city", "5119")
GIS = an_actor("gis", "5119")
COUNTY = an_actor("county", "511902")


@pytest.fixture
def doors(tmp_path: Path, place: Place) -> Iterator[Services]:
    with open_doors(tmp_path, store=place.address) as services:
        yield services


@pytest.fixture
def whole(doors: Services) -> NewPlot:
    """A plot at version 2 across the line between two counties."""
    plot = a_batch(doors.store, 1)[0]
    middle = (plot.bbox[0] + plot.bbox[2]) / 2
    halves = [(106.0, middle, "511902", "巴州区"), (middle, 108.5, "511903", "恩阳区")]
    layer = LayerVersion(
        "county-1", "county", "county", "v1", None, "c.gpkg", "0" * 64, "EPSG:4490", 50.0, 2,
        (106.0, 31.0, 108.5, 33.0), NOW.isoformat(), "gis",
    )  # fmt: skip
    doors.store.layers.add(
        layer,
        [
            LayerFeature(shapely.box(a, 31, b, 33).wkb, code, name, {})
            for a, b, code, name in halves
        ],
    )
    doors.store.facts.put([some_facts(plot)])
    return plot


def split(base: int | None, parts: list[Any], name: str = "s") -> Command:
    return Command("split", name, base, {"parts": parts})


def geometries(parts: Any) -> list[Any]:
    return [dict(part.geometry) for part in parts]


def listed(doors: Services, *stages: str) -> dict[str, str]:
    page = doors.plots.page(CITY, Filter(stages=stages), PageOf(), count=False)
    return {plot.given.source_id: plot.given.plot_id for plot in page.items}


def test_a_plot_across_the_line_becomes_two_with_facts_of_their_own(
    doors: Services, whole: NewPlot
) -> None:
    parts = doors.splits.along_counties(GIS, whole.plot_id)
    assert {(part.county, part.county_name) for part in parts} == {
        ("511902", "巴州区"), ("511903", "恩阳区"),
    }  # fmt: skip
    state, shapes = (
        doors.tiles.revision(CITY, whole.batch),
        doors.store.plots.last_import(whole.batch),
    )
    done = doors.splits.act(GIS, whole.plot_id, split(2, geometries(parts)))
    assert (done.event.action, done.review.stage) == ("split", "merged")
    now = listed(doors)
    assert set(now) == {f"{whole.source_id}~1", f"{whole.source_id}~2"}
    assert done.review.course.children == [now[number] for number in sorted(now)]
    for plot_id, part in zip(done.review.course.children, parts, strict=True):
        plot = doors.store.plots.get(EVERYTHING, plot_id)
        assert (plot.review.stage, plot.review.area) == ("imported", "5119")
        assert plot.review.course.parent == whole.plot_id
        assert plot.facts is not None
        assert (plot.facts.county, plot.facts.area_m2) == (part.county, part.area_m2)
        assert shapely.from_wkb(plot.given.wkb).equals(
            shapely.from_geojson(json.dumps(part.geometry))
        )
        assert plot.given.extra == whole.extra
    parent = doors.store.plots.get(EVERYTHING, whole.plot_id)
    assert parent.given.source_wkb == whole.source_wkb
    assert doors.tiles.revision(CITY, whole.batch) != state
    assert doors.store.plots.last_import(whole.batch) != shapes
    assert doors.store.plots.issued(EVERYTHING, whole.batch) == (1, 2)
    assert list(doors.store.ledger.verify()) == []
    doors.store.ledger.rebuild()
    assert list(doors.store.ledger.verify()) == []
    city = Command("dispatch", "d", 1, {})
    assert (
        doors.review.act(CITY, now[f"{whole.source_id}~1"], city).review.county == parts[0].county
    )


def test_a_repeat_gets_its_answer_and_makes_no_more_parts(doors: Services, whole: NewPlot) -> None:
    parts = geometries(doors.splits.along_counties(CITY, whole.plot_id))
    key = Idempotency(CITY.user, "actions/split", "k", "same")
    asked = [doors.splits.ask(CITY, whole.plot_id, split(2, parts, name), key) for name in "ab"]
    first, again = (kept(one.result) for one in doors.review.settle(asked).result())  # type: ignore[union-attr]
    assert (first.event, again.repeated) == (again.event, True)
    late = doors.splits.ask(CITY, whole.plot_id, split(2, parts, "c"), key)
    (third,) = doors.review.settle([late]).result()
    assert kept(third.result).event == first.event  # type: ignore[union-attr]
    assert len(listed(doors)) == 2


def test_it_can_be_made_whole_until_a_part_has_gone_on(doors: Services, whole: NewPlot) -> None:
    parts = geometries(doors.splits.along_counties(CITY, whole.plot_id))
    doors.splits.act(CITY, whole.plot_id, split(2, parts))
    undo = Command("unmerge", "u", 3, {"text": "并非两处"})
    with pytest.raises(StaleVersion):
        doors.review.act(CITY, whole.plot_id, undo)
    back = doors.splits.act(CITY, whole.plot_id, undo)
    assert (back.review.stage, back.review.course.children) == ("at_county", None)
    assert set(listed(doors)) == {whole.source_id}
    gone = listed(doors, "withdrawn")
    assert set(gone) == {f"{whole.source_id}~1", f"{whole.source_id}~2"}
    with pytest.raises(ActionNotAllowed):
        doors.review.act(
            CITY, gone[f"{whole.source_id}~1"], Command("reinstate", "r", 2, {"document_no": "1"})
        )
    doors.splits.act(CITY, whole.plot_id, split(4, parts, "s2"))
    now = listed(doors)
    assert set(now) == {f"{whole.source_id}~3", f"{whole.source_id}~4"}
    assert list(doors.store.ledger.verify()) == []
    part = now[f"{whole.source_id}~3"]
    doors.review.act(
        CITY, part, Command("mark", "m", 1, {"mark": "false_positive", "reason": "FP31"})
    )
    query = {"text": "界线不明", "layer_version": "v1", "point": "107.1,31.5"}
    doors.review.act(CITY, part, Command("query_boundary", "q", 2, query))
    with pytest.raises(PartsGoneOn):
        doors.splits.act(CITY, whole.plot_id, Command("unmerge", "v", 5, {"text": "x"}))


def test_what_is_refused(doors: Services, whole: NewPlot) -> None:
    west, south, east, north = whole.bbox
    upper = [[west - 1e-3, (south + north) / 2], [east + 1e-3, (south + north) / 2]]
    alike = geometries(doors.splits.cut(CITY, whole.plot_id, upper))
    good = geometries(doors.splits.along_counties(CITY, whole.plot_id))
    act = doors.splits.act
    for actor, command, refusal in [
        (COUNTY, split(2, good), Forbidden),
        (an_actor("gis", "511921"), split(2, good), NotFound),
        (CITY, split(None, good), VersionMissing),
        (CITY, split(1, good), StaleVersion),
        (CITY, split(2, []), BadValue),
        (CITY, split(2, good[:1]), BadValue),
        (CITY, split(2, [*good, {"type": "Point", "coordinates": [107, 31]}]), BadValue),
        (CITY, split(2, [*good, "nonsense"]), BadValue),
        (CITY, split(2, [*good, good[0]]), PartsUnfit),
        (CITY, split(2, alike), PartsAlike),
    ]:
        with pytest.raises(refusal):
            act(actor, whole.plot_id, command)
    with pytest.raises(LineMisses):
        doors.splits.cut(CITY, whole.plot_id, [[west - 1e-3, south - 1e-3], [east, south - 1e-3]])
    with pytest.raises(Forbidden):
        doors.splits.cut(COUNTY, whole.plot_id, upper)
    assert set(listed(doors)) == {whole.source_id}
