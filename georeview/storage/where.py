"""The only maker of conditions: who asks and what for, turned into one bound ``WHERE``.

Every piece is a constant of this file; values are bound. ``s`` is ``plot_state``.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from georeview.core.access import CHECKED, Gate, Scope, Sight
from georeview.core.conditions import names
from georeview.core.permits import TIMED, WORKS
from georeview.core.plot import UNLISTED
from georeview.core.query import Filter, PageOf
from georeview.errors import BadValue
from georeview.storage.engine import Dialect
from georeview.storage.where_condition import sql_of

Q_MAX = 200
FID_DIGITS = 19
SIZE_MAX = 1e18

SORT_COLUMNS = MappingProxyType(
    {
        "risk": "s.risk",
        "source_id": "s.source_id",
        "area_m2": "s.size_m2",
        "updated_at": "s.updated_at",
        "due_on": "s.due_on",
    }
)
"""What each order compares; none of these columns is ever null. Ties go by ``fid``."""

_EQUALS = MappingProxyType(
    {
        "batch": "s.batch = :batch",
        "county": "s.list_county = :county",
        "township": "s.list_township = :township",
        "determination": "s.determination = :determination",
        "reason": "(s.reason = :reason OR s.violation = :reason)",
        "assignee": "s.assignee = :assignee",
        "updated_since": "s.updated_at >= :updated_since",
        "facts_not_on": """EXISTS (SELECT 1 FROM facts f
            WHERE f.plot_id = s.plot_id AND f.layers <> :facts_not_on)""",
    }
)
# The same without an index: where a list is walked in its order, nothing else may choose the way.
_WALKED = MappingProxyType({**_EQUALS, "batch": "s.batch || '' = :batch"})


def _quoted(stages: Iterable[str]) -> str:
    return ", ".join(f"'{stage}'" for stage in stages)


_OVERDUE = "s.due_on < :overdue_on AND (s.stopped_on IS NULL OR s.due_on < s.stopped_on)"
_CHECKED = f"""(s.submitted_at IS NOT NULL
    OR s.stage IN ({_quoted(sorted(CHECKED))}))"""
_GATES = MappingProxyType(
    {
        Gate.ALL: "1 = 1",
        Gate.CHECKED: _CHECKED,
        Gate.UNDRAFTED: f"(s.mark = 'pending' OR s.mark_state <> 'draft' OR {_CHECKED})",
    }
)
_LISTED = f"s.stage NOT IN ({_quoted(UNLISTED)})"
_WORDS = r"(s.words_given LIKE :q ESCAPE '\' OR s.words_found LIKE :q ESCAPE '\')"
_WHAT = "COALESCE(s.type_actual, s.type_issued)"
_PERMIT_HOLDS = """SELECT 1 FROM permit k WHERE k.permit_id = s.permit_id
    AND k.withdrawn_on IS NULL AND (k.valid_to IS NULL OR k.valid_to >= :holds_on)"""
_TIMED = f"s.stage = 'closed' AND s.reason IN ({_quoted(TIMED)})"
_PERMIT_OVER = """COALESCE((SELECT COALESCE(k.withdrawn_on, k.valid_to) FROM permit k
    WHERE k.permit_id = s.permit_id), s.permit_valid_to) < :over_on"""
_LAST = chr(sys.maxunicode)
_FILLED_UP = 4096

T = TypeVar("T")


@dataclass(slots=True)
class Where:
    """A condition and its values; an empty one holds for everything."""

    parts: list[str] = field(default_factory=list)
    params: dict[str, object] = field(default_factory=dict)

    @property
    def sql(self) -> str:
        """The condition as it stands after ``WHERE``."""
        return "\n  AND ".join(self.parts) or "1 = 1"

    def also(self, part: str, **params: object) -> None:
        """Ask for one thing more."""
        self.parts.append(part)
        self.params |= params


def seen(scope: Scope) -> Where:
    """The plots that a scope sees."""
    return _within(scope, "s.area", scope.sights)


def held(scope: Scope, column: str) -> Where:
    """What lies in the areas of which a scope sees everything.

    Args:
        scope: Who asks.
        column: The column of the area code, a constant of the caller.
    """
    return _within(scope, column, ())


def _within(scope: Scope, column: str, sights: Sequence[Sight]) -> Where:
    """Ranges of the area code, which an index can follow."""
    where = Where()
    if "" in scope.prefixes:
        return where
    ranges = [_range(where, column, n, prefix) for n, prefix in enumerate(scope.prefixes)]
    ranges += [_sighted(where, n, sight) for n, sight in enumerate(sights, len(ranges))]
    where.parts.append("(" + " OR ".join(ranges) + ")" if ranges else "1 = 0")
    return where


def _sighted(where: Where, n: int, sight: Sight) -> str:
    parts = [_GATES[sight.gate]]
    if sight.area:
        parts.append(_range(where, "s.area", n, sight.area))
    if sight.batches:
        named = {f"sight{n}_{m}": batch for m, batch in enumerate(sight.batches)}
        where.params |= named
        parts.append(f"s.batch IN ({', '.join(f':{key}' for key in named)})")
    return "(" + " AND ".join(parts) + ")"


def _range(where: Where, column: str, n: int, prefix: str) -> str:
    where.params[f"area{n}"] = prefix
    end = after_prefix(prefix)
    if end is None:
        return f"{column} >= :area{n}"
    where.params[f"area{n}_end"] = end
    return f"({column} >= :area{n} AND {column} < :area{n}_end)"


def after_prefix(prefix: str) -> str | None:
    """The smallest text that is greater than every text with this prefix, if there is one."""
    kept = prefix.rstrip(_LAST)
    if not kept:
        return None
    following = ord(kept[-1]) + 1
    # The codes of half characters cannot be stored; the next that can is U+E000.
    following = 0xE000 if 0xD800 <= following <= 0xDFFF else following
    return kept[:-1] + chr(following)


def plots(scope: Scope, wanted: Filter, dialect: Dialect, *, walked: bool = False) -> Where:
    """Plots that the scope holds and the filter asks for.

    Args:
        scope: Who asks.
        wanted: What for.
        dialect: Which database.
        walked: Whether only the first of them in some order are read.
    """
    where = seen(scope)
    equals = _WALKED if walked and wanted.county is not None else _EQUALS
    for name, part in equals.items():
        value = getattr(wanted, name)
        if value is not None:
            where.also(part, **{name: value})
    _any_of(where, "s.mark", "mark", wanted.marks)
    _any_of(where, "s.stage", "stage", wanted.stages)
    if not any(_asks_for(wanted, stage) for stage in UNLISTED):
        where.also(_LISTED)
    if wanted.condition is not None:
        params: dict[str, object] = {}
        where.also(sql_of(wanted.condition, dialect, params), **params)
    if wanted.second_look:
        where.also("s.second_look IS NOT NULL")
    _of_permits(where, wanted)
    if wanted.conflict:
        where.also("s.conflicts > 0")
    if wanted.overdue_on is not None:
        where.also(_OVERDUE, overdue_on=wanted.overdue_on.isoformat())
    if wanted.q and wanted.q.strip():
        where.also(_WORDS, q=pattern(wanted.q))
    if wanted.bbox is not None:
        sides = zip(("west", "south", "east", "north"), wanted.bbox, strict=True)
        where.also(dialect.box, **dict(sides))
    return where


def _of_permits(where: Where, wanted: Filter) -> None:
    if wanted.permit is not None:
        where.also("s.permit_id = :permit", permit=wanted.permit)
    if wanted.permit_over_on is not None:
        where.also(_TIMED)
        where.also(_PERMIT_OVER, over_on=wanted.permit_over_on.isoformat())
    if wanted.without_permit_on is not None:
        named = {f"work{n}": f"%{word}%" for n, word in enumerate(WORKS)}
        types = " OR ".join(f"{_WHAT} LIKE :{name}" for name in named)
        where.also(f"({types})", **named)
        where.also(f"NOT EXISTS ({_PERMIT_HOLDS})", holds_on=wanted.without_permit_on.isoformat())


def _asks_for(wanted: Filter, stage: str) -> bool:
    """Whether plots of a stage that lists leave out are asked for by its name."""
    said = wanted.condition
    return stage in wanted.stages or (said is not None and names(said, "stage", stage))


def _any_of(where: Where, column: str, name: str, values: tuple[str, ...]) -> None:
    if len(values) == 1:
        where.also(f"{column} = :{name}", **{name: values[0]})
    elif values:
        named = {f"{name}{n}": value for n, value in enumerate(values)}
        where.also(f"{column} IN ({', '.join(f':{key}' for key in named)})", **named)


def pattern(text: str) -> str:
    """What is typed into a search, as a pattern in which every character stands for itself."""
    if len(text) > Q_MAX:
        raise BadValue(field="q", value=text[:80])
    plain = text.strip().casefold()
    for character in "\\%_":
        plain = plain.replace(character, "\\" + character)
    return f"%{plain}%"


def among(column: str, values: Sequence[object]) -> Where:
    """A column among values.

    Args:
        column: A constant of the caller.
        values: At least one.
    """
    named = {f"v{n}": value for n, value in enumerate(_filled_up(values))}
    return Where([f"{column} IN ({', '.join(f':{key}' for key in named)})"], named)


def among_rows(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Where:
    """Several columns together among rows of values.

    Args:
        columns: Constants of the caller.
        rows: At least one, each with a value for every column.
    """
    where = Where()
    places = []
    for n, row in enumerate(_filled_up(rows)):
        named = {f"r{n}_{m}": value for m, value in enumerate(row)}
        places.append("(" + ", ".join(f":{key}" for key in named) + ")")
        where.params |= named
    where.parts.append(f"({', '.join(columns)}) IN (VALUES {', '.join(places)})")
    return where


def _filled_up(values: Sequence[T]) -> list[T]:
    """The values, the last one repeated up to a power of two.

    So a handful of texts serves lists of every length, and the database plans each of them once.
    """
    size = 1 << (len(values) - 1).bit_length() if len(values) < _FILLED_UP else len(values)
    return [*values, *[values[-1]] * (size - len(values))]


def add_start(where: Where, page: PageOf) -> None:
    """Ask only for what comes after the end of the part before.

    Raises:
        BadValue: The end is none that this order can have.
    """
    if page.after is None:
        return
    value, fid = page.after
    if not (fid.isascii() and fid.isdigit() and len(fid) < FID_DIGITS):
        raise BadValue(field="cursor", value=fid[:80])
    way = "<" if page.descending else ">"
    where.also(
        f"({SORT_COLUMNS[page.sort]}, s.fid) {way} (:after_value, :after_fid)",
        after_value=_sortable(page.sort, value),
        after_fid=int(fid),
    )


def _sortable(sort: str, value: object) -> str | float:
    if sort != "area_m2" and isinstance(value, str):
        return value
    if (
        sort == "area_m2"
        and isinstance(value, int | float)
        and not isinstance(value, bool)
        and abs(value) < SIZE_MAX
    ):
        return float(value)
    raise BadValue(field="cursor", value=str(value)[:80])


def order(page: PageOf) -> str:
    """The order of a list, the number last so that no two plots are equal."""
    way = "DESC" if page.descending else "ASC"
    return f"{SORT_COLUMNS[page.sort]} {way}, s.fid {way}"
