import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pysqlite3 import dbapi2 as sqlite3

from georeview.core.access import EVERYTHING, Scope
from georeview.core.query import Filter, PageOf
from georeview.errors import BadValue
from georeview.storage import where
from georeview.storage.sqlite_connection import SQLITE

CODES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4)
DIGITS = st.text("0159", max_size=6)
AREAS = DIGITS | CODES | st.just("\ud7ff\U0010ffff") | st.just("\U0010ffff")


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(AREAS, max_size=8), st.lists(AREAS, max_size=3))
def test_the_condition_and_the_rule_agree(areas: list[str], prefixes: list[str]) -> None:
    scope = Scope(tuple(prefixes))
    areas = areas + [prefix + end for prefix in prefixes for end in ("", "0", "\U0010ffff")]
    condition = where.seen(scope)
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE s (area TEXT)")
    connection.executemany("INSERT INTO s VALUES (?)", [(area,) for area in areas])
    found = connection.execute(f"SELECT s.area FROM s WHERE {condition.sql}", condition.params)
    assert [area for (area,) in found] == [area for area in areas if scope.holds(area)]
    connection.close()


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
