"""``georeview overlay``, ``export``, ``mark`` and ``act``."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from georeview import texts
from georeview.cli.common import CITY, bar, lang, opened, show, t, with_home
from georeview.clock import SHANGHAI
from georeview.core.access import EVERYTHING, Actor
from georeview.core.commands import ACTION_FIELDS
from georeview.core.procedure import Command
from georeview.core.query import Filter, box_of, instant_of
from georeview.errors import BadValue, NotFound
from georeview.services import Services, cql2
from georeview.services.ids import new_id
from georeview.services.people import as_actor, owner
from georeview.storage.ports.plots import Plot

if TYPE_CHECKING:
    from georeview.exports.base import ExportReport


MARKS = ("pending", "confirmed", "false_positive", "rectified")


@click.command(help=t("overlay"))
@click.option("--batch", help=t("batch"))
@click.option("--behind", is_flag=True, help=t("behind"))
@with_home
def overlay(batch: str | None, *, behind: bool, home: Path | None, as_json: bool) -> None:
    """Compute all facts anew from the current layers."""
    with (
        opened(home) as services,
        bar(t("laying_over"), services.overlay.count(batch, behind=behind)) as advance,
    ):
        done = services.overlay.run(batch, behind=behind, advance=advance)
    shown = {"plots": done.plots, "layers": done.layers}
    show(shown, [t("overlay_done", n=done.plots, layers=done.layers or "-")], as_json=as_json)


def _filters(command: Callable[..., None]) -> Callable[..., None]:
    """The conditions of a list, as options."""
    for option in (
        click.option("--filter", "cql2_filter", metavar="CQL2", help=t("cql2_filter")),
        click.option("--updated-since", type=click.DateTime(), help=t("updated_since")),
        click.option("--bbox", help=t("bbox")),
        click.option("--search", "q", help=t("search_filter")),
        click.option("--overdue", is_flag=True, help=t("overdue_filter")),
        click.option("--assignee", help=t("assignee")),
        click.option("--reason", help=t("reason_filter")),
        click.option("--determination", help=t("determination")),
        click.option("--stage", "stages", multiple=True, help=t("stage_filter")),
        click.option("--township", help=t("township_filter")),
        click.option("--county", help=t("county")),
        click.option("--mark", "marks", multiple=True, help=t("mark_filter")),
    ):
        command = option(command)
    return command


@click.command(help=t("export"))
@click.option("--batch", required=True, help=t("batch"))
@click.option("--format", "fmt", required=True, help=t("format"))
@click.option("--out", required=True, type=click.Path(path_type=Path), help=t("out"))
@_filters
@click.option("--encoding", default="utf-8", show_default=True, help=t("encoding_out"))
@click.option("--crs", default="EPSG:4490", show_default=True, help=t("crs_out"))
@click.option("--pictures", is_flag=True, help=t("pictures"))
@click.option("--personal", is_flag=True, help=t("personal"))
@with_home
def export(
    batch: str,
    fmt: str,
    out: Path,
    encoding: str,
    crs: str,
    *,
    pictures: bool,
    personal: bool,
    home: Path | None,
    as_json: bool,
    **conditions: Any,
) -> None:
    """Write a batch to a file that is reopened and compared before it is there."""
    with (
        opened(home) as services,
        bar(t("exporting"), services.overlay.count(batch)) as advance,
    ):
        report = services.exports.write(
            owner(CITY),
            where=_where(batch, services.clock(), conditions),
            format=fmt,
            out=out,
            encoding=encoding,
            crs=crs,
            pictures=pictures,
            personal=personal,
            advance=advance,
        )
    show(report.as_json(), _told(report, out), as_json=as_json)


def _where(batch: str, now: datetime, given: Mapping[str, Any]) -> Filter:
    """The filter that the options ask for."""
    asked = {**given, "bbox": box_of(given["bbox"])}
    asked["updated_since"] = instant_of(given["updated_since"])
    overdue, condition = asked.pop("overdue"), asked.pop("cql2_filter")
    return Filter(
        batch=batch,
        overdue_on=now.astimezone(SHANGHAI).date() if overdue else None,
        condition=cql2.read(condition),
        **asked,
    )


def _told(report: "ExportReport", out: Path) -> list[str]:
    """What was written, and what could not be written as it was."""
    lines = [t("export_done", n=report.rows, out=out)]
    if report.losses:
        lines.append(t("export_losses", n=len(report.losses), where=report.beside))
    if report.rounded:
        lines.append(t("export_rounded", n=len(report.rounded)))
    return lines


@click.command(help=t("mark"))
@click.argument("plot")
@click.argument("mark", type=click.Choice(MARKS))
@click.option("--reason", help=t("reason"))
@click.option("--violation", help=t("violation"))
@click.option("--note", help=t("note"))
@click.option("--as", "user", help=t("as_user"))
@with_home
def mark(
    plot: str,
    mark: str,
    reason: str | None,
    violation: str | None,
    note: str | None,
    user: str | None,
    *,
    home: Path | None,
    as_json: bool,
) -> None:
    """Mark a plot by the same rules as on the map."""
    with opened(home) as services:
        actor = acting(services, user) if user else owner(CITY)
        found = found_plot(services, plot)
        undo = mark == "pending"
        body = {"mark": mark, "reason": reason, "violation": violation, "note": note}
        command = Command(
            "undo_mark" if undo else "mark",
            new_id(),
            found.review.version,
            {} if undo else body,
        )
        kept = services.review.act(actor, found.given.plot_id, command)
    shown = {"plot_id": kept.review.plot_id, "mark": kept.review.mark, "seq": kept.event.seq}
    line = t("mark_done", plot=found.given.source_id, mark=kept.review.mark, seq=kept.event.seq)
    show(shown, [line], as_json=as_json)


@click.command(help=t("act"))
@click.argument("plot")
@click.argument("action", type=click.Choice(list(ACTION_FIELDS)))
@click.option("--field", "fields", multiple=True, metavar="NAME=VALUE", help=t("act_field"))
@click.option("--as", "user", help=t("as_user"))
@with_home
def act(
    plot: str,
    action: str,
    fields: tuple[str, ...],
    user: str | None,
    *,
    home: Path | None,
    as_json: bool,
) -> None:
    """Take a step of the procedure by the same rules as on the map."""
    body: dict[str, object] = {}
    for given in fields:
        name, equals, value = given.partition("=")
        if not equals:
            raise BadValue(field="field", value=given[:80])
        body[name] = _FIELD_OF.get(name, str)(value)
    with opened(home) as services:
        actor = acting(services, user) if user else owner(CITY)
        found = found_plot(services, plot)
        command = Command(action, new_id(), found.review.version, body)
        door = services.splits if action in ("split", "unmerge") else services.review
        kept = door.act(actor, found.given.plot_id, command)
    shown = {"plot_id": kept.review.plot_id, "stage": kept.review.stage, "seq": kept.event.seq}
    stage = texts.say(f"stage.{kept.review.stage}", lang())
    line = t("act_done", plot=found.given.source_id, stage=stage, seq=kept.event.seq)
    show(shown, [line], as_json=as_json)


def _parts(value: str) -> list[object]:
    """The shapes of a GeoJSON file (``@FILE``), whatever it wraps them in."""
    path = Path(value.removeprefix("@"))
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadValue(field="parts", value=value[:80]) from error
    if not isinstance(found, dict):
        return list(found) if isinstance(found, list) else [found]
    return list(found.get("features") or found.get("geometries") or [found])


_FIELD_OF: Mapping[str, Callable[[str], object]] = MappingProxyType(
    {"evidence": lambda value: value.split(","), "parts": _parts}
)
"""How fields are given that are no plain text."""


def acting(services: Services, user: str) -> Actor:
    """Somebody with an account that is open.

    Raises:
        NotFound: There is nobody of this name.
    """
    person = services.people.person(user)
    if person.disabled:
        raise NotFound(what=user)
    return as_actor(person)


def found_plot(services: Services, plot: str) -> Plot:
    """A plot by our id or by ``BATCH/NUMBER``."""
    if "/" not in plot:
        return services.store.plots.get(EVERYTHING, plot)
    batch, _, number = plot.rpartition("/")
    if not batch:
        raise NotFound(what=plot)
    return services.store.plots.by_source(EVERYTHING, batch, number)
