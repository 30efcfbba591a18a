"""Rows of a list of results as what they say of plots, and the words nobody has explained yet."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from georeview.core.results import DATES, SKIP, WORDED, body_of, meaning, possible
from georeview.errors import BadValue, GeoreviewError
from georeview.errors.work import RowGone, WordUnknown
from georeview.ingest import ResultSheet
from georeview.ingest.rows import Cell
from georeview.ingest.values import iso_date, text

Words = Mapping[str, Mapping[str, str]]
"""Field → the sender's word → our value."""

WORDS_SHOWN = 60
"""Different unknown words of a column that are asked about."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one row says.

    Attributes:
        row: Its number as people see it.
        plot_id: Our id, where the list is one that we gave out.
        source_id: Number as issued.
        version: Version of the plot the row was written against.
        body: Body of the mark; empty where it says no mark.
        observed_on: ISO day on which somebody looked.
        unread: Why it cannot be read as it is.
    """

    row: int
    plot_id: str | None = None
    source_id: str | None = None
    version: int | None = None
    body: Mapping[str, object] = field(default_factory=dict)
    observed_on: str | None = None
    unread: GeoreviewError | None = None

    @property
    def key(self) -> str | None:
        """What the row calls its plot."""
        return self.plot_id or self.source_id


def told(sheet: ResultSheet, columns: Mapping[str, str], words: Words) -> Iterator[Told]:
    """What each row says, in order."""
    places = {name: sheet.headers.index(header) for name, header in columns.items()}
    for number, cells in zip(sheet.numbers, sheet.rows, strict=True):
        yield _row(number, _said(cells, places), words, gone=number in sheet.gone)


def unknown(
    sheet: ResultSheet, columns: Mapping[str, str], words: Words
) -> dict[str, list[dict[str, object]]]:
    """Field → words that mean nothing yet, the most frequent first."""
    found: dict[str, list[dict[str, object]]] = {}
    for name in WORDED:
        if name not in columns:
            continue
        at = sheet.headers.index(columns[name])
        counted = Counter(word for row in sheet.rows if (word := _text(row[at])) is not None)
        own = words.get(name, {})
        strange = [(w, n) for w, n in counted.most_common() if meaning(name, w, own) is None]
        if strange:
            found[name] = [{"word": word, "n": n} for word, n in strange[:WORDS_SHOWN]]
    return found


def need_words(words: Words) -> None:
    """Refuse explanations that are none.

    Raises:
        BadValue: A word is said to mean what is no value of ours.
    """
    for name, own in words.items():
        if name not in WORDED:
            raise BadValue(field="words", value=name[:80])
        for value in own.values():
            if value not in possible(name):
                raise BadValue(field=f"words.{name}", value=value[:80])


def _said(cells: Sequence[Cell], places: Mapping[str, int]) -> dict[str, str]:
    found = {name: _text(cells[at]) for name, at in places.items()}
    return {name: value for name, value in found.items() if value is not None}


def _text(cell: Cell) -> str | None:
    found = text(cell)
    return None if found is None else found.strip()


def _row(number: int, said: Mapping[str, str], words: Words, *, gone: bool) -> Told:
    plot_id, source_id = said.get("plot_id"), said.get("source_id")
    if gone:
        return Told(number, plot_id, source_id, unread=RowGone())
    try:
        read = {name: _value(name, value, words) for name, value in said.items()}
        version = _version(said.get("version"))
    except WordUnknown as error:
        return Told(number, plot_id, source_id, unread=error)
    meant = {name: value for name, value in read.items() if value != SKIP}
    return Told(number, plot_id, source_id, version, body_of(meant), meant.get("observed_on"))


def _value(name: str, word: str, words: Words) -> str:
    found: str | None = word
    if name in WORDED:
        found = meaning(name, word, words.get(name, {}))
    elif name in DATES:
        found = _day(word)
    if found is None:
        raise WordUnknown(field=name, value=word[:80])
    return found


def _day(word: str) -> str | None:
    """A whole day; of a month or a year nobody knows which."""
    try:
        return date.fromisoformat(iso_date(word) or "").isoformat()
    except ValueError:
        return None


def _version(given: str | None) -> int | None:
    if given is None:
        return None
    if not (given.isascii() and given.isdigit() and len(given) <= 9):
        raise WordUnknown(field="version", value=given[:80])
    return int(given)
