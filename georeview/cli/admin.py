"""``georeview users`` and ``config``."""

import os
import sys
from pathlib import Path

import click

from georeview import settings
from georeview.cli.common import chosen, lang, need_area, opened, show, t, with_home
from georeview.core.access import ROLE_NAMES, Grant, Role


@click.group(help=t("users"))
def users() -> None:
    """Accounts."""


def _password(source: str | None) -> str:
    """A password from a file, from standard input (``-``), or asked for twice."""
    if source is None:
        return str(click.prompt(t("password"), hide_input=True, confirmation_prompt=True))
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(t("no_password_file", file=source)) from error
    return text.rstrip("\r\n")


@users.command("add", help=t("users_add"))
@click.argument("name")
@click.option(
    "--role", required=True, type=click.Choice([r.value for r in Role]), help=t("role_of")
)
@click.option("--area", required=True, help=t("area"))
@click.option("--display", help=t("display"))
@click.option("--unit", help=t("unit"))
@click.option("--password-file", help=t("password_file"))
@with_home
def users_add(
    name: str,
    role: str,
    area: str,
    display: str | None,
    unit: str | None,
    password_file: str | None,
    *,
    home: Path | None,
    as_json: bool,
) -> None:
    """Add a person with one role in one area."""
    need_area(area)
    password = _password(password_file)
    grant = Grant(Role(role), area)
    default_unit = f"{area} {ROLE_NAMES[Role(role)][0]}"
    with opened(home) as services:
        services.people.put(
            name,
            name=display or name,
            unit=unit or default_unit,
            grants=(grant,),
            password=password,
        )
    show({"user": name, "role": role, "area": area}, [t("user_added", name=name)], as_json=as_json)


@users.command("list", help=t("users_list"))
@with_home
def users_list(*, home: Path | None, as_json: bool) -> None:
    """Everybody who has an account."""
    with opened(home) as services:
        people = services.people.all()
    rows = [
        {
            "user": person.user,
            "name": person.name,
            "unit": person.unit,
            "grants": [{"role": g.role.value, "area": g.area} for g in person.grants],
            "disabled": person.disabled,
        }
        for person in people
    ]
    lines = [
        f"{p.user}\t{', '.join(f'{g.role.value}@{g.area}' for g in p.grants)}\t{p.unit}"
        + (f"\t{t('disabled')}" if p.disabled else "")
        for p in people
    ]
    show({"items": rows}, lines, as_json=as_json)


@users.command("disable", help=t("users_disable"))
@click.argument("name")
@with_home
def users_disable(name: str, *, home: Path | None, as_json: bool) -> None:
    """Close an account and end its sessions."""
    with opened(home) as services:
        services.people.disable(name)
    show({"user": name, "disabled": True}, [t("user_disabled", name=name)], as_json=as_json)


@users.command("passwd", help=t("users_passwd"))
@click.argument("name")
@click.option("--password-file", help=t("password_file"))
@with_home
def users_passwd(name: str, password_file: str | None, *, home: Path | None, as_json: bool) -> None:
    """Give a new password and end the account's sessions."""
    password = _password(password_file)
    with opened(home) as services:
        services.people.change_password(name, password)
    show({"user": name}, [t("password_changed", name=name)], as_json=as_json)


@click.command(help=t("config"))
@with_home
def config(*, home: Path | None, as_json: bool) -> None:
    """Every setting with its value, its source and what it means."""
    shown = settings.shown(chosen(home), os.environ)
    zh = lang() == "zh-CN"
    rows = [
        {
            "setting": s.variable,
            "value": s.value,
            "source": s.source,
            "meaning": s.zh if zh else s.en,
        }
        for s in shown
    ]
    lines = [f"{r['setting']}={r['value']}\t[{r['source']}]\t{r['meaning']}" for r in rows]
    show({"items": rows}, lines, as_json=as_json)
