"""Results that come back in a list: looked at row by row, then one event for each row that says more.

What a row would do is judged by the rules of the map, and so is what it does. Rows that cannot be
taken are set aside with the reason: rows in = applied + unchanged + set aside.
"""

import hashlib
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from georeview import sandbox
from georeview.clock import SHANGHAI, Clock
from georeview.core.access import Action, Actor, need
from georeview.core.plot import Review
from georeview.core.procedure import Command
from georeview.core.results import ASIDE, Outcome, match
from georeview.errors import BadValue, GeoreviewError, NotFound
from georeview.errors.review import StaleVersion
from georeview.errors.work import ColumnsNotNamed, OneListOnly, RowTwice
from georeview.ingest import PHOTOS_IN, READ_RESULTS, ResultSheet, beside, is_photo, whole_files
from georeview.services.ids import new_id
from georeview.services.inspection import refusal_as_json
from georeview.services.limits import need_size, read_limits
from georeview.services.plots import seen_by
from georeview.services.result_rows import Told, Words, told, unknown
from georeview.services.review import ReviewService, kept
from georeview.settings import Settings
from georeview.storage.ports.ledger import Idempotency, Settled
from georeview.storage.ports.plots import Plot
from georeview.storage.ports.store import Store

Found = Mapping[str, Any]

GROUP = 500
"""Rows in one commit: others who write wait no longer than that takes."""

EXAMPLES = 3
_NUMBERED = re.compile(r"[ _\-((]+\d{1,3}[))]?$")
"""What stands behind the number of a plot in the names of its photos."""


def _nothing(_rows: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a list is read.

    Attributes:
        batch: Of which batch its plots are.
        columns: Field → header, where somebody has decided; an empty header is none.
        words: Field → the sender's word → our value.
        encoding: Encoding of its texts.
        layer: Which sheet or layer of several.
    """

    batch: str
    columns: Mapping[str, str] = field(default_factory=dict)
    words: Words = field(default_factory=dict)
    encoding: str | None = None
    layer: str | None = None


class ResultService:
    """Lists of results, looked at and applied."""

    def __init__(
        self, store: Store, review: ReviewService, clock: Clock, settings: Settings
    ) -> None:
        self._store = store
        self._review = review
        self._clock = clock
        self._settings = settings

    # Looking -------------------------------------------------------------------------------------

    def look(
        self, actor: Actor, paths: Sequence[Path], reading: Reading, advance: Callable[[int], None]
    ) -> Found:
        """What a list says, which words nobody has explained, and what each row would do.

        Args:
            actor: Who looks.
            paths: The list with its parts, and photos that were sent beside it.
            reading: How it is read.
            advance: Told how many more rows are done.

        Raises:
            Forbidden: The actor marks nothing.
            NotFound: The actor sees nothing of the batch.
            OneListOnly: There is no list, or several.
            GeoreviewError: The file cannot be read.
        """
        need(actor, Action.MARK)
        self._need_batch(actor, reading.batch)
        files = list_of(paths)
        need_size(self._settings, files)
        sheet: ResultSheet = sandbox.run(
            READ_RESULTS,
            files,
            reading.encoding,
            reading.layer,
            limits=read_limits(self._settings),
        )
        found = match(sheet.headers)
        columns = {**found.columns, **reading.columns}
        columns = {name: header for name, header in columns.items() if header in sheet.headers}
        names = [*sheet.photos, *(path.name for path in paths if is_photo(path.name))]
        shown = {
            "headers": _examples(sheet),
            "columns": columns,
            "unclear": {name: list(headers) for name, headers in found.unclear.items()},
            "encoding": sheet.encoding,
            "rows_in": len(sheet.rows),
            "photos": names,
        }
        if not columns.keys() & {"plot_id", "source_id"} or not columns.keys() & {"mark", "code"}:
            lacking = "source_id" if not columns.keys() & {"plot_id", "source_id"} else "mark"
            refused = ColumnsNotNamed(field=lacking, value=", ".join(sheet.headers)[:200])
            return {**shown, "asks": refusal_as_json(refused), "words": {}, "rows": []}
        rows = list(
            self._judged(actor, reading.batch, told(sheet, columns, reading.words), advance)
        )
        words = unknown(sheet, columns, reading.words)
        return {**shown, "asks": None, "words": words, "rows": rows, "counts": counts(rows)}

    def _need_batch(self, actor: Actor, batch: str) -> None:
        if batch not in {known.name for known in self._store.plots.batches(seen_by(actor))}:
            raise NotFound(what=batch)

    def _judged(
        self, actor: Actor, batch: str, rows: Iterator[Told], advance: Callable[[int], None]
    ) -> Iterator[dict[str, Any]]:
        every = list(rows)
        by_plot: dict[str, list[Told]] = {}
        for row in every:
            if row.key is not None:
                by_plot.setdefault(row.key, []).append(row)
        for row in every:
            same = by_plot.get(row.key or "", [row])
            yield self._judge(actor, batch, row, same)
            advance(1)

    def _judge(self, actor: Actor, batch: str, row: Told, same: Sequence[Told]) -> dict[str, Any]:
        try:
            plot = self._plot(actor, batch, row)
        except NotFound as error:
            return _line(row, Outcome.NOT_FOUND, None, error)
        if row.unread is not None:
            return _line(row, Outcome.UNREAD, plot, row.unread)
        agree = all(other.body == row.body for other in same)
        if len(same) > 1 and (not agree or row is not same[0]):
            rows = ", ".join(str(other.row) for other in same if other is not row)
            return _line(row, Outcome.TWICE, plot, RowTwice(rows=rows))
        row = replace(row, body=_new(plot, row.body))
        if _says_nothing_new(plot.review, row.body):
            return _line(row, Outcome.UNCHANGED, plot)
        version = plot.review.version if row.version is None else row.version
        try:
            self._need_past(row)
            self._review.tried(actor, plot, _command(row.body, version, row.observed_on))
        except StaleVersion as error:
            return _line(row, Outcome.CONFLICT, plot, error)
        except GeoreviewError as error:
            return _line(row, Outcome.REFUSED, plot, error)
        return _line(row, Outcome.MARK, plot)

    def _plot(self, actor: Actor, batch: str, row: Told) -> Plot:
        """The plot a row speaks of; our id must not be that of another number or batch."""
        scope, plots = seen_by(actor), self._store.plots
        if row.plot_id is None:
            return plots.by_source(scope, batch, row.source_id or "")
        plot = plots.get(scope, row.plot_id)
        if plot.given.batch != batch or row.source_id not in (None, plot.given.source_id):
            raise NotFound(what=row.source_id or row.plot_id)
        return plot

    def _need_past(self, row: Told) -> None:
        today = self._clock().astimezone(SHANGHAI).date().isoformat()
        if row.observed_on is not None and row.observed_on > today:
            raise BadValue(field="observed_on", value=row.observed_on)

    # Applying ------------------------------------------------------------------------------------

    def apply(
        self,
        actor: Actor,
        looked: Found,
        key: str,
        paths: Sequence[Path],
        advance: Callable[[int], None] = _nothing,
    ) -> Found:
        """One event for each row that was seen to say more; what has changed since is set aside.

        Begun again under the same key it comes to the same.

        Args:
            actor: Who marks.
            looked: What ``look`` found.
            key: Names this list.
            paths: As for ``look``.
            advance: Told how many more rows are done.
        """
        rows = [dict(row) for row in looked["rows"]]
        waiting = [row for row in rows if row["outcome"] == Outcome.MARK]
        for at in range(0, len(waiting), GROUP):
            part = waiting[at : at + GROUP]
            asked = [
                self._review.ask(
                    actor,
                    row["plot_id"],
                    _command(row["body"], row["version"], row["observed_on"]),
                    _same(actor, key, row),
                )
                for row in part
            ]
            for row, result in zip(part, self._review.settle(asked).result(), strict=True):
                row.update(_became(result))
            advance(len(part))
        photos = self._photos(actor, looked["photos"], rows, paths)
        return {"rows": rows, "counts": counts(rows), "photos": photos}

    def _photos(
        self, actor: Actor, names: Sequence[str], rows: Sequence[Found], paths: Sequence[Path]
    ) -> dict[str, Any]:
        """Photos become evidence of the plots they are named after, where the row was taken."""
        taken = [row for row in rows if row["outcome"] not in ASIDE]
        plots = {row[name]: row["plot_id"] for row in taken for name in ("source_id", "plot_id")}
        wanted = {name: plots[key] for name in names if (key := _named(name, plots)) is not None}
        aside: list[dict[str, Any]] = [
            {"name": name, "why": None} for name in names if name not in wanted
        ]
        attached = 0
        for name, data in self._each(wanted, paths):
            try:
                done = self._review.attach(
                    actor,
                    wanted[name],
                    io.BytesIO(data),
                    kind="E_PHOTO",
                    name=PurePosixPath(name).name,
                )
                attached += not done.repeated
            except GeoreviewError as error:
                aside.append({"name": name, "why": refusal_as_json(error)})
        return {"in": len(names), "attached": attached, "aside": aside}

    def _each(
        self, wanted: Mapping[str, str], paths: Sequence[Path]
    ) -> Iterator[tuple[str, bytes]]:
        """Name and bytes of each photo: those that lie beside the list, and those inside it."""
        loose = {path.name: path for path in paths if is_photo(path.name)}
        for name in wanted.keys() & loose.keys():
            yield name, loose[name].read_bytes()
        inside = tuple(name for name in wanted if name not in loose)
        if inside:
            limits = read_limits(self._settings)
            parts = sandbox.stream(PHOTOS_IN, list_of(paths)[0], inside, limits=limits)
            yield from (part.value for part in parts)


def list_of(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The one list among files, with its parts.

    Raises:
        OneListOnly: There is none, or there are several.
    """
    lists = whole_files(path for path in paths if not is_photo(path.name))
    if len(lists) != 1:
        raise OneListOnly(field="file", value=", ".join(path.name for path in lists)[:200])
    return beside(lists[0])


def counts(rows: Sequence[Found]) -> dict[str, int]:
    """Rows by what became of them; rows in = applied + unchanged + set aside."""
    by = Counter(row["outcome"] for row in rows)
    aside = sum(by[outcome] for outcome in ASIDE)
    return {
        "rows_in": len(rows),
        "applied": by[Outcome.MARK],
        "unchanged": by[Outcome.UNCHANGED],
        "set_aside": aside,
        **{outcome.value: by[outcome] for outcome in sorted(ASIDE)},
    }


def _examples(sheet: ResultSheet) -> list[dict[str, Any]]:
    """Each header with the first cells that say anything."""
    found = []
    for at, header in enumerate(sheet.headers):
        cells = (str(row[at]) for row in sheet.rows if row[at] not in (None, ""))
        some = list(dict.fromkeys(cell[:60] for cell in cells))[:EXAMPLES]
        found.append({"header": header, "examples": some})
    return found


_TEXTS = ("note", "type_actual", "permit_no", "permit_authority")
_ISSUED = {"note": "note_issued", "permit_no": "permit_no_stated", "permit_authority": "authority"}
"""What may stand in a list because the issuer wrote it there → the field it came as."""


def _new(plot: Plot, body: Mapping[str, object]) -> dict[str, object]:
    """A body without what the issuer said itself, and without the beginning of what is known.

    A list that was cut to the width of its columns says less, and never takes the rest away.
    """
    review, given = plot.review, plot.given.fields
    return {
        name: value
        for name, value in body.items()
        if not (name in _ISSUED and value == given.get(_ISSUED[name]))
        and not (name in _TEXTS and str(getattr(review, name) or "").startswith(str(value)))
    }


def _says_nothing_new(review: Review, body: Mapping[str, object]) -> bool:
    return all(getattr(review, name) == value for name, value in body.items())


def _command(body: Mapping[str, object], version: int, observed_on: str | None) -> Command:
    """The mark of a row; a day begins at midnight in Shanghai."""
    at = None if observed_on is None else f"{observed_on}T00:00:00+08:00"
    return Command("mark", new_id(), version, body, observed_at=at)


def _same(actor: Actor, key: str, row: Found) -> Idempotency:
    body = orjson.dumps([row["body"], row["observed_on"]], option=orjson.OPT_SORT_KEYS)
    return Idempotency(actor.user, "results", key, hashlib.sha256(body).hexdigest())


def _became(result: Settled | NotFound) -> dict[str, Any]:
    """What became of a row that was to be applied."""
    try:
        if isinstance(result, NotFound):
            raise result
        return {"seq": kept(result.result).event.seq}
    except NotFound as error:
        return {"outcome": Outcome.NOT_FOUND.value, "why": refusal_as_json(error)}
    except StaleVersion as error:
        return {"outcome": Outcome.CONFLICT.value, "why": refusal_as_json(error)}
    except GeoreviewError as error:
        return {"outcome": Outcome.REFUSED.value, "why": refusal_as_json(error)}


def _line(
    row: Told, outcome: Outcome, plot: Plot | None, why: GeoreviewError | None = None
) -> dict[str, Any]:
    review = plot and plot.review
    return {
        "row": row.row,
        "plot_id": plot.given.plot_id if plot else row.plot_id,
        "source_id": plot.given.source_id if plot else row.source_id,
        "outcome": outcome.value,
        "body": dict(row.body),
        "observed_on": row.observed_on,
        "version": review.version if review and row.version is None else row.version,
        "before": {"mark": review.mark, "code": review.reason or review.violation}
        if review
        else None,
        "why": None if why is None else refusal_as_json(why),
    }


def _named(photo: str, plots: Mapping[str, str]) -> str | None:
    """What of a photo's name names a plot: all of it, or what stands before a running number."""
    stem = PurePosixPath(photo).stem
    for name in (stem, _NUMBERED.sub("", stem)):
        if name in plots:
            return name
    return None
