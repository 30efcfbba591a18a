"""``georeview duties|findings|referrals``: registers beside the plots, for scripts."""

import sys
from pathlib import Path
from typing import Any

import click

from georeview import texts
from georeview.cli.common import EXIT_IN_PART, lang, opened, show, t, with_home
from georeview.services.people import owner
from georeview.services.registers import Shown, Wanted


@click.group(help=t("duties"))
def duties() -> None:
    """Who answers for which reach."""


@click.group(help=t("findings"))
def findings() -> None:
    """Findings of visits and inspections."""


@click.group(help=t("referrals"))
def referrals() -> None:
    """Referrals to enforcement."""


def _line(one: Shown) -> str:
    entry, plot = one.entry, one.held.plot
    names = ("name", "title", "source", "authority", "river", "date", "deadline", "case_no")
    said = [entry.text(name) for name in names]
    late = (
        None if one.overdue_days is None else texts.say("register.late", lang(), n=one.overdue_days)
    )
    state = texts.say(f"register.state.{entry.state}", lang())
    return " · ".join(filter(None, [*said, plot.source_id if plot else None, state, late]))


def _told(one: Shown) -> dict[str, Any]:
    entry = one.entry
    return {
        "id": entry.entry_id,
        "version": entry.version,
        "state": entry.state,
        "area": entry.area,
        "plot_id": entry.plot_id,
        "overdue_days": one.overdue_days,
        **{name: value for name, value in entry.content.items() if name != "area"},
    }


def _list(home: Path | None, register: str, wanted: Wanted, *, as_json: bool) -> None:
    with opened(home) as services:
        found = services.registers.all(owner(""), register, wanted)
    told = {"items": [_told(one) for one in found]}
    none = [texts.say(f"rivers.no_{register}", lang())]
    show(told, [_line(one) for one in found] or none, as_json=as_json)


@duties.command("list", help=t("duties_list"))
@click.option("--river", help=t("duties_river"))
@with_home
def duties_list(river: str | None, *, home: Path | None, as_json: bool) -> None:
    """Everybody who answers, or for one river."""
    _list(home, "duties", Wanted(river=river), as_json=as_json)


@duties.command("load", help=t("duties_load"))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help=t("duties_dry_run"))
@with_home
def duties_load(file: Path, *, dry_run: bool, home: Path | None, as_json: bool) -> None:
    """Load people and departments from a list."""
    with opened(home) as services, file.open("rb") as content:
        told = services.register_lists.load(owner(""), content, file.name, dry_run=dry_run)
    facts = {fate: told.count(fate) for fate in ("kept", "known", "aside")}
    lines = [texts.say("rivers.list_told", lang(), rows=len(told.rows), **facts)]
    lines += [
        texts.say("rivers.list_row", lang(), row=row.row, name=row.name, why=row.why(lang()))
        for row in told.rows
        if row.error is not None
    ]
    show(told.as_json(lang()), lines, as_json=as_json)
    if facts["aside"]:
        sys.exit(EXIT_IN_PART)


@findings.command("list", help=t("findings_list"))
@click.option("--overdue", is_flag=True, help=t("findings_overdue"))
@with_home
def findings_list(*, overdue: bool, home: Path | None, as_json: bool) -> None:
    """All findings, or those whose reply is late."""
    _list(home, "findings", Wanted(overdue=overdue), as_json=as_json)


@referrals.command("list", help=t("referrals_list"))
@with_home
def referrals_list(*, home: Path | None, as_json: bool) -> None:
    """All referrals; nobody's personal data."""
    _list(home, "referrals", Wanted(), as_json=as_json)
