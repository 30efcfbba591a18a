"""``georeview users`` and ``config``."""

from pathlib import Path

import pytest

from georeview.services import open_services
from georeview.settings import Settings
from tests.builders import a_batch
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
        "grants": [{"role": "county", "area": "511923", "batches": []}],
        "email": None,
        "disabled": False,
        "must_change": False,
        "paused_until": None,
        "last_sign_in": None,
    }
    assert (
        run("users", "passwd", "wang", "--password-file", "-", stdin="another long one\n").code == 0
    )
    services = open_services(Settings(home=run.home, store=run.store), lambda: NOW)
    assert services.sessions.sign_in("wang", "another long one", "127.0.0.1").actor.user == "wang"
    services.close()
    assert run("users", "disable", "wang").code == 0
    assert run("users", "list").out == "wang\tcounty@511923\t平昌县专班\tclosed\n"


def test_an_account_is_changed_closed_opened_and_all_of_it_told(run: Shell) -> None:
    made = run(
        "users", "add", "li", "--role", "city", "--area", "5119", "--one-time", "--json"
    ).json
    assert len(made["password"]) == 19
    grants = ("--grant", "gis@5119", "--grant", "auditor@51")
    assert run("users", "change", "li", *grants, "--email", "li@example.cn").code == 0
    (person,) = run("users", "list", "--json").json["items"]
    assert [g["role"] for g in person["grants"]] == ["gis", "auditor"]
    assert (person["email"], person["unit"], person["must_change"]) == (
        *("li@example.cn", "5119 市河长办"),
        True,
    )
    assert run("users", "list").out.endswith("first sign-in ahead\n")
    for command in ("disable", "enable", "unlock"):
        assert run("users", command, "li").code == 0
    assert len(run("users", "passwd", "li", "--one-time", "--json").json["password"]) == 19
    log = run("users", "log", "--json").json["items"]
    told = [entry["action"] for entry in reversed(log)]
    assert told == ["add", "change", "disable", "enable", "unlock", "give_password"]
    assert {entry["actor"] for entry in log} == {"system"}
    for wrong in ("king@5119", "city", "city@x"):
        assert run("users", "change", "li", "--grant", wrong).code == 2
    assert run("users", "change", "li", "--email", "no address").code == 1


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


def test_keys_are_made_listed_and_revoked(run: Shell) -> None:
    add = ("keys", "add", "ledger", "--role", "county", "--area", "511923", "--json")
    made = run(*add, "--expires", "2099-12-31").json
    assert made["key"].startswith("grk_")
    assert run(*add).code == 1
    listed = run("keys", "list")
    assert listed.out.startswith("ledger\tcounty@511923\t")
    assert made["key"] not in run("keys", "list", "--json").out
    assert run("keys", "revoke", "ledger").code == 0
    assert run("keys", "list").out.endswith("revoked\n")
    assert run("keys", "revoke", "nothing").code == 1
    assert (
        run("keys", "add", "x", "--role", "county", "--area", "511923", "--expires", "x").code == 1
    )


def test_addresses_are_told_of_changes_until_they_are_removed(run: Shell) -> None:
    run("users", "add", "li", "--role", "city", "--area", "5119", "--one-time")
    add, inside = ("webhooks", "add", "http://127.0.0.1:9/x", "--as", "li", "--json"), "127.0.0.0/8"
    assert run(*add).code == 1
    made = run(*add, GEOREVIEW_WEBHOOKS_TO=inside).json
    assert made["secret"].startswith("whsec_")
    listed = run("webhooks", "list")
    assert listed.out.split("\t")[1:3] == ["http://127.0.0.1:9/x", "li"]
    assert made["secret"] not in run("webhooks", "list", "--json").out
    assert run("webhooks", "remove", made["id"]).code == 0
    assert run("webhooks", "list", "--json").json == {"items": []}
    assert run("webhooks", "remove", made["id"]).code == 1


def test_a_role_is_limited_to_batches(run: Shell) -> None:
    who = ("users", "add", "sun", "--role", "county", "--area", "511923", "--one-time")
    refused = run(*who, "--batch", "2023-9")
    assert (refused.code, "2023-9" in refused.err) == (1, True)
    services = open_services(Settings(home=run.home, store=run.store), lambda: NOW)
    a_batch(services.store, 1)
    services.close()
    assert run(*who, "--batch", "2023-1").code == 0
    listed = run("users", "list", "--json").json["items"]
    held = {item["user"]: item["grants"] for item in listed}["sun"]
    assert held == [{"role": "county", "area": "511923", "batches": ["2023-1"]}]
    assert run("users", "change", "sun", "--batch", "2023-1").code == 2
    assert run("users", "change", "sun", "--grant", "county@511923").code == 0
    assert "2023-1" not in run("users", "list").out
