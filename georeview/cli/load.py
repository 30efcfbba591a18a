"""``georeview load``: plots, layers and imagery from files."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from georeview import sandbox, texts
from georeview.cli import said
from georeview.cli.common import (
    CITY,
    EXIT_IN_PART,
    bar,
    chosen,
    lang,
    need_area,
    opened,
    show,
    t,
    with_home,
)
from georeview.core.fields import AREA_UNITS_M2, PLOT_FIELDS
from georeview.core.layers import KINDS
from georeview.errors import GeoreviewError
from georeview.ingest import READ_PLOTS, ReadOptions, question
from georeview.services.layers import LayerAbout
from georeview.services.loading import STEPS
from georeview.services.people import owner
from georeview.services.told import Lines, untold
from georeview.services.wording import field_name

FILE = click.Path(exists=True, path_type=Path)
"""A file, or a geodatabase, which is a folder."""
NEW_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.group(help=t("load"))
def load() -> None:
    """What can be loaded."""


class Day(click.ParamType[date]):
    """A date, ``2023-06-30``."""

    name = "date"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """The date, or a usage error."""
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(str(value), "%Y-%m-%d").date()  # noqa: DTZ007
        except ValueError:
            self.fail(t("bad_date", value=value), param, ctx)


def _mapping(pairs: tuple[str, ...]) -> dict[str, str]:
    """Field → column; a field may be given by what sentences call it."""
    codes = [field.name for field in PLOT_FIELDS]
    fields = {field_name(code, lang): code for code in codes for lang in texts.LANGS}
    fields |= {code: code for code in codes}
    found = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not equals or field not in fields:
            raise click.UsageError(t("bad_map", value=pair, fields=", ".join(sorted(codes))))
        found[fields[field]] = column
    return found


def _extent(home: Path | None) -> tuple[float, float, float, float]:
    try:
        return chosen(home).extent_degrees
    except ValueError as error:
        raise click.UsageError(t("bad_extent", value=chosen(home).extent)) from error


@load.command("plots", help=t("load_plots"))
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--batch", required=True, help=t("batch"))
@click.option("--area", default=CITY, show_default=True, help=t("area"))
@click.option("--crs", help=t("crs"))
@click.option("--encoding", help=t("encoding"))
@click.option("--layer", "layers", multiple=True, help=t("layer"))
@click.option("--map", "mapped", multiple=True, metavar="FIELD=COLUMN", help=t("map"))
@click.option("--area-unit", type=click.Choice(list(AREA_UNITS_M2)), help=t("area_unit"))
@click.option("--review-due", type=Day(), help=t("review_due"))
@click.option("--rectify-due", type=Day(), help=t("rectify_due"))
@click.option("--dry-run", is_flag=True, help=t("dry_run"))
@click.option("--update", is_flag=True, help=t("update"))
@click.option("--report", type=NEW_FILE, help=t("report"))
@with_home
def plots(
    files: tuple[Path, ...],
    batch: str,
    area: str,
    crs: str | None,
    encoding: str | None,
    layers: tuple[str, ...],
    mapped: tuple[str, ...],
    area_unit: str | None,
    review_due: date | None,
    rectify_due: date | None,
    *,
    dry_run: bool,
    update: bool,
    report: Path | None,
    home: Path | None,
    as_json: bool,
) -> None:
    """Load plots; exit 3 when rows were set aside."""
    known = ReadOptions(crs, encoding, None, _mapping(mapped), area_unit, _extent(home))
    each = [(path, replace(known, layer=layer)) for path in files for layer in layers or (None,)]
    need_area(area)
    if report is not None and not report.absolute().parent.is_dir():
        raise click.UsageError(t("no_folder", folder=report.absolute().parent))
    sandbox.prepare(READ_PLOTS)
    with (
        opened(home) as services,
        services.files.scratch() as folder,
        bar(t("loading"), STEPS * len(each)) as advance,
    ):
        lines = Lines(folder / "rows.jsonl")
        looked = partial(services.inspection.systems, each, area)
        with _explained(looked):
            done = services.imports.load(
                owner(area),
                [path for path, _ in each],
                batch=batch,
                area=area,
                options=[own for _, own in each],
                review_due=review_due,
                rectify_due=rectify_due,
                dry_run=dry_run,
                update=update,
                advance=advance,
                tell=untold if report is None else lines.add,
            )
        systems = looked() if dry_run else []
        if report is not None:
            with report.open("wb") as out:
                out.writelines(done.whole(lines))
    more = {"systems": systems} if dry_run else {}
    show(done.as_json() | more, [*said.of(done), *said.systems(systems)], as_json=as_json)
    if not done.complete:
        sys.exit(EXIT_IN_PART)


@contextmanager
def _explained(looked: Callable[[], list[dict[str, Any]]]) -> Iterator[None]:
    """Where it is refused for its coordinate system, say first which ones fit, and why."""
    try:
        yield
    except GeoreviewError as refusal:
        asked = question(refusal)
        if asked is not None and asked.about == "crs":
            for line in said.systems([one for one in looked() if one["asked"]]):
                click.echo(line, err=True)
        raise


@load.command("retract", help=t("load_retract"))
@click.argument("name", metavar="IMPORT_ID")
@with_home
def retract(name: str, *, home: Path | None, as_json: bool) -> None:
    """Take an import back as one."""
    with (
        opened(home) as services,
        bar(t("retracting"), services.retract.plots(name)) as advance,
    ):
        done = services.retract.retract(owner(""), name, advance)
    line = t(
        "retract_done",
        files=", ".join(done.files),
        withdrawn=done.withdrawn,
        restored=done.restored,
    )
    show(asdict(done), [line], as_json=as_json)


@load.command("layer", help=t("load_layer"))
@click.argument("file", type=FILE)
@click.option("--kind", required=True, type=click.Choice(list(KINDS)), help=t("kind"))
@click.option("--name", required=True, help=t("name"))
@click.option("--version", required=True, help=t("version"))
@click.option("--valid-from", type=Day(), help=t("valid_from"))
@click.option("--source", help=t("source"))
@click.option("--approval-no", help=t("approval_no"))
@click.option("--scale", type=int, help=t("scale"))
@click.option("--accuracy", "accuracy_m", type=float, help=t("accuracy"))
@click.option("--crs", help=t("crs"))
@click.option("--encoding", help=t("encoding"))
@click.option("--layer", help=t("layer"))
@with_home
def layer(
    file: Path,
    kind: str,
    name: str,
    version: str,
    valid_from: date | None,
    source: str | None,
    approval_no: str | None,
    scale: int | None,
    accuracy_m: float | None,
    crs: str | None,
    encoding: str | None,
    layer: str | None,
    *,
    home: Path | None,
    as_json: bool,
) -> None:
    """Publish a version of a boundary layer."""
    options = ReadOptions(crs=crs, encoding=encoding, layer=layer, expected=_extent(home))
    about = LayerAbout(kind, name, version, valid_from, source, approval_no, scale, accuracy_m)
    with opened(home) as services:
        done = services.layers.load(owner(CITY), file, about, options)
        outdated = services.overlay.outdated()
    kept = done.layer
    shown = {
        "layer_id": kept.layer_id,
        "features": kept.features,
        "crs": kept.crs_original,
        "outdated_plots": outdated,
        "notes": [asdict(note) for note in done.notes],
    }
    lines = [t("layer_done", name=name, version=version, n=kept.features, crs=kept.crs_original)]
    lines += [texts.say(f"flag.{note.code}.say", lang(), **note.facts) for note in done.notes]
    if outdated:
        lines.append(t("outdated", n=outdated))
    show(shown, lines, as_json=as_json)


@load.command("imagery", help=t("load_imagery"))
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--role", required=True, type=click.Choice(["before", "after", "reference"]), help=t("role")
)
@click.option("--date", "taken", required=True, type=Day(), help=t("date"))
@click.option("--sensor", help=t("sensor"))
@click.option("--name", help=t("name"))
@with_home
def imagery(
    file: Path,
    role: str,
    taken: date,
    sensor: str | None,
    name: str | None,
    *,
    home: Path | None,
    as_json: bool,
) -> None:
    """Take in a dated image, or every GeoTIFF of a folder."""
    images = sorted(file.glob("*.tif*")) if file.is_dir() else [file]
    if not images:
        raise click.UsageError(t("no_images", folder=file))
    with opened(home) as services:
        for image in images:
            scene = services.imagery.load(
                owner(CITY), image, role=role, date=taken, sensor=sensor, name=name
            )
            shown = {"scene_id": scene.scene_id, "info": dict(scene.info)}
            line = t("scene_done", name=scene.name, date=scene.date)
            show(shown, [line], as_json=as_json)
