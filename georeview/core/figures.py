"""The key figures: sets of plots, and figures as rows that divide, count or measure them.

A set holds or does not hold a standing on a day, so a figure and the list of plots behind it come
from the same row. Rates are kept as two counts: nothing is rounded before it is shown.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

from georeview.core.deadlines import Calendar, working_days
from georeview.core.sampling import Judged
from georeview.core.standing import Standing

FORMULA_VERSION = "1"
"""Moves when the meaning of a set or a figure does: published tables name it."""


@dataclass(frozen=True, slots=True)
class PlotSet:
    """Plots that count for something.

    Attributes:
        id: Its name in addresses.
        zh: What these plots are.
        en: The same in English.
        rule: Whether a dispatched plot with this standing is one of them on a day.
    """

    id: str
    zh: str
    en: str
    rule: Callable[[Standing, date], bool]

    def holds(self, plot: Standing, day: date) -> bool:
        """Whether a plot with this standing is one of them on a day; others' plots never are."""
        return plot.dispatched and self.rule(plot, day)


def _problem(plot: Standing) -> bool:
    return plot.verified and plot.determination in ("problem", "problem_historic")


def _owed(plot: Standing) -> bool:
    """Whether it must be rectified."""
    return plot.verified and plot.determination == "problem"


def _struck(plot: Standing) -> bool:
    return _owed(plot) and plot.stage == "closed"


_SETS = (
    PlotSet("dispatched", "已派发", "dispatched", lambda *_: True),
    PlotSet("submitted", "已上报", "reported", lambda p, _: p.submitted or p.verified),
    PlotSet("reviewed", "已复核", "reviewed", lambda p, _: p.verified),
    PlotSet("problems", "属实", "confirmed", lambda p, _: _problem(p)),
    PlotSet(
        "negatives",
        "不属实",
        "false positives",
        lambda p, _: p.verified and not _problem(p),
    ),
    PlotSet("owed", "应整改", "to be rectified", lambda p, _: _owed(p)),
    PlotSet(
        "rectified",
        "已整改",
        "rectified",
        lambda p, _: _owed(p) and (p.accepted or p.stage == "closed"),
    ),
    PlotSet("struck", "整改销号", "struck off as rectified", lambda p, _: _struck(p)),
    PlotSet("closed", "已销号", "closed", lambda p, _: p.stage == "closed"),
    PlotSet("watch", "挂账", "on the watch list", lambda p, _: p.stage == "watch"),
    PlotSet(
        "review_on_time",
        "按期复核",
        "reviewed on time",
        lambda p, _: p.review.on_time is True,
    ),
    PlotSet(
        "review_due",
        "复核已到期或已完成",
        "reviewed, or due by now",
        lambda p, day: p.review.on_time is not None or p.review.late(day),
    ),
    PlotSet(
        "rectify_on_time",
        "按期整改",
        "rectified on time",
        lambda p, _: _owed(p) and p.rectify.on_time is True,
    ),
    PlotSet(
        "rectify_due",
        "整改已到期或已完成",
        "rectified, or due by now",
        lambda p, day: _owed(p) and (p.rectify.on_time is not None or p.rectify.late(day)),
    ),
    PlotSet(
        "overdue_review",
        "复核超期未完成",
        "review overdue",
        lambda p, day: not p.review.done and p.review.late(day),
    ),
    PlotSet(
        "overdue_rectify",
        "整改超期未完成",
        "rectification overdue",
        lambda p, day: _owed(p) and not p.rectify.done and p.rectify.late(day),
    ),
    PlotSet(
        "first_pass",
        "一次通过",
        "accepted without a return",
        lambda p, _: p.verified and not p.returned,
    ),
    PlotSet("reached", "到过市级", "ever with the city", lambda p, _: p.reached),
    PlotSet(
        "returned",
        "被市级退回过",
        "ever sent back by the city",
        lambda p, _: p.returned,
    ),
    PlotSet("relapsed", "反弹", "relapsed", lambda p, _: p.relapsed),
    PlotSet("timed", "已有用时", "review time known", lambda p, _: p.days is not None),
)

SETS: Mapping[str, PlotSet] = MappingProxyType({row.id: row for row in _SETS})
"""Every set, by name."""

Kind = Literal["rate", "count", "most", "median", "estimate"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table of figures.

    Attributes:
        id: Its name in answers.
        kind: ``rate`` of ``num`` in ``den``; ``count`` of ``num``; ``most`` working days that a
            plot of ``num`` is late; ``median`` of the working days that reviews of ``num`` took;
            ``estimate`` from samples.
        zh: What it is called.
        en: The same in English.
        num: A set.
        den: The set it is divided by.
        formula: How it comes about, for people.
    """

    id: str
    kind: Kind
    zh: str
    en: str
    num: str
    den: str | None
    formula: str


def _rate(id: str, zh: str, en: str, num: str, den: str, formula: str) -> Figure:  # noqa: A002
    return Figure(id, "rate", zh, en, num, den, formula)


_FIGURES = (
    _rate("submit_rate", "上报率", "Reported", "submitted", "dispatched", "|S ∪ V| / |D|"),
    _rate("review_rate", "复核率", "Reviewed", "reviewed", "dispatched", "|V| / |D|"),
    _rate("confirm_rate", "属实率", "Confirmed", "problems", "reviewed", "|P| / |V|"),
    _rate("rectify_rate", "整改率", "Rectified", "rectified", "owed", "|R ∪ C| / |Q|"),
    _rate("closeout_rate", "销号率", "Struck off", "struck", "owed", "|C| / |Q|"),
    _rate("closed_all_rate", "总销号率", "Closed, of all", "closed", "dispatched", "closed / |D|"),
    Figure("watch_n", "count", "挂账数", "On the watch list", "watch", None, "|watch|"),
    _rate(
        "review_ontime_rate",
        "复核按期率",
        "Reviewed on time",
        "review_on_time",
        "review_due",
        "n(done ≤ due_eff) / (n(done) + n(not done, due_eff < A))",
    ),
    _rate(
        "rectify_ontime_rate",
        "整改按期率",
        "Rectified on time",
        "rectify_on_time",
        "rectify_due",
        "n(done ≤ due_eff) / (n(done) + n(not done, due_eff < A)) over Q",
    ),
    Figure(
        "overdue_review_n",
        "count",
        "复核超期数",
        "Reviews overdue",
        "overdue_review",
        None,
        "n(not done, A > due_eff)",
    ),
    Figure(
        "max_overdue_review_days",
        "most",
        "复核最长超期(工作日)",
        "Longest overdue review, working days",
        "overdue_review",
        None,
        "max working days in (due_eff, A]",
    ),
    Figure(
        "overdue_rectify_n",
        "count",
        "整改超期数",
        "Rectifications overdue",
        "overdue_rectify",
        None,
        "n(not done, A > due_eff) over Q",
    ),
    Figure(
        "max_overdue_rectify_days",
        "most",
        "整改最长超期(工作日)",
        "Longest overdue rectification, working days",
        "overdue_rectify",
        None,
        "max working days in (due_eff, A]",
    ),
    _rate("first_pass_rate", "一次通过率", "First pass", "first_pass", "reviewed", "no T18 / |V|"),
    _rate(
        "return_rate", "退回率", "Sent back", "returned", "reached", "T18 ever / city_check ever"
    ),
    Figure(
        "sample_error_rate",
        "estimate",
        "抽查错误率",
        "Wrong negatives by sample",
        "negatives",
        None,
        "Σ(N_h/N)·p_h",
    ),
    Figure("relapse_n", "count", "反弹数", "Relapses", "relapsed", None, "n(T27 of RO4)"),
    Figure(
        "median_days",
        "median",
        "中位用时(工作日)",
        "Median review, working days",
        "timed",
        None,
        "median of working days in (start, done] less stopped ones",
    ),
)

FIGURES: Mapping[str, Figure] = MappingProxyType({row.id: row for row in _FIGURES})
"""Every key figure, in the order in which tables show them."""

RANKING: tuple[tuple[str, int], ...] = (
    ("overdue_rectify_n", -1),
    ("overdue_review_n", -1),
    ("review_rate", 1),
    ("rectify_rate", 1),
    ("first_pass_rate", 1),
)
"""What decides a rank, first to last: more is better (1) or fewer are (-1); then the code."""

_MOST = tuple(row for row in _FIGURES if row.kind == "most")


@dataclass(frozen=True, slots=True)
class Rate:
    """A share as two counts."""

    num: int
    den: int

    @property
    def fraction(self) -> Fraction:
        """The exact share; where nothing is owed, all of it is done."""
        return Fraction(self.num, self.den) if self.den else Fraction(1)

    @property
    def pct(self) -> float | None:
        """Per cent to one decimal, half up; ``None`` where there is nothing to divide by."""
        if self.den == 0:
            return None
        return (2000 * self.num + self.den) // (2 * self.den) / 10


@dataclass(frozen=True, slots=True)
class Estimate:
    """An error rate from samples, per cent, with its interval; never the bare ratio."""

    pct: float
    low_pct: float
    high_pct: float
    n: int


def estimate(judged: Judged | None) -> Estimate | None:
    """What a sample says, in per cent to one decimal."""
    if judged is None:
        return None
    shares = (judged.share, judged.interval.low, judged.interval.high)
    pct, low, high = (round(share * 100, 1) for share in shares)
    return Estimate(pct, low, high, judged.n)


Value = Rate | Estimate | int | float | None
"""What a figure may be; ``None`` where there is nothing to say."""


@dataclass(slots=True)
class Tally:
    """Counts of one unit, added up standing by standing.

    Attributes:
        sets: Set → its plots.
        most: Figure → most working days late.
        days: Working days of a review → how many took so long.
    """

    sets: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)
    days: Counter[int] = field(default_factory=Counter)

    def add(self, plot: Standing, n: int, day: date, calendar: Calendar) -> None:
        """Count dispatched plots with a standing."""
        for row in _SETS:
            if row.holds(plot, day):
                self.sets[row.id] += n
        if plot.days is not None:
            self.days[plot.days] += n
        for figure in _MOST:
            if SETS[figure.num].holds(plot, day):
                late = overdue_days(plot, figure.num, day, calendar)
                self.most[figure.id] = max(self.most[figure.id], late)

    def merge(self, other: "Tally") -> None:
        """Add another unit's."""
        self.sets.update(other.sets)
        self.days.update(other.days)
        for name, days in other.most.items():
            self.most[name] = max(self.most[name], days)


def overdue_days(plot: Standing, set_id: str, day: date, calendar: Calendar) -> int:
    """Working days by which what is not done is late on a day.

    Args:
        plot: The plot's standing.
        set_id: ``overdue_review`` or ``overdue_rectify``.
        day: As of when.
        calendar: Which days are working days.
    """
    due = (plot.rectify if set_id == "overdue_rectify" else plot.review).due_on(day)
    return 0 if due is None else working_days(due, day, calendar)


def tally(
    standings: Iterable[tuple[str | None, Standing, int]], day: date, calendar: Calendar
) -> dict[str | None, Tally]:
    """Counts by part of a breakdown; plots of no part stand under ``None``.

    Args:
        standings: Each with the part it counts for and the number of plots that have it.
        day: As of the end of this day.
        calendar: Which days are working days.
    """
    units: dict[str | None, Tally] = {}
    for part, plot, n in standings:
        if plot.dispatched:
            units.setdefault(part, Tally()).add(plot, n, day, calendar)
    return units


def total(units: Iterable[Tally]) -> Tally:
    """All units together."""
    everything = Tally()
    for unit in units:
        everything.merge(unit)
    return everything


def figures(counted: Tally, estimate: Estimate | None = None) -> dict[str, Value]:
    """Every figure of what was counted.

    Args:
        counted: The counts.
        estimate: What samples of the negatives say, where there are any.
    """
    return {row.id: _value(row, counted, estimate) for row in _FIGURES}


def _value(row: Figure, counted: Tally, estimate: Estimate | None) -> Value:
    if row.kind == "estimate":
        return estimate
    if row.kind == "median":
        return median(counted.days)
    if row.kind == "most":
        return counted.most[row.id]
    num = counted.sets[row.num]
    return num if row.den is None else Rate(num, counted.sets[row.den])


def median(days: Mapping[int, int]) -> float | None:
    """The middle of numbers of days, each with how often it comes; of two middle ones their mean."""
    n = sum(days.values())
    if n == 0:
        return None
    middle: list[int] = []
    seen = 0
    for value, times in sorted(days.items()):
        seen += times
        if len(middle) == 0 and 2 * seen >= n:
            middle.append(value)
        if 2 * seen > n:
            return (middle[0] + value) / 2
    raise AssertionError  # pragma: no cover - more than half has always been seen at the end


def ranked(units: Mapping[str | None, Mapping[str, Value]]) -> list[tuple[str | None, int | None]]:
    """Units from first to last, each with its rank; what belongs to no county has none."""
    order = sorted((code for code in units if code is not None), key=lambda code: _key(units, code))
    places: list[tuple[str | None, int | None]] = [(code, n) for n, code in enumerate(order, 1)]
    return [*places, (None, None)] if None in units else places


def by_size(
    units: Mapping[str | None, Mapping[str, Value]],
) -> list[tuple[str | None, int | None]]:
    """Parts from the one with most plots on; what belongs to none comes last. Nobody has a rank."""

    def size(part: str | None) -> int:
        value = units[part]["review_rate"]
        return value.den if isinstance(value, Rate) else 0

    return [(part, None) for part in sorted(units, key=lambda p: (p is None, -size(p), p or ""))]


def _key(
    units: Mapping[str | None, Mapping[str, Value]], code: str
) -> tuple[Sequence[Fraction], str]:
    return [-sign * _number(units[code][name]) for name, sign in RANKING], code


def _number(value: Value) -> Fraction:
    if isinstance(value, Rate):
        return value.fraction
    if isinstance(value, int):
        return Fraction(value)
    raise TypeError(value)
