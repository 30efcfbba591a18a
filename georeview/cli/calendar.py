"""``georeview calendar``: days on which people work other than the packaged calendar says."""

from dataclasses import asdict
from datetime import date
from pathlib import Path

import click

from georeview.cli.common import opened, show, t, with_home
from georeview.cli.load import Day
from georeview.services.people import owner


@click.group(help=t("calendar"))
def calendar() -> None:
    """Working days."""


@calendar.command("list", help=t("calendar_list"))
@with_home
def calendar_list(*, home: Path | None, as_json: bool) -> None:
    """Days that were put right."""
    with opened(home) as services:
        found = services.calendar.overrides(owner(""))
    lines = [
        t("calendar_work" if o.working else "calendar_rest", day=o.day, source=o.source)
        for o in found
    ]
    show({"items": [asdict(o) for o in found]}, lines or [t("calendar_none")], as_json=as_json)


@calendar.command("set", help=t("calendar_set"))
@click.argument("day", type=Day())
@click.argument("what", type=click.Choice(["work", "rest"]))
@click.option("--source", required=True, help=t("calendar_source"))
@with_home
def calendar_set(day: date, what: str, source: str, *, home: Path | None, as_json: bool) -> None:
    """Say what a day is."""
    with opened(home) as services:
        kept = services.calendar.put(owner(""), day, working=what == "work", source=source)
    key = "calendar_work" if kept.working else "calendar_rest"
    show(asdict(kept), [t(key, day=kept.day, source=kept.source)], as_json=as_json)


@calendar.command("unset", help=t("calendar_unset"))
@click.argument("day", type=Day())
@with_home
def calendar_unset(day: date, *, home: Path | None, as_json: bool) -> None:
    """Let the packaged calendar decide again."""
    with opened(home) as services:
        services.calendar.remove(owner(""), day)
    show({"day": day.isoformat()}, [t("calendar_unset_done", day=day)], as_json=as_json)
