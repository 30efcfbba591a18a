"""Results handed back: rows as columns of the dictionary, written, reopened and compared."""

import json
import logging
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from georeview import texts
from georeview.clock import SHANGHAI, Clock
from georeview.core.access import Action, Actor, Scope, need, scope_of
from georeview.core.fields import PERSONAL_FIELDS
from georeview.core.plot import Mark, Stage
from georeview.core.query import Filter
from georeview.errors import ExportOption, GeoreviewError, NotFound
from georeview.services.plots import PlotService
from georeview.services.review import new_id
from georeview.settings import Settings
from georeview.storage.files import Files
from georeview.storage.ports import Export, Store

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
        from georeview.services.export_rows import columns

        names = self._plots.place_names()
        for plots in self._store.plots.stream(scope, where):
            overdue = [self._plots.overdue_days(plot) for plot in plots]
            yield columns(plots, overdue, headers, names, as_of)


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


def _said(code: str, facts: Mapping[str, object]) -> str:
    """A refusal in both languages, for whoever comes for the export later."""
    said = {lang: texts.say(f"error.{code}.say", lang, **facts) for lang in texts.LANGS}
    return json.dumps({"code": code, **said}, ensure_ascii=False)
