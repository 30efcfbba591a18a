"""``georeview users`` and ``config``."""

from pathlib import Path

import pytest

from georeview.services import open_services
from georeview.settings import Settings
from tests.cli.shell import Shell
from tests.files import NOW
from tests.places import Place

PASSWORD = "correct horse battery"


@pytest.fixture
def run(tmp_path: Path, place: Place) -> Shell:
    return Shell(tmp_path, store=place.address)


def add(run: Shell, name: str = "wang", *more: str, password: str = PASSWORD) -> int:
    who = ("users", "add", name, "--role", "county", "--area", "511923", "--password-file", "-")
    return run(*who, *more, stdin=password + "\n").code


def test_people_come_are_listed_and_leave(run: Shell) -> None:
    assert add(run, "wang", "--display", "王", "--unit", "平昌县专班") == 0
    (person,) = run("users", "list", "--json").json["items"]
    assert person == {
        "user": "wang",
        "name": "王",
        "unit": "平昌县专班",
        "grants": [{"role": "county", "area": "511923"}],
        "disabled": False,
    }
    assert (
        run("users", "passwd", "wang", "--password-file", "-", stdin="another long one\n").code == 0
    )
    services = open_services(Settings(home=run.home, store=run.store), lambda: NOW)
    assert services.people.sign_in("wang", "another long one", "127.0.0.1").actor.user == "wang"
    services.close()
    assert run("users", "disable", "wang").code == 0
    assert run("users", "list").out == "wang\tcounty@511923\t平昌县专班\tclosed\n"


def test_nobody_is_added_badly(run: Shell) -> None:
    assert add(run, password="short") == 1
    assert add(run, "") != 0
    assert run("users", "add", "x", "--role", "king", "--area", "5119").code == 2
    assert (
        run("users", "add", "x", "--role", "city", "--area", "x", "--password-file", "-").code == 2
    )
    lost = run("users", "add", "x", "--role", "city", "--area", "5119", "--password-file", "none")
    assert (lost.code, "Traceback" in lost.err) == (2, False)
    assert run("users", "disable", "nobody").code == 1
    assert run("users", "passwd", "nobody", "--password-file", "-", stdin=PASSWORD).code == 1
    assert run("users", "list", "--json").json == {"items": []}


def test_settings_are_shown_with_their_source_and_secrets_masked(run: Shell) -> None:
    shown = run(
        "config", "--json", GEOREVIEW_PORT="8123", GEOREVIEW_STORE="postgresql://u:secret@h/d"
    )
    rows = {row["setting"]: row for row in shown.json["items"]}
    assert (rows["GEOREVIEW_PORT"]["value"], rows["GEOREVIEW_PORT"]["source"]) == (
        "8123",
        "environment",
    )
    assert (rows["GEOREVIEW_STORE"]["value"], "secret" in shown.out) == ("***", False)
    assert all(row["meaning"] for row in rows.values())
    assert run("config", "--home", "x", "--json").json["items"][0]["source"] == "flag"


@pytest.mark.parametrize("home", ["file", "/proc/nowhere"])
def test_a_home_that_cannot_be_is_refused(run: Shell, tmp_path: Path, home: str) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    done = run("verify", "--home", home)
    assert (done.code, done.err.count("\n"), "Traceback" in done.err) == (1, 1, False)
