"""``georeview keys``."""

from dataclasses import asdict
from pathlib import Path

import click

from georeview.cli.common import need_area, opened, show, t, with_home
from georeview.core.access import Grant, Role
from georeview.services.people import KEEPER


@click.group(help=t("keys"))
def keys() -> None:
    """Keys of other systems."""


@keys.command("add", help=t("keys_add"))
@click.argument("name")
@click.option(
    "--role", required=True, type=click.Choice([r.value for r in Role]), help=t("role_of")
)
@click.option("--area", required=True, help=t("area"))
@click.option("--unit", help=t("unit"))
@click.option("--expires", help=t("expires"))
@with_home
def keys_add(
    name: str,
    role: str,
    area: str,
    unit: str | None,
    expires: str | None,
    *,
    home: Path | None,
    as_json: bool,
) -> None:
    """Make a key and show it, this once."""
    need_area(area)
    grant = Grant(Role(role), area)
    with opened(home) as services:
        made = services.keys.add(KEEPER, name, grant, unit=unit, expires_on=expires)
    shown = {"name": name, "role": role, "area": area, "key": made.secret}
    show(shown, [t("key_made", name=name), made.secret], as_json=as_json)


@keys.command("list", help=t("keys_list"))
@with_home
def keys_list(*, home: Path | None, as_json: bool) -> None:
    """Every key; of none more than its name can be told."""
    with opened(home) as services:
        found = services.keys.all(KEEPER)
    rows = [{k: v for k, v in asdict(key).items() if k != "sha256"} for key in found]
    lines = [
        "\t".join([k.name, f"{k.role}@{k.area}", k.unit, k.expires_at or "-"])
        + (f"\t{t('revoked')}" if k.revoked_at else "")
        for k in found
    ]
    show({"items": rows}, lines, as_json=as_json)


@keys.command("revoke", help=t("keys_revoke"))
@click.argument("name")
@with_home
def keys_revoke(name: str, *, home: Path | None, as_json: bool) -> None:
    """End a key at once."""
    with opened(home) as services:
        services.keys.revoke(KEEPER, name)
    show({"name": name, "revoked": True}, [t("key_revoked", name=name)], as_json=as_json)
