"""Reading plots through the services: sight, lateness, cursors."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from georeview import errors
from georeview.core.access import Actor, Grant, Role
from georeview.core.query import MAX_LIMIT, SORTS, Filter, PageOf
from georeview.services import Services
from georeview.services.plots import PlotService, encode_cursor, page_of
from georeview.storage.ports.ledger import Known
from tests.builders import COUNTIES, a_batch, an_actor, some_facts
from tests.places import Place
from tests.services.doors import open_doors

CITY = an_actor("city", "5119")


@pytest.fixture
def doors(tmp_path: Path, place: Place) -> Iterator[Services]:
    with open_doors(tmp_path, store=place.address) as services:
        plots = a_batch(services.store, 20)
        services.store.facts.put([some_facts(plot) for plot in plots])
        yield services


def test_a_batch_counts_only_what_the_reader_sees(doors: Services) -> None:
    county = an_actor("county", COUNTIES[0])
    (view,) = doors.plots.batches(county)
    assert sum(view.counts.values()) == 4
    assert doors.plots.batch(county, "2023-1")[1] == []
    assert len(doors.plots.batch(CITY, "2023-1")[1]) == 1
    for actor, name in ((CITY, "none"), (an_actor("county", "511799"), "2023-1")):
        with pytest.raises(errors.NotFound):
            doors.plots.batch(actor, name)


def test_grants_add_up(doors: Services) -> None:
    both = Actor("x", "x", "x", (Grant(Role.COUNTY, COUNTIES[0]), Grant(Role.GIS, COUNTIES[1])))
    page = doors.plots.page(both, Filter(), PageOf(limit=50), count=True)
    assert {plot.review.county for plot in page.items} == set(COUNTIES[:2])
    assert page.matched == 8


def test_only_a_permit_found_at_the_place_is_a_registered_one(doors: Services) -> None:
    (plot, *_) = doors.plots.page(CITY, Filter(), PageOf(limit=1), count=False).items
    permit = {"key": "permit", "code": "FP21", "facts": {"number": "许可2020-7"}}
    ledger = {"key": "known_problem", "code": "PR42", "facts": {"number": "TZ-1"}}
    assert plot.facts is not None
    facts = replace(plot.facts, detail={"hints": [permit, ledger]})
    known = Known(replace(plot, facts=facts), (), doors.store.around())
    assert doors.plots.proof(known).permits == {"许可2020-7"}


def test_who_sees_no_plots_is_refused(doors: Services) -> None:
    with pytest.raises(errors.Forbidden):
        doors.plots.page(an_actor("admin", "5119"), Filter(), PageOf(), count=True)


@pytest.mark.parametrize(
    ("now", "days"),
    [
        (datetime(2023, 6, 30, 15, 59, tzinfo=UTC), 0),
        (datetime(2023, 6, 30, 16, 0, tzinfo=UTC), 0),
        (datetime(2023, 7, 3, 1, 0, tzinfo=UTC), 1),
        (datetime(2023, 10, 8, 1, 0, tzinfo=UTC), 66),
    ],
)
def test_lateness_is_counted_in_working_days_of_the_place(
    doors: Services, now: datetime, days: int
) -> None:
    """2023-10-07 and -08 were working days, 09-29 to 10-06 were not."""
    plot = doors.plots.detail(CITY, "2023-1-0-0000000").plot
    timing = PlotService(doors.store, lambda: now).timing(plot, ())
    assert timing is not None
    assert timing.overdue_days == days


@given(
    st.sampled_from(SORTS),
    st.booleans(),
    st.text(max_size=20) | st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
)
def test_a_cursor_comes_back_as_it_went_out(
    sort: str, descending: bool, value: str | float, plot: str
) -> None:
    asked = ("-" if descending else "") + sort
    page = page_of(asked, limit=10, cursor=None)
    cursor = encode_cursor(page, (value, plot))
    assert page_of(asked, limit=10, cursor=cursor).after == (value, plot)
    other = sort if descending else f"-{sort}"
    with pytest.raises(errors.BadValue):
        page_of(other, limit=10, cursor=cursor)


@given(st.text(max_size=60) | st.binary(max_size=40).map(lambda raw: raw.decode("latin-1")))
def test_any_other_text_is_no_cursor(text: str) -> None:
    with pytest.raises(errors.BadValue):
        page_of("source_id", limit=10, cursor=text)


def test_a_part_is_never_longer_than_the_longest() -> None:
    assert page_of("risk", limit=10**9, cursor=None).limit == MAX_LIMIT
    with pytest.raises(errors.BadValue):
        page_of("colour", limit=1, cursor=None)
