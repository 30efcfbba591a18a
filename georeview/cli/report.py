"""``georeview report``: figures, samples and plots as documents."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from georeview import reports
from georeview.cli.common import lang, opened, show, t, with_home
from georeview.cli.load import Day
from georeview.cli.work import found_plot
from georeview.core.breakdown import DIMENSIONS
from georeview.core.escalation import REPLY_DAYS
from georeview.reports.document import Document
from georeview.services import Services
from georeview.services.people import owner

Command = TypeVar("Command", bound=Callable[..., Any])

OUT = click.Path(dir_okay=False, path_type=Path)


@click.group(help=t("reports"))
def report() -> None:
    """Documents."""


def _asked(command: Command) -> Command:
    """Give a command ``--batch``, ``--as-of`` and ``--out``."""
    command = click.option("--out", required=True, type=OUT, help=t("report_out"))(command)
    command = click.option("--as-of", type=Day(), help=t("report_as_of"))(command)
    return click.option("--batch", help=t("report_batch"))(command)


@contextmanager
def _counted(home: Path | None) -> Iterator[Services]:
    """The services, with all figures up to date however long that takes."""
    with opened(home) as services:
        services.figures.count()
        yield services


def _write(
    home: Path | None, out: Path, make: Callable[[Services], Document], *, as_json: bool
) -> None:
    reports.writer(out)
    with _counted(home) as services:
        services.reports.write(make(services), out)
    show({"out": str(out)}, [t("report_done", out=out)], as_json=as_json)


@report.command("league", help=t("report_league"))
@_asked
@with_home
def league(
    batch: str | None, as_of: date | None, out: Path, *, home: Path | None, as_json: bool
) -> None:
    """The counties from first to last."""
    me = owner("")
    _write(home, out, lambda s: s.reports.league(me, batch, as_of, lang()), as_json=as_json)


@report.command("breakdown", help=t("report_breakdown"))
@click.option("--by", required=True, type=click.Choice(list(DIMENSIONS)), help=t("report_by"))
@_asked
@with_home
def breakdown(
    by: str, batch: str | None, as_of: date | None, out: Path, *, home: Path | None, as_json: bool
) -> None:
    """Figures part by part."""
    me = owner("")
    _write(home, out, lambda s: s.reports.breakdown(me, by, batch, as_of, lang()), as_json=as_json)


@report.command("river", help=t("report_river"))
@click.argument("name")
@_asked
@with_home
def river(
    name: str, batch: str | None, as_of: date | None, out: Path, *, home: Path | None, as_json: bool
) -> None:
    """All there is to say of a river."""
    me = owner("")
    _write(home, out, lambda s: s.reports.river(me, name, batch, as_of, lang()), as_json=as_json)


@report.command("progress", help=t("report_progress"))
@_asked
@with_home
def progress(
    batch: str | None, as_of: date | None, out: Path, *, home: Path | None, as_json: bool
) -> None:
    """How far the counties came, day by day."""
    me = owner("")
    _write(home, out, lambda s: s.reports.progress(me, batch, as_of, lang()), as_json=as_json)


@report.command("sample", help=t("report_sample"))
@_asked
@with_home
def sample(
    batch: str | None, as_of: date | None, out: Path, *, home: Path | None, as_json: bool
) -> None:
    """What the last sample says."""
    me = owner("")
    _write(home, out, lambda s: s.reports.sample(me, batch, as_of, lang()), as_json=as_json)


@report.command("letters", help=t("report_letters"))
@click.argument("kind", type=click.Choice(list(REPLY_DAYS)))
@click.option("--county", help=t("report_county"))
@click.option("--number", help=t("report_number"))
@_asked
@with_home
def letters(
    kind: str,
    county: str | None,
    number: str | None,
    batch: str | None,
    as_of: date | None,
    out: Path,
    *,
    home: Path | None,
    as_json: bool,
) -> None:
    """Drafts of letters to counties that are late."""

    def make(services: Services) -> Document:
        return services.reports.letters(
            owner(""), kind, batch, as_of, lang(), county=county, number=number
        )

    _write(home, out, make, as_json=as_json)


@report.command("dossier", help=t("report_dossier"))
@click.argument("plot")
@click.option("--as-of", type=Day(), help=t("report_as_of"))
@click.option("--out", required=True, type=OUT, help=t("report_out"))
@with_home
def dossier(plot: str, as_of: date | None, out: Path, *, home: Path | None, as_json: bool) -> None:
    """All there is to one plot."""

    def make(services: Services) -> Document:
        plot_id = found_plot(services, plot).given.plot_id
        return services.dossiers.dossier(owner(""), plot_id, lang(), as_of)

    _write(home, out, make, as_json=as_json)


@report.command("works", help=t("report_works"))
@click.option("--batch", help=t("report_batch"))
@click.option("--out", required=True, type=OUT, help=t("report_out"))
@with_home
def works(batch: str | None, out: Path, *, home: Path | None, as_json: bool) -> None:
    """Works that need a permit and rest on none that holds."""
    _write(home, out, lambda s: s.reports.works(owner(""), batch, lang()), as_json=as_json)


@report.command("publish", help=t("report_publish"))
@click.option("--batch", help=t("report_batch"))
@click.option("--as-of", type=Day(), help=t("report_as_of"))
@with_home
def publish(batch: str | None, as_of: date | None, *, home: Path | None, as_json: bool) -> None:
    """Freeze the league table for every county to read."""
    with _counted(home) as services:
        kept = services.figures.publish(owner(""), batch, as_of)
    shown = {"id": kept.league_id, "as_of": kept.as_of, "seq": kept.seq, "sha256": kept.sha256}
    show(shown, [t("report_published", as_of=kept.as_of, id=kept.league_id)], as_json=as_json)


@report.command("draw", help=t("report_draw"))
@click.option("--batch", help=t("report_batch"))
@click.option("--seed", help=t("report_seed"))
@with_home
def draw(batch: str | None, seed: str | None, *, home: Path | None, as_json: bool) -> None:
    """Draw closed negatives for a second look."""
    me = owner("")
    with _counted(home) as services:
        name = batch or services.figures.stats(me).batch
        view = services.samples.view(me, services.samples.draw(me, name, seed).sample_id)
    shown = {
        "id": view.sample.sample_id,
        "seed": view.sample.seed,
        "n": len(view.plots),
        "frame": sum(stratum.size for stratum in view.strata),
        "sha256": view.sample.sha256,
    }
    show(shown, [t("report_drawn", **shown)], as_json=as_json)
