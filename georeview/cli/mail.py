"""``georeview mail``: whether notices can go out."""

from pathlib import Path

import click

from georeview.cli.common import lang, opened, show, t, with_home


@click.group(help=t("mail"))
def mail() -> None:
    """Notices by mail."""


@mail.command("test", help=t("mail_test"))
@click.argument("address")
@with_home
def mail_test(address: str, *, home: Path | None, as_json: bool) -> None:
    """Send one message to an address."""
    with opened(home) as services:
        services.mails.test(address, lang())
    show({"address": address}, [t("mail_sent", address=address)], as_json=as_json)
