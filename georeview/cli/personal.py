"""``georeview personal``: names of third parties on record of a plot."""

from dataclasses import asdict
from pathlib import Path

import click

from georeview.cli.common import CITY, opened, show, t, with_home
from georeview.core.commands import LABELS, personal_fields
from georeview.core.personal import OnRecord
from georeview.services.people import owner


@click.group(help=t("personal_names"))
def personal() -> None:
    """Names of third parties."""


def _lines(found: list[OnRecord]) -> list[str]:
    return [
        t("personal_erased", field=LABELS[one.field][0], at=one.erased_at, who=one.erased_by,
          reason=one.reason)
        if one.value is None
        else f"{LABELS[one.field][0]}\t{one.value}\t{one.token[7:23]}"
        for one in found
    ] or [t("personal_none")]  # fmt: skip


@personal.command("list", help=t("personal_list"))
@click.argument("plot_id")
@with_home
def personal_list(plot_id: str, *, home: Path | None, as_json: bool) -> None:
    """What is on record of a plot."""
    with opened(home) as services:
        found = services.personal.of(owner(CITY), plot_id)
    show({"items": [asdict(one) for one in found]}, _lines(found), as_json=as_json)


@personal.command("erase", help=t("personal_erase"))
@click.argument("plot_id")
@click.option("--reason", required=True, help=t("personal_reason"))
@click.option("--field", type=click.Choice(sorted(personal_fields())), help=t("personal_field"))
@with_home
def personal_erase(
    plot_id: str, reason: str, field: str | None, *, home: Path | None, as_json: bool
) -> None:
    """Erase names for good."""
    with opened(home) as services:
        left = services.personal.erase(owner(CITY), plot_id, reason, field)
    show({"items": [asdict(one) for one in left]}, _lines(left), as_json=as_json)
