"""Uploads looked through: described, tried without keeping a row, and laid out for a person.

What a person decides by is small and is the job's own result: descriptions, questions, report.
What is drawn and listed, outlines and every single row, lies beside it in the cache; where that
has been emptied, it is found anew.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import shapely

from georeview import sandbox
from georeview.core.access import Actor
from georeview.errors import BadValue, GeoreviewError, Malformed, TooLarge, WrongKind
from georeview.ingest import (
    LOOK,
    LOOK_SHAPES,
    Look,
    Profile,
    Question,
    ReadOptions,
    beside,
    question,
    whole_files,
)
from georeview.services import told
from georeview.services.choices import Part, parts_of
from georeview.services.imports import ImportService
from georeview.services.limits import need_size, read_limits
from georeview.services.load_report import LoadReport
from georeview.services.overlay import OverlayService
from georeview.services.placings import Placings, shapes_name
from georeview.services.told import Lines, Wish
from georeview.settings import Settings
from georeview.storage.files import Files
from georeview.storage.ports import Json
from georeview.storage.ports.jobs import Job

Advance = Callable[[int], None]
Seen = Look | GeoreviewError

LOOKING = 50
"""Steps that looking at a part takes, beside those of loading it."""

OUTLINES_MAX = 5_000
"""Rows whose outlines as they came are kept beside what was made of them."""

ROWS, BEFORE = "rows.jsonl", "before.json"

OF_A_FILE = (Malformed, WrongKind, TooLarge, BadValue)
"""Refusals that say something about a file, and not about whoever asks or the state of the store."""

EMPTY = b'{"type":"FeatureCollection","features":[]}'


def nobody(_steps: int) -> None:
    """Nobody watches."""


@dataclass(slots=True)
class _Try:
    """A load that keeps nothing: what came of it, and what there is to decide or say first."""

    report: LoadReport | None = None
    asked: list[tuple[int, Question]] = field(default_factory=list)
    refused: tuple[int, GeoreviewError] | None = None


def wanted(job: Job) -> list[Part]:
    """The parts of an upload that are not left out."""
    return [part for part in parts_of(job.given.options) if not part.skip]


class InspectionService:
    """Looking through uploads, and what was seen in them."""

    def __init__(
        self, files: Files, imports: ImportService, overlay: OverlayService, settings: Settings
    ) -> None:
        self._files = files
        self._imports = imports
        self._overlay = overlay
        self._placings = Placings(overlay)
        self._settings = settings

    # Looking through -----------------------------------------------------------------------------

    def inspect(self, actor: Actor, job: Job, advance: Advance) -> Json:
        """Look at the files and, where nothing is unclear, load them without keeping a row.

        Args:
            actor: Who asked.
            job: The job that looks.
            advance: Told how many more of the steps of each part are done: ``LOOKING`` and then ``STEPS``.

        Returns:
            ``looks``, ``questions``, ``refused`` (a file that cannot be taken at all), and, once
            there is neither, the ``report`` of a load and how many rows are of each kind.
        """
        parts = wanted(job)
        with self._laid_out(job) as paths, self._files.scratch() as scratch:
            folder = _made(scratch / "found")
            known = self._imports.known_columns(str(job.given.options["area"]))
            seen = [self._seen(part, paths[part.file], known, advance) for part in parts]
            tried = _first_answers(seen)
            lines = Lines(folder / ROWS)
            if not tried.asked and not tried.refused:
                self._try(actor, job, tried, advance=advance, tell=lines.add)
                self._outlines(parts, paths, lines, folder / BEFORE)
            looks = [one if isinstance(one, Look) else None for one in seen]
            placed = self._placings.draw(looks, lines, folder)
            self._files.keep_details(job.given.job_id, folder)
        told_of: dict[str, Any] = {
            "looks": [_look(p, one, k) for p, one, k in zip(parts, seen, placed, strict=True)],
            "questions": [{"part": n, **asdict(asked)} for n, asked in tried.asked],
            "refused": tried.refused
            and {"part": tried.refused[0], **refusal_as_json(tried.refused[1])},
            "report": tried.report and tried.report.as_json(),
            "kinds": dict(lines.kinds),
            "codes": dict(lines.codes),
        }
        return told_of

    def take_in(self, actor: Actor, job: Job, advance: Advance) -> LoadReport:
        """Load the files and keep them; every row is written down as when looking."""
        with self._files.scratch() as scratch:
            folder = _made(scratch / "found")
            lines = Lines(folder / ROWS)
            report = self._load(actor, job, dry_run=False, advance=advance, tell=lines.add)
            self._files.keep_details(job.given.job_id, folder)
        return report

    def _seen(self, part: Part, path: Path, known: tuple[Profile, ...], advance: Advance) -> Seen:
        files = beside(path)
        try:
            need_size(self._settings, files)
            found: Look = sandbox.run(
                LOOK,
                files,
                part.options,
                self._overlay.land(),
                known,
                limits=read_limits(self._settings),
            )
        except OF_A_FILE as refusal:
            return refusal
        finally:
            advance(LOOKING)
        return found

    def _try(
        self, actor: Actor, job: Job, tried: _Try, *, advance: Advance, tell: told.Tell
    ) -> None:
        """Load without keeping anything; a refusal that comes only now is told like the others."""
        try:
            tried.report = self._load(actor, job, dry_run=True, advance=advance, tell=tell)
        except OF_A_FILE as refusal:
            names = [part.file for part in wanted(job)]
            named = refusal.facts.get("file")
            _told_first(tried, names.index(str(named)) if named in names else 0, refusal)

    def _load(
        self, actor: Actor, job: Job, *, dry_run: bool, advance: Advance, tell: told.Tell
    ) -> LoadReport:
        asked: Mapping[str, Any] = job.given.options
        parts = wanted(job)
        with self._laid_out(job) as paths:
            return self._imports.load(
                actor,
                [paths[part.file] for part in parts],
                batch=asked["batch"],
                area=asked["area"],
                options=[part.options for part in parts],
                review_due=_day(asked["review_due"]),
                rectify_due=_day(asked["rectify_due"]),
                dry_run=dry_run,
                update=bool(asked.get("update")),
                key=job.given.job_id,
                advance=advance,
                tell=tell,
            )

    @contextmanager
    def _laid_out(self, job: Job) -> Iterator[Mapping[str, Path]]:
        """The files of an upload by the names of the main ones."""
        sent: Any = job.given.options["files"]
        originals = [(file["name"], file["sha256"]) for file in sent]
        with self._files.laid_out(originals) as paths:
            yield {path.name: path for path in whole_files(paths)}

    def _outlines(
        self, parts: Sequence[Part], paths: Mapping[str, Path], lines: Lines, target: Path
    ) -> None:
        """Keep rows that were mended or set aside as they came, for a person to compare."""
        rows: list[list[int]] = [[] for _ in parts]
        for kind in ("set_aside", "mended"):
            for _, line in islice(lines.read(Wish(kind=kind)), OUTLINES_MAX):
                rows[line["file"]].append(line["row"])
        kept: dict[str, Any] = {}
        for n, (part, own) in enumerate(zip(parts, rows, strict=True)):
            if own:
                found: tuple[tuple[int, bytes], ...] = sandbox.run(
                    LOOK_SHAPES,
                    beside(paths[part.file]),
                    part.options,
                    self._overlay.land(),
                    tuple(sorted(own)),
                    limits=read_limits(self._settings),
                )
                shapes = shapely.to_geojson(shapely.from_wkb([wkb for _, wkb in found]))
                kept |= {
                    f"{n} {row}": orjson.Fragment(shape)
                    for (row, _), shape in zip(found, shapes, strict=True)
                }
        target.write_bytes(orjson.dumps(kept))

    def systems(self, files: Sequence[tuple[Path, ReadOptions]], area: str) -> list[dict[str, Any]]:
        """Coordinate systems that fit files, as a person judges them; nothing is kept.

        Args:
            files: The files, and what is known about each.
            area: Area code of whoever the plots are issued to.

        Returns:
            For each file, or layer of one: ``file``, ``layer``, ``asked`` (whether one has to be
            chosen) and ``placings``, the likeliest first. What cannot be looked at is left out.
        """
        known = self._imports.known_columns(area)
        looks: list[Look] = []
        for path, options in files:
            try:
                for whole, own in self._imports.parts(path, options):
                    found = self._seen(Part(whole.name, own), whole, known, nobody)
                    looks += [found] if isinstance(found, Look) else []
            except OF_A_FILE:
                continue
        return [
            {
                "file": look.file,
                "layer": look.layer,
                "asked": any(asked.about == "crs" for asked in look.questions),
                "placings": placings,
            }
            for look, placings in zip(looks, self._placings.told(looks), strict=True)
            if placings
        ]

    # What was seen -------------------------------------------------------------------------------

    def rows(
        self, actor: Actor, job: Job, wish: Wish, *, start: int, limit: int
    ) -> tuple[list[dict[str, Any]], int | None]:
        """Rows of an upload, and where the next ones begin; ``None`` behind the last.

        Args:
            actor: Who looks.
            job: The job that looked, or that took the files in.
            wish: Which rows.
            start: Where to begin, as an earlier answer said.
            limit: At most so many.
        """
        folder = self._folder(actor, job)
        before = _read_json(folder / BEFORE)
        found = list(islice(Lines(folder / ROWS).read(wish, start=start), limit + 1))
        rows = [
            {**line, "before": before.get(f"{line['file']} {line['row']}")}
            for _, line in found[:limit]
        ]
        return rows, found[limit - 1][0] if len(found) > limit else None

    def every_row(self, actor: Actor, job: Job, wish: Wish) -> Iterator[dict[str, Any]]:
        """All wanted rows, one after the other; what stands in the way is said at once."""
        lines = Lines(self._folder(actor, job) / ROWS)
        return (line for _, line in lines.read(wish))

    def shapes(self, actor: Actor, job: Job, part: int, placing: int) -> bytes:
        """Shapes of a part under one coordinate system, as a GeoJSON feature collection."""
        path = self._folder(actor, job) / shapes_name(part, placing)
        return path.read_bytes() if path.exists() else EMPTY

    def _folder(self, actor: Actor, job: Job) -> Path:
        folder = self._files.details(job.given.job_id)
        if not folder.is_dir():
            self.inspect(actor, job, nobody)
        return folder


def _first_answers(seen: Sequence[Seen]) -> _Try:
    """What the looks alone say: what is to be decided, and the first file that cannot be taken."""
    tried = _Try()
    for n, one in enumerate(seen):
        if isinstance(one, Look):
            tried.asked += [(n, asked) for asked in one.questions]
        else:
            _told_first(tried, n, one)
    return tried


def _told_first(tried: _Try, part: int, refusal: GeoreviewError) -> None:
    asked = question(refusal)
    if asked is not None:
        tried.asked.append((part, asked))
    elif tried.refused is None:
        tried.refused = (part, refusal)


def _look(part: Part, seen: Seen, placed: Sequence[Json]) -> dict[str, Any]:
    """A part as it is told: what was seen without the shapes, or why it cannot be taken."""
    if not isinstance(seen, Look):
        return {"file": part.file, "chosen": part.options.layer, "refused": refusal_as_json(seen)}
    told_of = {name: value for name, value in asdict(seen).items() if name != "questions"}
    more = {"chosen": part.options.layer, "placings": list(placed), "refused": None}
    return {**told_of, **more}


def refusal_as_json(error: GeoreviewError) -> dict[str, Any]:
    """A refusal as it is kept: its code and facts, to be said in the reader's language."""
    facts = {
        name: value if isinstance(value, str | int | float) else str(value)
        for name, value in error.facts.items()
    }
    return {"code": error.code, "facts": facts}


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _read_json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(path.read_bytes()) if path.exists() else {}
    return found


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
