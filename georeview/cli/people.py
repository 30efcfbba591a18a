"""``georeview users``."""

import sys
from pathlib import Path

import click

from georeview.cli.common import need_area, opened, show, t, with_home
from georeview.clock import SHANGHAI
from georeview.core.access import ROLE_NAMES, Grant, Role
from georeview.services.people import KEEPER, Account
from georeview.storage.ports.people import Person


@click.group(help=t("users"))
def users() -> None:
    """Accounts."""


def _password(source: str | None, *, one_time: bool) -> str | None:
    """A password from a file, from standard input (``-``), or asked for twice; else made up."""
    if one_time:
        return None
    if source is None:
        return str(click.prompt(t("password"), hide_input=True, confirmation_prompt=True))
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(t("no_password_file", file=source)) from error
    return text.rstrip("\r\n")


def _told(made: str | None) -> list[str]:
    return [] if made is None else [t("one_time_made", password=made)]


def _grants(pairs: tuple[str, ...], batches: tuple[str, ...]) -> tuple[Grant, ...]:
    """Roles with areas, given as ``ROLE@AREA``, for some batches or for all."""
    found = []
    for pair in pairs:
        role, _, area = pair.partition("@")
        if role not in [r.value for r in Role]:
            raise click.UsageError(t("bad_grant", value=pair))
        need_area(area)
        found.append(Grant(Role(role), area, batches))
    return tuple(found)


@users.command("add", help=t("users_add"))
@click.argument("name")
@click.option(
    "--role", required=True, type=click.Choice([r.value for r in Role]), help=t("role_of")
)
@click.option("--area", required=True, help=t("area"))
@click.option("--batch", "batches", multiple=True, help=t("grant_batch"))
@click.option("--display", help=t("display"))
@click.option("--unit", help=t("unit"))
@click.option("--email", help=t("email"))
@click.option("--password-file", help=t("password_file"))
@click.option("--one-time", is_flag=True, help=t("one_time"))
@with_home
def users_add(
    name: str,
    role: str,
    area: str,
    batches: tuple[str, ...],
    display: str | None,
    unit: str | None,
    email: str | None,
    password_file: str | None,
    *,
    one_time: bool,
    home: Path | None,
    as_json: bool,
) -> None:
    """Add a person with one role in one area."""
    need_area(area)
    password = _password(password_file, one_time=one_time)
    default_unit = f"{area} {ROLE_NAMES[Role(role)][0]}"
    account = Account(
        display or name, unit or default_unit, (Grant(Role(role), area, batches),), email
    )
    with opened(home) as services:
        made = services.people.add(KEEPER, name, account, password)
    shown = {"user": name, "role": role, "area": area} | ({"password": made} if made else {})
    show(shown, [t("user_added", name=name), *_told(made)], as_json=as_json)


@users.command("list", help=t("users_list"))
@with_home
def users_list(*, home: Path | None, as_json: bool) -> None:
    """Everybody who has an account."""
    with opened(home) as services:
        people, paused = services.people.all(KEEPER), services.people.paused()
    rows = [
        {
            "user": p.user,
            "name": p.name,
            "unit": p.unit,
            "email": p.email,
            "grants": [
                {"role": g.role.value, "area": g.area, "batches": [*g.batches]} for g in p.grants
            ],
            "disabled": p.disabled,
            "must_change": p.must_change,
            "paused_until": paused[p.user].isoformat() if p.user in paused else None,
            "last_sign_in": p.last_sign_in,
        }
        for p in people
    ]
    show({"items": rows}, [_line(p, paused=p.user in paused) for p in people], as_json=as_json)


def _line(person: Person, *, paused: bool) -> str:
    states = (("disabled", person.disabled), ("paused", paused), ("first", person.must_change))
    said = [t(name) for name, holds in states if holds]
    held = ", ".join(
        " ".join((f"{g.role.value}@{g.area}", *map(repr, g.batches))) for g in person.grants
    )
    return "\t".join([person.user, held, person.unit, *said])


@users.command("change", help=t("users_change"))
@click.argument("name")
@click.option("--grant", "grants", multiple=True, help=t("grant"))
@click.option("--batch", "batches", multiple=True, help=t("grant_batch"))
@click.option("--display", help=t("display"))
@click.option("--unit", help=t("unit"))
@click.option("--email", help=t("email"))
@with_home
def users_change(
    name: str,
    grants: tuple[str, ...],
    batches: tuple[str, ...],
    display: str | None,
    unit: str | None,
    email: str | None,
    *,
    home: Path | None,
    as_json: bool,
) -> None:
    """Give an account other roles or another name, unit or address."""
    if batches and not grants:
        raise click.UsageError(t("batch_of_no_grant"))
    wanted = _grants(grants, batches)
    with opened(home) as services:
        now = services.people.person(name)
        account = Account(
            display or now.name,
            unit or now.unit,
            wanted or now.grants,
            now.email if email is None else email or None,
            now.lang,
        )
        services.people.change(KEEPER, name, account)
    show({"user": name}, [t("user_changed", name=name)], as_json=as_json)


@users.command("disable", help=t("users_disable"))
@click.argument("name")
@with_home
def users_disable(name: str, *, home: Path | None, as_json: bool) -> None:
    """Close an account and end its sessions."""
    with opened(home) as services:
        services.people.set_disabled(KEEPER, name, disabled=True)
    show({"user": name, "disabled": True}, [t("user_disabled", name=name)], as_json=as_json)


@users.command("enable", help=t("users_enable"))
@click.argument("name")
@with_home
def users_enable(name: str, *, home: Path | None, as_json: bool) -> None:
    """Open a closed account again."""
    with opened(home) as services:
        services.people.set_disabled(KEEPER, name, disabled=False)
    show({"user": name, "disabled": False}, [t("user_enabled", name=name)], as_json=as_json)


@users.command("unlock", help=t("users_unlock"))
@click.argument("name")
@with_home
def users_unlock(name: str, *, home: Path | None, as_json: bool) -> None:
    """End the pause after too many wrong passwords."""
    with opened(home) as services:
        services.people.unlock(KEEPER, name)
    show({"user": name}, [t("user_unlocked", name=name)], as_json=as_json)


@users.command("passwd", help=t("users_passwd"))
@click.argument("name")
@click.option("--password-file", help=t("password_file"))
@click.option("--one-time", is_flag=True, help=t("one_time"))
@with_home
def users_passwd(
    name: str, password_file: str | None, *, one_time: bool, home: Path | None, as_json: bool
) -> None:
    """Give a new password and end the account's sessions."""
    password = _password(password_file, one_time=one_time)
    with opened(home) as services:
        made = services.people.give_password(KEEPER, name, password)
    shown = {"user": name} | ({"password": made} if made else {})
    show(shown, [t("password_changed", name=name), *_told(made)], as_json=as_json)


@users.command("log", help=t("users_log"))
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, help=t("log_limit"))
@with_home
def users_log(limit: int, *, home: Path | None, as_json: bool) -> None:
    """Who gave or took which right, newest first."""
    from dataclasses import asdict
    from datetime import datetime

    with opened(home) as services:
        found = services.people.log(KEEPER, limit=limit)
    lines = [
        f"{e.number}\t{datetime.fromisoformat(e.at).astimezone(SHANGHAI):%Y-%m-%d %H:%M}\t{e.actor}"
        f"\t{e.action}\t{e.subject}\t{e.detail}"
        for e in found
    ]
    show({"items": [asdict(e) for e in found]}, lines, as_json=as_json)
