"""What every command shares: texts, settings, services, output and exit codes."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from georeview import settings, texts
from georeview.clock import system_clock
from georeview.errors import GeoreviewError
from georeview.services.wording import readable

if TYPE_CHECKING:
    from georeview.services import Services

EXIT_REFUSED = 1
EXIT_IN_PART = 3
CITY = "5119"
"""Area of the office a batch is issued to, where nothing else is said."""

Command = TypeVar("Command", bound=Callable[..., Any])


def lang() -> texts.Lang:
    """The language of the command line."""
    return "en" if os.environ.get("GEOREVIEW_LANG", "").lower().startswith("en") else "zh-CN"


def t(key: str, **facts: object) -> str:
    """A text of the command line."""
    return texts.say(f"cli.{key}", lang(), **facts)


def explain(error: GeoreviewError) -> str:
    """A refusal as a sentence with what to do about it."""
    facts = readable(error.facts, lang())
    say = texts.say(f"error.{error.code}.say", lang(), **facts)
    return f"{say} {texts.say(f'error.{error.code}.hint', lang(), **facts)}{_where(facts)}"


def _where(facts: Mapping[str, object]) -> str:
    """Which value it was, where the sentence does not say it."""
    return (
        f" ({facts['field_name']} {facts['field']}: {facts['value']})"
        if {"field", "value"} <= facts.keys()
        else ""
    )


def with_home(command: Command) -> Command:
    """Give a command ``--home`` and ``--json``."""
    command = click.option("--home", type=click.Path(path_type=Path), help=t("home"))(command)
    return click.option("--json", "as_json", is_flag=True, help=t("json"))(command)


def chosen(home: Path | None = None, **flags: object) -> settings.Settings:
    """The settings in force: flags, else environment, else defaults."""
    try:
        return settings.load(os.environ, {"home": home, **flags})
    except ValueError as error:
        raise click.UsageError(str(error)) from error


@contextmanager
def opened(home: Path | None) -> "Iterator[Services]":
    """The services for as long as a command runs."""
    from georeview.services import open_services

    services = open_services(chosen(home), system_clock)
    try:
        yield services
    finally:
        services.close()


@contextmanager
def bar(label: str, steps: int) -> Iterator[Callable[..., None]]:
    """A progress bar on a terminal, nothing elsewhere; each call is one step done, or so many."""
    if not sys.stderr.isatty():
        yield lambda _=1: None
        return
    with click.progressbar(length=steps, label=label, file=sys.stderr) as shown:
        yield lambda n=1: shown.update(n)


def need_area(area: str) -> None:
    """Refuse what is no area code: province 2, city 4, county 6, township 9 digits."""
    if not (area.isascii() and area.isdigit() and len(area) in (2, 4, 6, 9)):
        raise click.UsageError(t("bad_area", value=area))


def show(value: Mapping[str, Any], lines: list[str], *, as_json: bool) -> None:
    """Print a result: JSON for machines, lines for people."""
    if as_json:
        click.echo(json.dumps(value, ensure_ascii=False, default=str))
    else:
        for line in lines:
            click.echo(line)
