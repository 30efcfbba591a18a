"""Every command: help with an example in both languages, and nothing that is not there yet."""

import click
import pytest

from georeview import texts
from georeview.cli import root

LATER = ("analyse",)


def commands(group: click.Command, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(group, click.Group):
        return [path]
    below = [c for n, g in sorted(group.commands.items()) for c in commands(g, (*path, n))]
    return [path, *below]


def found(path: tuple[str, ...]) -> click.Command:
    command: click.Command = root
    for name in path:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    return command


def test_the_commands_are_those_of_the_contract() -> None:
    names = {" ".join(path) for path in commands(root) if path}
    assert names >= {
        "demo", "export", "load plots", "load layer", "load imagery", "mark", "migrate", "overlay",
        "serve", "config", "verify", "users add", "users list", "users disable", "users passwd",
        "jobs list", "jobs run", "jobs retry", "worker", "backup", "restore", "transfer",
        "keys add", "keys list", "keys revoke", "report league", "report progress", "report dossier",
        "report sample",
    }  # fmt: skip
    assert not names & set(LATER)


@pytest.mark.parametrize("path", commands(root), ids=" ".join)
def test_help_has_an_example(path: tuple[str, ...]) -> None:
    command = found(path)
    assert f"georeview {' '.join(path)}".rstrip() in (command.help or "")
    assert all(
        p.help for p in command.params if isinstance(p, click.Option) and p.name != "version"
    )


@pytest.mark.parametrize(
    "path", [p for p in commands(root) if not isinstance(found(p), click.Group)], ids=" ".join
)
def test_a_command_that_ends_speaks_to_machines(path: tuple[str, ...]) -> None:
    options = {option for p in found(path).params for option in p.opts}
    assert "--home" in options
    assert ("--json" in options) != (path in {("demo",), ("serve",)})


def test_examples_are_the_same_in_both_languages() -> None:
    zh, en = texts.catalogue("zh-CN"), texts.catalogue("en")
    for key in zh:
        if key.startswith("cli.") and "\n\n" in zh[key]:
            example = en[key].rsplit("georeview ", 1)[1].split()[0]
            assert zh[key].rsplit("georeview ", 1)[1].split()[0] == example
