"""Results handed back: rows as columns of the dictionary, written, reopened and compared."""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from georeview import texts
from georeview.clock import SHANGHAI, Clock
from georeview.core.access import Action, Actor, Scope, need, scope_of
from georeview.core.fields import EXPORT_FIELDS, PERSONAL_FIELDS, PLOT_FIELDS
from georeview.core.plot import Mark, Stage
from georeview.core.query import Filter
from georeview.core.reasons import VIOLATIONS
from georeview.errors import ExportOption, GeoreviewError, NotFound
from georeview.services.plots import PlotService
from georeview.services.review import new_id
from georeview.settings import Settings
from georeview.storage.files import Files
from georeview.storage.ports import Export, Plot, Store

if TYPE_CHECKING:
    from georeview.exports.base import Columns, ExportReport

log = logging.getLogger("georeview.exports")

Names = Mapping[str, str]


class ExportService:
    """Exports for the command line at once, over HTTP in the background."""

    def __init__(
        self, store: Store, files: Files, plots: PlotService, clock: Clock, settings: Settings
    ) -> None:
        self._store = store
        self._files = files
        self._plots = plots
        self._clock = clock
        self._settings = settings
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="export")
        self._waiting: set[str] = set()

    def write(
        self,
        actor: Actor,
        *,
        where: Filter,
        format: str,  # noqa: A002 - the word of the command line and the API
        out: Path,
        encoding: str = "utf-8",
        crs: str = "EPSG:4490",
    ) -> "ExportReport":
        """Write what the actor sees of a filter; the file appears whole or not at all.

        Raises:
            Forbidden: The actor may not export.
            NotFound: There is no such batch in the actor's area.
            BadValue: Format, encoding, system, mark or stage is not one of ours, or no plot is left.
            GeoreviewError: The file could not be written as it should be; nothing is there.
        """
        from georeview import exports
        from georeview.exports.base import Options

        encoding, crs = encoding.lower(), crs.upper()
        exports.check(format, encoding, crs)
        scope = _allowed(self._store, actor, where)
        headers = self._headers(where)
        head = self._store.ledger.head()
        now = self._clock().astimezone(SHANGHAI).isoformat(timespec="seconds")
        options = Options(
            encoding=encoding,
            crs=crs,
            as_of=now,
            title=where.batch or "",
            head=f"{head.seq}:{head.hash}",
            read_as={header: name for name, header in headers.items()},
            left_out=tuple(headers[name] for name in PERSONAL_FIELDS if name in headers),
        )
        return exports.write(format, self._chunks(scope, where, headers, now), out, options)

    def rows(self, actor: Actor, where: Filter) -> "Iterator[Columns]":
        """What would be exported, in chunks, for ``georeview.exports.frame``.

        Raises:
            Forbidden: The actor may not export.
            NotFound: There is no such batch in the actor's area.
        """
        scope = _allowed(self._store, actor, where)
        now = self._clock().astimezone(SHANGHAI).isoformat(timespec="seconds")
        return self._chunks(scope, where, self._headers(where), now)

    def ask(
        self,
        actor: Actor,
        *,
        where: Filter,
        format: str,  # noqa: A002
        encoding: str,
        crs: str,
    ) -> Export:
        """Begin an export in the background.

        Raises:
            Forbidden: The actor may not export.
            NotFound: There is no such batch in the actor's area.
            BadValue: Format, encoding, system, mark or stage is not one of ours.
        """
        from georeview import exports

        _allowed(self._store, actor, where)
        exports.check(format, encoding.lower(), crs.upper())
        export = Export(
            export_id=new_id(),
            user=actor.user,
            format=format,
            options=json.dumps({"encoding": encoding, "crs": crs, **asdict(where)}, default=str),
            state="queued",
            file=None,
            losses=None,
            error=None,
            created_at=self._clock().isoformat(),
            finished_at=None,
        )
        self._store.exports.put(export)
        self._waiting.add(export.export_id)
        self._worker.submit(self._make, actor, export, where, encoding, crs)
        return export

    def get(self, actor: Actor, export_id: str) -> Export:
        """How far an export is; only whoever asked for it sees it."""
        return self._store.exports.get(actor.user, export_id)

    def file(self, actor: Actor, export_id: str) -> Path:
        """The finished file.

        Raises:
            NotFound: There is none, or it has been cleared away.
        """
        export = self.get(actor, export_id)
        path = self._folder(export) / (export.file or "-")
        if export.state != "done" or not path.is_file():
            raise NotFound(what=export_id)
        return path

    def close(self) -> None:
        """Finish the export that is being made; those that wait are marked as given up."""
        self._worker.shutdown(wait=True, cancel_futures=True)
        self._give_up(self._waiting)

    def give_up_unfinished(self) -> None:
        """Mark what an earlier server left unfinished; for the start of the only server."""
        self._give_up({export.export_id for export in self._store.exports.unfinished()})

    # In the background ---------------------------------------------------------------------------

    def _make(self, actor: Actor, export: Export, where: Filter, encoding: str, crs: str) -> None:
        from georeview.exports import FORMATS

        folder = self._folder(export)
        out = folder / f"georeview-{export.created_at[:10]}{FORMATS[export.format].suffix}"
        try:
            self._store.exports.put(replace(export, state="running"))
            folder.mkdir(parents=True, exist_ok=True)
            report = self.write(
                actor, where=where, format=export.format, out=out, encoding=encoding, crs=crs
            )
            done = replace(
                export,
                state="done",
                file=out.name,
                losses=json.dumps(report.as_json(), ensure_ascii=False),
            )
        except GeoreviewError as error:
            done = replace(export, state="failed", error=_said(error.code, error.facts))
        except Exception:
            log.exception("export.failed", extra={"export": export.export_id})
            done = replace(export, state="failed", error=_said("export_failed", {}))
        self._store.exports.put(replace(done, finished_at=self._clock().isoformat()))
        self._waiting.discard(export.export_id)

    def _folder(self, export: Export) -> Path:
        return self._files.cache() / "exports" / export.export_id

    def _give_up(self, ids: set[str]) -> None:
        for export in self._store.exports.unfinished() if ids else ():
            if export.export_id not in ids:
                continue
            given_up = replace(export, state="failed", error=_said("export_interrupted", {}))
            self._store.exports.put(replace(given_up, finished_at=self._clock().isoformat()))

    # Rows as columns -----------------------------------------------------------------------------

    def _headers(self, where: Filter) -> Names:
        """Incoming field → the header it came under, by the first file of the batch that had it."""
        headers: dict[str, str] = {}
        for file in self._store.plots.imports(where.batch or ""):
            read = json.loads(file.report).get("read", {})
            for name, header in read.get("columns", {}).items():
                headers.setdefault(name, header)
        return headers

    def _chunks(
        self, scope: Scope, where: Filter, headers: Names, as_of: str
    ) -> "Iterator[Columns]":
        names = self._plots.place_names()
        for plots in self._store.plots.stream(scope, where):
            yield self._chunk(plots, headers, names, as_of)

    def _chunk(self, plots: Sequence[Plot], headers: Names, names: Names, as_of: str) -> "Columns":
        from georeview.exports.base import Columns

        rows = [self._row(plot, names, as_of) for plot in plots]
        sent = [_sent(plot, headers) for plot in plots]
        wanted = dict.fromkeys(header for row in sent for header in row)
        return Columns(
            wkb=[plot.given.wkb for plot in plots],
            values={f.name: [row.get(f.name) for row in rows] for f in EXPORT_FIELDS},
            extras={header: [row.get(header) for row in sent] for header in wanted},
        )

    def _row(self, plot: Plot, names: Names, as_of: str) -> dict[str, object]:
        """A plot as one value for each field of the export dictionary."""
        review, given = plot.review, plot.given
        own: dict[str, object] = {
            name: getattr(review, name) for name in _FROM_REVIEW if hasattr(review, name)
        }
        facts = {name: getattr(plot.facts, name, None) for name in _FROM_FACTS}
        violation = VIOLATIONS.get(review.violation or "")
        marked = _local_day(review.marked_at)
        return {
            **own,
            **facts,
            "plot_id": given.plot_id,
            "source_id": given.source_id,
            "batch": given.batch,
            "type_issued": given.fields.get("type_issued"),
            "reason": review.reason or review.violation,
            "disorder": violation.disorder if violation else None,
            "county_name": names.get(review.county or ""),
            "township": review.township or facts["township"],
            "township_name": names.get(review.township or "") or facts["township_name"],
            "multi_county": int(bool(facts["multi_county"])),
            **_shares(plot),
            "area_stated_m2": given.fields.get("area_stated_m2"),
            "layer_version": _boundary_version(plot),
            "img_before": _full_date(given.fields.get("img_before")),
            "img_after": _full_date(given.fields.get("img_after")),
            "marked_on": marked,
            "review_due_on": plot.review_due,
            "rectify_due_on": plot.rectify_due,
            "overdue_days": self._plots.overdue_days(plot),
            "photo_n": plot.photos,
            "note": review.note,
            "as_of": as_of[:19],
            "version": review.version,
            "hash": plot.hash,
        }


_FROM_REVIEW = (
    "type_actual",
    "mark",
    "mark_state",
    "determination",
    "stage",
    "outcome",
    "severity",
    "permit_no",
    "permit_valid_to",
    "county",
    "marked_unit",
)
_FROM_FACTS = (
    "county_share",
    "multi_county",
    "township",
    "township_name",
    "area_m2",
    "in_m2",
    "in_share",
    "band",
    "edge_m",
    "water_share",
    "river",
    "river_code",
    "bank",
    "chainage_m",
    "river_m",
    "lon",
    "lat",
)


def _allowed(store: Store, actor: Actor, where: Filter) -> Scope:
    """The areas in which the actor may export, when the filter is one that can be met there."""
    need(actor, Action.EXPORT)
    scope = scope_of(actor, Action.EXPORT)
    if where.batch not in {batch.name for batch in store.plots.batches(scope)}:
        raise NotFound(what=where.batch or "-")
    for name, values, known in (("mark", where.marks, Mark), ("stage", where.stages, Stage)):
        if strange := set(values) - set(known):
            possible = ", ".join(known)
            raise ExportOption(option=name, value=min(strange)[:40], possible=possible)
    return scope


def _sent(plot: Plot, headers: Names) -> dict[str, object]:
    """The sender's columns under the sender's headers; personal ones stay here."""
    fields = {
        headers.get(field.name, field.name): plot.given.fields[field.name]
        for field in PLOT_FIELDS
        if field.name in plot.given.fields and field.name not in PERSONAL_FIELDS
    }
    return {**fields, **plot.given.extra}


def _shares(plot: Plot) -> dict[str, object]:
    """Shares that only some batches have layers for."""
    overlay: Mapping[str, Any] = plot.facts.detail.get("overlay") or {} if plot.facts else {}  # type: ignore[assignment]
    zones = overlay.get("shore_zone", {})
    return {
        "protect_share": overlay.get("protect_area", {}).get("in_share"),
        "zone": zones.get("zone"),
        "zone_share": zones.get("zones", {}).get(zones.get("zone")),
    }


def _boundary_version(plot: Plot) -> str | None:
    """Version of the management boundary behind the facts."""
    if plot.facts is None:
        return None
    pairs = dict(part.split("=", 1) for part in plot.facts.layers.split(";") if "=" in part)
    return pairs.get("mgmt_area")


def _local_day(instant: str | None) -> str | None:
    if instant is None:
        return None
    return datetime.fromisoformat(instant).astimezone(SHANGHAI).date().isoformat()


def _full_date(value: object) -> str | None:
    """A date that is known to the day; a month or a quarter has no place in a date column."""
    text = str(value or "")
    try:
        return datetime.strptime(text, "%Y-%m-%d").date().isoformat()  # noqa: DTZ007
    except ValueError:
        return None


def _said(code: str, facts: Mapping[str, object]) -> str:
    """A refusal in both languages, for whoever comes for the export later."""
    said = {lang: texts.say(f"error.{code}.say", lang, **facts) for lang in texts.LANGS}
    return json.dumps({"code": code, **said}, ensure_ascii=False)
