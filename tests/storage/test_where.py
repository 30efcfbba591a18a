from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from georeview.core.access import EVERYTHING, Scope
from georeview.core.query import Filter, PageOf
from georeview.errors import BadValue
from georeview.storage import where
from georeview.storage.migrate import filled
from georeview.storage.sqlite_connection import SQLITE
from tests.places import BACK_ENDS, NewPlace

CODES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4)
DIGITS = st.text("0159", max_size=6)
AREAS = DIGITS | CODES | st.just("\ud7ff\U0010ffff") | st.just("\U0010ffff")


@pytest.fixture(scope="module", params=BACK_ENDS)
def table(
    request: pytest.FixtureRequest, places: NewPlace, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """A connection with a table ``s`` that has nothing but an area, as the schema has it."""
    folder = tmp_path_factory.mktemp("where")
    with places(request.param, folder) as place, place.raw() as connection:
        made = filled("CREATE TEMP TABLE s (area TEXT)", place.dialect)
        connection.execute(made)
        yield connection


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(AREAS, max_size=8), st.lists(AREAS, max_size=3))
def test_the_condition_and_the_rule_agree(
    table: Any, areas: list[str], prefixes: list[str]
) -> None:
    scope = Scope(tuple(prefixes))
    areas = areas + [prefix + end for prefix in prefixes for end in ("", "0", "\U0010ffff")]
    condition = where.seen(scope)
    table.execute("DELETE FROM s")
    table.executemany("INSERT INTO s VALUES (:area)", [{"area": area} for area in areas])
    found = table.execute(f"SELECT s.area FROM s WHERE {condition.sql}", condition.params)
    assert sorted(area for (area,) in found) == sorted(filter(scope.holds, areas))


def test_everything_and_nothing() -> None:
    assert where.seen(EVERYTHING).sql == "1 = 1"
    assert where.seen(Scope(())).sql == "1 = 0"


def test_values_never_reach_the_statement() -> None:
    evil = "x' OR 1=1 --"
    asked = Filter(
        batch=evil, county=evil, township=evil, marks=(evil, evil), stages=(evil,),
        determination=evil, reason=evil, assignee=evil, q=evil, updated_since=evil,
    )  # fmt: skip
    assert evil not in where.plots(Scope((evil,)), asked, SQLITE).sql


@pytest.mark.parametrize(
    ("sort", "after"),
    [
        ("risk", (3, "1")), ("risk", (None, "1")), ("area_m2", ("x", "1")),
        ("area_m2", (float("nan"), "1")), ("area_m2", (10**400, "1")), ("area_m2", (True, "1")),
        ("due_on", ("2023", "P1")), ("due_on", ("2023", "9" * 40)), ("due_on", ("2023", "²")),
    ],
)  # fmt: skip
def test_an_end_of_list_that_cannot_be_is_refused(sort: str, after: tuple) -> None:
    with pytest.raises(BadValue):
        where.add_start(where.Where(), PageOf(sort, after=after))  # type: ignore[arg-type]


def test_a_very_long_search_is_refused() -> None:
    with pytest.raises(BadValue):
        where.plots(EVERYTHING, Filter(q="河" * 201), SQLITE)
