"""``georeview webhooks``: whoever looks after the machine sees everybody's."""

from dataclasses import asdict
from pathlib import Path

import click

from georeview.cli.common import opened, show, t, with_home
from georeview.services.people import KEEPER, as_actor


@click.group(help=t("webhooks"))
def webhooks() -> None:
    """Addresses that are told of changes."""


@webhooks.command("list", help=t("webhooks_list"))
@with_home
def webhooks_list(*, home: Path | None, as_json: bool) -> None:
    """Every address, how far it is, and why it is not told."""
    with opened(home) as services:
        found = services.webhooks.all(KEEPER)
    rows = [{k: v for k, v in asdict(hook).items() if k != "secret"} for hook in found]
    lines = [
        "\t".join([h.webhook_id, h.url, h.owner, f"#{h.since}", h.last_error or "-"])
        + (f"\t{t('webhook_stopped')}" if h.disabled_at else "")
        for h in found
    ]
    show({"items": rows}, lines, as_json=as_json)


@webhooks.command("add", help=t("webhooks_add"))
@click.argument("url")
@click.option("--as", "user", required=True, help=t("webhooks_as"))
@with_home
def webhooks_add(url: str, user: str, *, home: Path | None, as_json: bool) -> None:
    """Tell an address of what a person sees; the secret is shown this once."""
    with opened(home) as services:
        made = services.webhooks.add(as_actor(services.people.person(user)), url)
    shown = {"id": made.webhook_id, "url": url, "owner": user, "secret": made.secret}
    show(shown, [t("webhook_made", url=url), made.secret], as_json=as_json)


@webhooks.command("remove", help=t("webhooks_remove"))
@click.argument("webhook_id")
@with_home
def webhooks_remove(webhook_id: str, *, home: Path | None, as_json: bool) -> None:
    """Tell an address no more."""
    with opened(home) as services:
        services.webhooks.remove(KEEPER, webhook_id)
    show(
        {"id": webhook_id, "removed": True}, [t("webhook_removed", id=webhook_id)], as_json=as_json
    )
