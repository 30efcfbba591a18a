"""The register of permits: written, taken in, linked, lent and watched, on both stores."""

import io
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import shapely

from georeview.core.access import Action, Role
from georeview.core.permits import Standing
from georeview.core.procedure import Command
from georeview.core.query import Filter, PageOf
from georeview.errors import BadValue, Forbidden, NotFound
from georeview.errors.permits import PermitChanged, PermitKnown, PermitWithdrawn
from georeview.errors.review import PermitOver, PermitUnfit
from georeview.errors.store import StoreConflict
from georeview.services import Services, open_services
from georeview.services.ids import new_id
from georeview.services.permit_intake import Taken
from georeview.storage.ports.layers import LayerFeature, LayerVersion
from tests.builders import NOW, a_batch_of, a_plot, an_actor, an_import, entries, some_facts
from tests.places import Place

CITY = an_actor(Role.CITY, "5119")
COUNTY = an_actor(Role.COUNTY, "511921")
CHECKER = an_actor(Role.COUNTY, "511921", "checker")
OTHER = an_actor(Role.COUNTY, "511922")
GIS = an_actor(Role.GIS, "5119")
TOWN = an_actor(Role.TOWNSHIP, "511921100")
PHOTO_AT = "E_PHOTO"


class Clock:
    """Stands still until it is told to move."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def doors(place: Place, clock: Clock) -> Iterator[Services]:
    with closing(open_services(place.settings, clock)) as services:
        yield services


def bridges(doors: Services, n: int = 3) -> list[str]:
    """Plots of 通江 in one place: a bridge that became several plots."""
    plots = []
    for at in range(n):
        west = 107.2 + at * 0.0003
        shape = shapely.box(west, 31.9, west + 0.0002, 31.9002)
        wkb = shapely.to_wkb(shape)
        fields = {"source_id": f"Q{at}", "type_issued": "桥梁"}
        plot = replace(a_plot(at), source_id=f"Q{at}", wkb=wkb, source_wkb=wkb, fields=fields)
        plots.append(replace(plot, bbox=shape.bounds))
    facts = [
        replace(some_facts(p), lon=p.bbox[0] + 0.0001, lat=31.9001, suggestion=None, band="in")
        for p in plots
    ]
    doors.store.deliveries.add(a_batch_of(), an_import(), entries(plots, county="511921"))
    doors.store.facts.put(facts)
    return [plot.plot_id for plot in plots]


def point(lon: float = 107.2001, lat: float = 31.9001) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


SAID = {
    "number": "川水许〔2020〕17号",
    "name": "通江大桥",
    "kind": "桥梁",
    "authority": "通江县水利局",
    "granted_on": "2020-06-30",
    "holder": "某建设单位",
}


def act(doors: Services, actor: Any, plot_id: str, action: str, **body: object) -> Any:
    version = doors.plots.detail(actor, plot_id).plot.review.version
    return doors.review.act(actor, plot_id, Command(action, new_id(), version, body))


def pdf(text: str = "许可") -> io.BytesIO:
    return io.BytesIO(b"%PDF-1.4\n" + text.encode() + b"\n%%EOF\n")


def test_an_entry_is_written_changed_with_its_history_and_withdrawn(doors: Services) -> None:
    made = doors.permits.add(COUNTY, SAID)
    assert made.permit.area == "511921"
    with pytest.raises(PermitKnown):
        doors.permits.add(COUNTY, SAID)
    assert doors.permits.add(COUNTY, SAID, again=True).permit.number == SAID["number"]
    moved = doors.permits.change(COUNTY, made.permit.permit_id, 1, {"valid_to": "2030-12-31"})
    assert (moved.permit.valid_to, moved.permit.name) == ("2030-12-31", "通江大桥")
    with pytest.raises(PermitChanged):
        doors.permits.change(COUNTY, made.permit.permit_id, 1, {"valid_to": "2031-12-31"})
    gone = doors.permits.withdraw(CITY, made.permit.permit_id, 2, "登记重复")
    assert gone.permit.standing(NOW.date()) is Standing.WITHDRAWN
    with pytest.raises(PermitWithdrawn):
        doors.permits.change(CITY, made.permit.permit_id, 3, {"name": "另一座"})
    told = [(c.revision, c.action, c.actor) for c in gone.changes]
    assert told == [(1, "add", COUNTY.user), (2, "change", COUNTY.user), (3, "withdraw", CITY.user)]
    assert gone.changes[1].detail == {"valid_to": [None, "2030-12-31"]}
    assert gone.changes[2].detail["why"] == "登记重复"


def test_what_was_changed_cannot_be_made_otherwise(doors: Services) -> None:
    doors.permits.add(COUNTY, SAID)
    for sql in ("DELETE FROM permit_change", "UPDATE permit_change SET actor = 'x'"):
        with pytest.raises(StoreConflict):
            doors.store.engine.write(lambda connection, sql=sql: connection.execute(sql))


@pytest.mark.parametrize(
    ("field", "value"),
    [("number", " "), ("valid_to", "2030-13-01"), ("granted_on", "2020/1/1"), ("name", "a\x00")],
)
def test_what_cannot_be_is_not_written(doors: Services, field: str, value: str) -> None:
    with pytest.raises(BadValue) as refused:
        doors.permits.add(CITY, {**SAID, field: value})
    assert refused.value.facts["field"] == field


def test_the_register_is_seen_by_areas_and_holders_by_those_who_keep_it(doors: Services) -> None:
    own = doors.permits.add(COUNTY, SAID).permit.permit_id
    whole = doors.permits.add(CITY, {**SAID, "number": "市管1号"}).permit.permit_id
    seen = {
        who.user: {p.permit_id for p in doors.permits.page(who, doors.permits.wanted(who))[0].items}
        for who in (CITY, COUNTY, OTHER, GIS)
    }
    # What the city keeps of no county is there for all of its counties.
    assert seen == {
        CITY.user: {own, whole},
        COUNTY.user: {own, whole},
        OTHER.user: {whole},
        GIS.user: {own, whole},
    }
    with pytest.raises(NotFound):
        doors.permits.entry(OTHER, own)
    with pytest.raises(Forbidden):
        doors.permits.change(OTHER, whole, 1, {"name": "改"})
    with pytest.raises(Forbidden):
        doors.permits.page(TOWN, doors.permits.wanted(COUNTY))
    by_holder = [
        doors.permits.page(who, doors.permits.wanted(who, q="某建设"))[0].matched
        for who in (CITY, GIS)
    ]
    assert by_holder == [2, 0]
    assert not doors.permits.entry(GIS, own).whole


def test_a_list_is_asked_by_words_kind_place_and_what_is_good(
    doors: Services, clock: Clock
) -> None:
    today = clock().date()
    for n, end in enumerate((None, today + timedelta(days=5), today - timedelta(days=1))):
        said = {**SAID, "number": f"N{n}", "valid_to": end and end.isoformat()}
        doors.permits.add(CITY, said, point(107.2 + n / 10))

    def numbers(**asked: Any) -> list[str]:
        page, _ = doors.permits.page(CITY, doors.permits.wanted(CITY, **asked), "valid_to")
        return [permit.number for permit in page.items]

    assert numbers() == ["N2", "N1", "N0"]
    assert numbers(q="n1") == ["N1"]
    assert numbers(kind="码头") == []
    assert numbers(bbox=(107.25, 31, 107.35, 32)) == ["N1"]
    assert [numbers(standing=s) for s in (Standing.VALID, Standing.EXPIRING, Standing.EXPIRED)] == [
        ["N0"],
        ["N1"],
        ["N2"],
    ]
    first, _ = doors.permits.page(CITY, doors.permits.wanted(CITY), limit=2)
    rest, _ = doors.permits.page(CITY, doors.permits.wanted(CITY), limit=2, after=first.after)
    assert [p.number for p in (*first.items, *rest.items)] == ["N0", "N1", "N2"]
    assert (first.matched, rest.after) == (3, None)


def test_a_link_fills_the_mark_in_and_meets_the_permit(doors: Services) -> None:
    plot, *others = bridges(doors)
    permit = doors.permits.add(COUNTY, {**SAID, "valid_to": "2040-12-31"}, point()).permit
    act(doors, COUNTY, plot, "mark", mark="false_positive", reason="FP21")
    before = {m.any_of for m in doors.plots.detail(COUNTY, plot).missing}
    assert ("E_PERMIT",) in before
    act(doors, COUNTY, plot, "link_permit", permit=permit.permit_id, permit_no="typed")
    seen = doors.plots.detail(COUNTY, plot)
    assert [m.any_of for m in seen.missing] == [("E_PHOTO",)]
    review = seen.plot.review
    assert (review.permit_no, review.permit_authority, review.permit_date) == (
        SAID["number"],
        SAID["authority"],
        SAID["granted_on"],
    )
    act(doors, COUNTY, others[0], "link_permit", permit=permit.permit_id)
    told = doors.permit_plots.of_plot(COUNTY, plot)
    assert told.linked is not None
    assert told.same_number is not None
    assert (told.linked.distance_m, told.linked.fits, told.same_number.matched) == (0.0, True, 1)
    # Another number is not what the register says.
    act(doors, COUNTY, plot, "mark", mark="false_positive", permit_no="另一号")
    assert doors.plots.detail(COUNTY, plot).plot.review.permit_id is None
    act(doors, COUNTY, plot, "undo_mark")
    assert doors.plots.detail(COUNTY, plot).plot.review.permit_id == permit.permit_id
    act(doors, COUNTY, plot, "unlink_permit")
    assert doors.plots.detail(COUNTY, plot).plot.review.permit_no is None
    assert list(doors.upkeep.verify()) == []


def test_only_what_is_there_can_be_linked(doors: Services) -> None:
    plot, *_ = bridges(doors)
    gone = doors.permits.add(CITY, SAID).permit
    doors.permits.withdraw(CITY, gone.permit_id, 1, "重复")
    elsewhere = doors.permits.add(OTHER, {**SAID, "number": "南江1号"}).permit
    for permit in (gone.permit_id, elsewhere.permit_id, "nothing"):
        with pytest.raises(PermitUnfit):
            act(doors, COUNTY, plot, "link_permit", permit=permit)


def test_documents_and_photos_serve_all_plots_of_a_permit(doors: Services) -> None:
    first, second, third = bridges(doors)
    permit = doors.permits.add(COUNTY, SAID, point()).permit
    doors.permits.attach(COUNTY, permit.permit_id, pdf(), kind="E_PERMIT", name="许可.pdf")
    act(doors, COUNTY, first, "link_permit", permit=permit.permit_id)
    act(doors, COUNTY, second, "link_permit", permit=permit.permit_id)
    explained = doors.permits.attach(
        COUNTY, permit.permit_id, photo(), kind="E_PHOTO", name="桥.jpg", note="同一座桥"
    )
    again = doors.permits.attach(
        COUNTY, permit.permit_id, photo(), kind="E_PHOTO", name="桥.jpg", note="同一座桥"
    )
    assert again.file_id == explained.file_id
    unplaced = doors.permits.attach(
        COUNTY, permit.permit_id, photo(2), kind="E_PHOTO", name="桥二.jpg"
    )

    def kinds(plot: str) -> list[str]:
        return [file.kind for file in doors.plots.detail(COUNTY, plot).evidence]

    assert kinds(first) == kinds(second) == ["E_PERMIT", "E_PHOTO"]
    act(doors, COUNTY, third, "link_permit", permit=permit.permit_id)
    assert kinds(third) == ["E_PERMIT", "E_PHOTO"]
    # Linked again, nothing comes twice.
    act(doors, COUNTY, third, "link_permit", permit=permit.permit_id)
    assert kinds(third) == ["E_PERMIT", "E_PHOTO"]
    assert unplaced.note is None
    act(doors, COUNTY, third, "mark", mark="false_positive", reason="FP21")
    assert doors.plots.detail(COUNTY, third).missing == ()
    assert list(doors.upkeep.verify()) == []


def photo(shade: int = 1) -> io.BytesIO:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (16, 16), (shade * 40, 80, 120)).save(out, "JPEG")
    return io.BytesIO(out.getvalue())


def closed(doors: Services, plot: str, permit: str) -> None:
    act(doors, COUNTY, plot, "link_permit", permit=permit)
    act(doors, COUNTY, plot, "mark", mark="false_positive", reason="FP27")
    act(doors, COUNTY, plot, "submit")
    act(doors, CHECKER, plot, "approve")
    act(doors, CITY, plot, "accept_negative")


def timed(doors: Services, end: str) -> str:
    said = {**SAID, "kind": "临时工程", "valid_to": end}
    permit = doors.permits.add(COUNTY, said, point()).permit
    doors.permits.attach(
        COUNTY, permit.permit_id, photo(), kind="E_PHOTO", name="便道.jpg", note="全景"
    )
    return permit.permit_id


def test_a_permit_that_runs_out_is_told_before_and_asked_about_once(
    doors: Services, clock: Clock
) -> None:
    first, second, third = bridges(doors)
    permit = timed(doors, "2023-06-30")
    for plot in (first, second):
        closed(doors, plot, permit)
    assert doors.plots.detail(CITY, first).plot.review.course.follow_up_on == "2023-06-30"
    assert doors.permit_watch.look().told == 0
    clock.now = datetime(2023, 6, 1, 2, tzinfo=UTC)
    assert (doors.permit_watch.look().told, doors.permit_watch.look().told) == (2, 0)
    (notice,) = [n for n in doors.notices.inbox(CITY) if n.kind == "permit_ending"]
    assert notice.plots == 2
    clock.now = datetime(2023, 7, 1, 2, tzinfo=UTC)
    assert over(doors) == {first, second}
    watched = doors.permit_watch.look()
    assert (watched.asked, doors.permit_watch.look().asked) == (2, 0)
    request = doors.plots.detail(CITY, first).plot.review.course.request
    assert request is not None
    assert request["body"] == {"code": "RO7", "text": f"{SAID['number']} 2023-06-30"}
    # One press for each: one is opened again, of the other the city says that it stays closed.
    act(doors, CITY, first, "reopen", code="RO7")
    act(doors, CITY, second, "decline", text="已拆除,现场恢复")
    assert doors.permit_watch.look().asked == 0
    stages = [doors.plots.detail(CITY, p).plot.review.stage for p in (first, second)]
    assert stages == ["in_review", "closed"]
    assert over(doors) == {second}
    # The reason holds no longer than the permit.
    act(doors, COUNTY, third, "link_permit", permit=permit)
    act(doors, COUNTY, third, "mark", mark="false_positive", reason="FP27")
    with pytest.raises(PermitOver):
        act(doors, COUNTY, third, "submit")
    assert list(doors.upkeep.verify()) == []


def test_a_prolonged_permit_covers_what_was_closed_on_it(doors: Services, clock: Clock) -> None:
    first, second, _ = bridges(doors)
    permit = timed(doors, "2023-06-30")
    for plot in (first, second):
        closed(doors, plot, permit)
    clock.now = datetime(2023, 7, 1, 2, tzinfo=UTC)
    newer = doors.permits.add(CITY, {**SAID, "number": "新号", "valid_to": "2025-12-31"}).permit
    act(doors, CITY, first, "link_permit", permit=newer.permit_id)
    assert over(doors) == {second}
    revision = doors.permits.entry(CITY, permit).permit.revision
    doors.permits.change(CITY, permit, revision, {"valid_to": "2024-06-30"})
    assert over(doors) == set()
    assert doors.permit_watch.look().asked == 0


def over(doors: Services) -> set[str]:
    today = doors.clock().date()
    page = doors.plots.page(CITY, Filter(permit_over_on=today), PageOf(), count=True)
    return {plot.given.plot_id for plot in page.items}


def test_works_without_a_permit_that_holds(doors: Services, clock: Clock) -> None:
    first, second, third = bridges(doors)
    good = doors.permits.add(CITY, {**SAID, "valid_to": "2040-12-31"}).permit.permit_id
    old = doors.permits.add(CITY, {**SAID, "valid_to": "2020-12-31"}, again=True).permit.permit_id
    act(doors, COUNTY, first, "link_permit", permit=good)
    act(doors, COUNTY, second, "link_permit", permit=old)
    act(doors, COUNTY, third, "mark", mark="false_positive", reason="FP41", type_actual="滩地")
    where = Filter(without_permit_on=clock().date())
    page = doors.plots.page(CITY, where, PageOf(), count=True)
    assert ({p.given.plot_id for p in page.items}, page.matched) == ({second}, 1)


def test_plots_are_found_from_the_permit_and_permits_from_the_plot(doors: Services) -> None:
    first, second, third = bridges(doors)
    near = doors.permits.add(CITY, SAID, point(107.2001)).permit
    said = {**SAID, "number": "远处", "kind": "码头"}
    far = doors.permits.add(CITY, said, point(107.204)).permit
    found = doors.permit_plots.candidates(COUNTY, near.permit_id, within_m=50)
    assert [one.plot.given.plot_id for one in found] == [first, second, third]
    assert [one.fits for one in found] == [True] * 3
    named = doors.permit_plots.candidates(COUNTY, near.permit_id, numbers=["Q1", "nothing", "o'q"])
    assert [one.plot.given.plot_id for one in named] == [second]
    assert doors.permit_plots.candidates(OTHER, near.permit_id) == []
    told = doors.permit_plots.of_plot(COUNTY, first).near
    assert [(one.permit.permit_id, one.fits) for one in told] == [
        (near.permit_id, True),
        (far.permit_id, False),
    ]
    assert told[1].distance_m == pytest.approx(359, abs=15)
    by_words = doors.permit_plots.of_plot(COUNTY, first, "远").near
    assert [one.permit.number for one in by_words] == ["远处"]


def a_table(doors: Services, rows: list[dict[str, object]]) -> str:
    """A version of a layer of permits."""
    features = [
        LayerFeature(shapely.to_wkb(shapely.Point(107.2, 31.9)), None, None, row) for row in rows
    ]
    layer = LayerVersion(
        layer_id="permit-1",
        kind="permit",
        name="涉河项目许可",
        version="v1",
        valid_from=None,
        source="permits.gpkg",
        sha256="0" * 64,
        crs_original="EPSG:4490",
        accuracy_m=50.0,
        features=len(features),
        bbox=(107.0, 31.0, 108.0, 32.0),
        created_at=NOW.isoformat(),
        actor="gis",
    )
    doors.store.layers.add(layer, features)
    return layer.layer_id


def test_every_row_of_a_table_is_taken_asked_about_or_set_aside(doors: Services) -> None:
    doors.permits.add(CITY, {"number": "同", "kind": "桥梁"}, point(107.2, 31.9))
    doors.permits.add(CITY, {"number": "变", "kind": "桥梁"}, point(107.2, 31.9))
    rows: list[dict[str, object]] = [
        {"permit_no": "新", "kind": "桥梁", "valid_to": "2030年1月2日"},
        {"许可文号": "同", "kind": "桥梁"},
        {"permit_no": "变", "kind": "桥梁", "valid_to": "20301231"},
        {"permit_no": "两", "name": "甲"},
        {"permit_no": "两", "name": "乙"},
        {"permit_no": "重", "name": "丙"},
        {"permit_no": "重", "name": "丙"},
        {"name": "无号"},
        {"permit_no": "坏", "valid_to": "明年"},
    ]
    offer = doors.permit_intake.of_layer(CITY, a_table(doors, rows))
    assert [one.permit.number for one in offer.new] == ["新", "重"]
    assert offer.new[0].permit.valid_to == "2030-01-02"
    assert [one.detail["valid_to"] for one in offer.changed] == [[None, "2030-12-31"]]
    assert [(one.row, one.why) for one in offer.aside] == [(8, "number"), (9, "valid_to")]
    assert [one.row for one in offer.twice["两"]] == [4, 5]
    with pytest.raises(BadValue):
        doors.permit_intake.take(CITY, offer, chosen={"两": 9})
    taken = doors.permit_intake.take(CITY, offer)
    assert taken == Taken(added=2, changed=0, same=2, left=1, twice=2, aside=2)
    assert sum((taken.added, taken.same, taken.left, taken.twice, taken.aside)) == len(rows)
    offer = doors.permit_intake.of_layer(CITY, "permit-1")
    taken = doors.permit_intake.take(CITY, offer, update=True, chosen={"两": 5})
    assert taken == Taken(added=1, changed=1, same=4, left=0, twice=1, aside=2)
    kept = doors.permits.page(CITY, doors.permits.wanted(CITY, q="变"))[0].items[0]
    assert (kept.valid_to, kept.revision, kept.source) == ("2030-12-31", 2, "permit-1")
    with pytest.raises(Forbidden):
        doors.permit_intake.of_layer(GIS, "permit-1")


def test_those_who_link_may_also_attach(doors: Services) -> None:
    from georeview.core.access import GRANTS

    for role, rights in GRANTS.items():
        if Action.LINK_PERMIT in rights:
            assert Action.ATTACH in rights, role
