"""CQL2, text and JSON: what is taken, what is refused and how, and that every store agrees."""

import json
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, fields
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import from_wkb

from georeview.core.access import EVERYTHING, Scope
from georeview.core.conditions import (
    COMPARISONS,
    FILTER_FIELDS,
    Among,
    Between,
    Compared,
    Condition,
    Every,
    Like,
    Meets,
    Missing,
    Not,
    Some,
    as_json,
    wildcards,
)
from georeview.core.query import Filter, PageOf
from georeview.errors import Malformed
from georeview.errors.filters import (
    FilterFieldUnknown,
    FilterOperatorUnknown,
    FilterShapeWrong,
    FilterTooLarge,
    FilterUnreadable,
    FilterValueWrong,
)
from georeview.services import cql2
from georeview.services.wording import field_name
from georeview.storage.ports.plots import Plot
from georeview.storage.store import DatabaseStore
from georeview.storage.where_condition import COLUMNS
from tests.builders import CITY, COUNTIES, NOW, a_batch, a_mark, an_actor, some_facts
from tests.places import NewPlace

MEETS_ONE, MEETS_MANY = (
    cql2.read({"op": "s_intersects", "args": [{"property": "geometry"}, shape]})
    for shape in (
        {"type": "Point", "coordinates": [107, 32]},
        {"type": "MultiPoint", "coordinates": [[107, 32]]},
    )
)
ONE = Compared("version", "=", 1.0)


# Reading -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("mark = 'pending'", Compared("mark", "=", "pending")),
        ("500 < area_m2", Compared("area_m2", ">", 500.0)),
        ("area_m2 <> -2.5e3", Compared("area_m2", "<>", -2500.0)),
        ('"river" = \'it\'\'s\'', Compared("river", "=", "it's")),
        ("note IS NULL", Missing("note")),
        ("note is not null", Not(Missing("note"))),
        ("river LIKE '巴%'", Like("river", "巴%")),
        ("river NOT LIKE '巴_'", Not(Like("river", "巴_"))),
        ("version BETWEEN 1 AND 2 AND version = 1", Every((Between("version", 1.0, 2.0), ONE))),
        ("version NOT IN (1, 2)", Not(Among("version", (1.0, 2.0)))),
        ("version=1 OR version=1 AND NOT version=1", Some((ONE, Every((ONE, Not(ONE)))))),
        ("(version=1 OR version=1) AND version=1", Every((Some((ONE, ONE)), ONE))),
        ("due_on < DATE('2023-06-30')", Compared("due_on", "<", "2023-06-30")),
        ("due_on < '2023-06-30'", Compared("due_on", "<", "2023-06-30")),
        (
            "T_AFTER(updated_at, TIMESTAMP('2023-04-01T08:00:00+08:00'))",
            Compared("updated_at", ">", "2023-04-01T00:00:00.000+00:00"),
        ),
        (
            "(S_INTERSECTS(geometry, MULTIPOINT((107 32))) AND (S_INTERSECTS(geometry, POINT(107 32))))",
            Every((MEETS_MANY, MEETS_ONE)),
        ),
        ("", None),
        ("  ", None),
    ],
)  # fmt: skip
def test_what_is_taken(text: str, condition: Condition | None) -> None:
    assert cql2.read(text) == condition


@pytest.mark.parametrize(
    ("asked", "refusal", "facts"),
    [
        ("mark =", FilterUnreadable, {"at": 7, "near": "…"}),
        ("area_m2 > 500 mark", FilterUnreadable, {"at": 15, "near": "mark"}),
        ("mark = 'pending", FilterUnreadable, {"at": 8}),
        ("(" * 3000, FilterUnreadable, {"at": 3001}),
        ("version = 1; DROP TABLE plot", FilterUnreadable, {"at": 12}),
        ('{"op": "=",', FilterUnreadable, {"at": 12}),
        ("NOT " * 3000 + "version = 1", FilterTooLarge, {"what": "depth"}),
        ('{"op":"not","args":[' * 900 + "]}" * 900, FilterTooLarge, {"what": "depth"}),
        (" OR ".join(["version = 1"] * 501), FilterTooLarge, {"what": "parts"}),
        (f"version IN ({','.join('1' * 501)})", FilterTooLarge, {"what": "parts"}),
        ("'" + "x" * 20_000 + "'", FilterTooLarge, {"what": "characters"}),
        ("overdue_days > 3", FilterFieldUnknown, {"name": "overdue_days"}),
        ("mark = pending", FilterFieldUnknown, {"name": "pending"}),
        ("area_m2 LIKE '5%'", FilterOperatorUnknown, {"op": "like", "field": "area_m2"}),
        ("CASEI(river) = 'x'", FilterUnreadable, {"at": 14}),
        ("S_WITHIN(geometry, BBOX(1,2,3,4))", FilterOperatorUnknown, {"field": "geometry"}),
        ("BUFFER(river, 5)", FilterOperatorUnknown, {"op": "buffer", "field": "river"}),
        ("mark = 'maybe'", FilterValueWrong, {"name": "mark", "value": "maybe"}),
        ("area_m2 = 'big'", FilterValueWrong, {"name": "area_m2", "possible": "number"}),
        ("river = 5", FilterValueWrong, {"name": "river", "possible": "text"}),
        ("due_on = '2023-02-30'", FilterValueWrong, {"possible": "date"}),
        ("S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 1 0, 0 1, 0 0)))", FilterShapeWrong, {}),
        ("S_INTERSECTS(geometry, POLYGON((0 0, 1 1)))", FilterShapeWrong, {}),
        ("S_INTERSECTS(geometry, BBOX(107, 31, 106, 32))", FilterShapeWrong, {}),
        ("S_INTERSECTS(geometry, BBOX(337971, 3453166, 340000, 3460000))", FilterShapeWrong, {}),
        ({"op": "=", "args": [{"property": "river"}, "\0"]}, FilterValueWrong, {}),
        ({"op": "=", "args": [{"property": "river"}, "\ud800"]}, FilterValueWrong, {}),
        ({"op": "=", "args": [{"property": "version"}, 10**400]}, FilterValueWrong, {}),
        ({"op": "=", "args": [{"property": "version"}, True]}, FilterValueWrong, {}),
        ({"op": "and", "args": []}, FilterOperatorUnknown, {"op": "and"}),
        ({"op": "and", "args": [True]}, FilterOperatorUnknown, {"op": "true"}),
        ({"args": 5}, FilterOperatorUnknown, {}),
        ({}, FilterOperatorUnknown, {}),
    ],
)  # fmt: skip
def test_what_is_refused_says_where(asked: object, refusal: type, facts: dict) -> None:
    with pytest.raises(refusal) as refused:
        cql2.read(asked)  # type: ignore[arg-type]
    assert facts.items() <= refused.value.facts.items()


@settings(max_examples=150)
@given(st.text(max_size=60) | st.text("()'=<>, .AND0-", max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    with suppress(Malformed):
        cql2.read(text)


# The same rows everywhere ------------------------------------------------------------------------

TEXTS = ("巴河", "通江", "BZ00", "bz", "100%_\\x", "[a*]?", "it's", "")
NUMBERS = (-3.25, 0.0, 0.5, 1.0, 2.0, 500.0, 2500.0)
DAYS = ("2023-06-29", "2023-06-30", "2023-11-30")
SHAPES = (
    "BBOX(106.5,31.5,107.0,32.0)",
    "POLYGON((106.5 31.5, 107.5 31.5, 106.5 32.5, 106.5 31.5))",
    "LINESTRING(106.5 31.5, 107.5 32.5)",
    "BBOX(106.5,31.5,107.5,32.5)",
    "POINT(107 32)",
)
MEETS = [cql2.read(f"S_INTERSECTS(geometry, {shape})") for shape in SHAPES]


def values(field: str) -> st.SearchStrategy:
    known = FILTER_FIELDS[field]
    if known.kind == "number":
        return st.sampled_from(NUMBERS)
    if known.kind == "date":
        return st.sampled_from(DAYS)
    if known.kind == "instant":
        hours = st.integers(-30, 60)
        return hours.map(lambda h: (NOW + timedelta(hours=h)).isoformat(timespec="milliseconds"))
    return st.sampled_from(known.possible or TEXTS)


@st.composite
def predicates(draw: st.DrawFn) -> Condition:
    field = draw(st.sampled_from(list(FILTER_FIELDS)))
    kinds = ["compared", "between", "among", "missing", "meets"]
    kind = draw(st.sampled_from([*kinds, "like"] if FILTER_FIELDS[field].kind == "text" else kinds))
    value = values(field)
    match kind:
        case "compared":
            return Compared(field, draw(st.sampled_from(COMPARISONS)), draw(value))
        case "between":
            return Between(field, draw(value), draw(value))
        case "among":
            return Among(field, tuple(draw(st.lists(value, min_size=1, max_size=3))))
        case "like":
            pieces = st.sampled_from(["%", "_", "\\%", "\\", "*", "?", "[", "巴", "b", "B", "0"])
            return Like(field, "".join(draw(st.lists(pieces, max_size=5))))
        case "meets":
            return draw(st.sampled_from(MEETS))
    return Missing(field)


CONDITIONS = st.recursive(
    predicates(),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: Every(tuple(parts))),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: Some(tuple(parts))),
    ),
    max_leaves=6,
)


def value_of(plot: Plot, field: str) -> object:
    """A member of a plot, found without the store's conditions."""
    named = {
        "area_m2": plot.facts and plot.facts.area_m2,
        "due_on": plot.review_due,
        "updated_at": plot.updated_at,
        "type_issued": plot.given.fields.get("type_issued"),
        "source_id": plot.given.source_id,
        "batch": plot.given.batch,
    }
    if field in named:
        return named[field]
    if field in ("lon", "lat") and plot.facts is None:
        west, south, east, north = plot.given.bbox
        return (west + east) / 2 if field == "lon" else (south + north) / 2
    if field in {f.name for f in fields(plot.review)}:
        return getattr(plot.review, field)
    return getattr(plot.facts, field) if plot.facts else None


def holds(condition: Condition, plot: Plot) -> bool | None:
    """Three-valued, as plain Python."""
    match condition:
        case Not(part):
            found = holds(part, plot)
            return None if found is None else not found
        case Every(parts) | Some(parts):
            deciding = isinstance(condition, Some)
            found = [holds(part, plot) for part in parts]
            return deciding if deciding in found else None if None in found else not deciding
        case Meets():
            return bool(from_wkb(plot.given.wkb).intersects(from_wkb(condition.wkb)))
    value = value_of(plot, condition.field)
    if isinstance(condition, Missing):
        return value is None
    if value is None:
        return None
    match condition:
        case Like(_, pattern):
            return like(str(value), list(wildcards(pattern)))
        case Between(_, low, high):
            return low <= value <= high
        case Among(_, known):
            return value in known
        case Compared(_, op, other):
            less, equal = value < other, value == other
            return {
                "=": equal, "<>": not equal, "<": less, "<=": less or equal,
                ">": not less and not equal, ">=": not less,
            }[op]  # fmt: skip


def like(text: str, pattern: list[tuple[str, bool]]) -> bool:
    if not pattern:
        return not text
    (character, is_wild), *rest = pattern
    if is_wild and character == "%":
        return any(like(text[at:], rest) for at in range(len(text) + 1))
    return bool(text) and (is_wild or text[0] == character) and like(text[1:], rest)


@dataclass(frozen=True)
class Both:
    stores: tuple[DatabaseStore, ...]
    plots: tuple[Plot, ...]


@pytest.fixture(scope="module")
def both(places: NewPlace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """The same plots in a file and in PostGIS, read by every example and changed by none."""
    folder = tmp_path_factory.mktemp("cql2")
    with (
        places("sqlite", folder) as file,
        places("postgis", folder) as server,
        closing(file.store()) as one,
        closing(server.store()) as other,
    ):
        for store in (one, other):
            fill(store)
        found = [p for part in one.plots.stream(EVERYTHING, Filter()) for p in part]
        yield Both((one, other), tuple(found))


def fill(store: DatabaseStore) -> None:
    plots = a_batch(store, 30)
    store.facts.put([some_facts(plot) for plot in plots[:24]])
    marks = (("confirmed", {"violation": "PR42"}), ("rectified", {}), ("false_positive", {}))
    for n in range(9):
        county = an_actor("county", COUNTIES[n % 5])
        mark, body = marks[n % 3]
        at = NOW + timedelta(hours=n)
        note = TEXTS[n % len(TEXTS)] or None
        store.ledger.append(
            [
                a_mark(
                    store,
                    plots[n].plot_id,
                    county,
                    mark,
                    at=at,
                    event_id=f"e{n}",
                    note=note,
                    **body,
                )
            ]
        )


@settings(
    max_examples=120,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(CONDITIONS, st.sampled_from([EVERYTHING, Scope(("511921",)), Scope((CITY,)), Scope(())]))
def test_every_store_and_python_find_the_same(
    both: Both, condition: Condition, scope: Scope
) -> None:
    again = cql2.read(json.dumps(as_json(condition)))
    seen = [plot for plot in both.plots if scope.holds(plot.review.area)]
    expected = {plot.given.plot_id for plot in seen if holds(condition, plot)}
    for store in both.stores:
        where = Filter(batch="2023-1", condition=again)
        found = {p.given.plot_id for part in store.plots.stream(scope, where) for p in part}
        assert found == expected
        assert store.plots.page(scope, where, PageOf(limit=1), count=True).matched == len(found)


def test_every_field_has_a_column_and_names() -> None:
    assert set(COLUMNS) == set(FILTER_FIELDS)
    assert not [name for name in FILTER_FIELDS if field_name(name, "zh-CN") == name]
