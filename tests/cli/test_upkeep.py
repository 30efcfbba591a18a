"""``georeview verify``, ``heads``, ``backup``, ``restore``, ``transfer`` and ``migrate``."""

import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from georeview.services import open_services
from georeview.settings import Settings
from tests.builders import NOW, a_batch
from tests.cli.shell import Shell
from tests.places import NewPlace, Place

pytestmark = pytest.mark.slow


@pytest.fixture
def run(tmp_path: Path, place: Place) -> Shell:
    """A shell beside a home with three plots of six events in it."""
    shell = Shell(tmp_path, store=place.address)
    given = Settings(home=shell.home, store=place.address)
    with closing(open_services(given, lambda: NOW)) as services:
        a_batch(services.store, 3)
    return shell


@pytest.fixture
def other(places: NewPlace, place: Place, tmp_path: Path) -> Iterator[Place]:
    """Room on the other back end."""
    name = "sqlite" if place.name == "postgis" else "postgis"
    with places(name, tmp_path / "other") as made:
        yield made


def spoil(run: Shell, place: Place) -> None:
    with replace(place, home=run.home).raw() as database:
        database.execute("UPDATE plot_state SET mark = 'rectified' WHERE plot_id LIKE '%2'")


def test_the_ledger_is_verified_and_a_change_is_found(run: Shell, place: Place) -> None:
    good = run("verify", "--json").json
    assert (good["events"], good["flaws"], good["flaws_found"]) == (6, [], 0)
    assert run("verify").out.startswith("The ledger is intact: 6 events, head ")
    spoil(run, place)
    bad = run("verify", "--json")
    assert (bad.code, [f["plot_id"] for f in bad.json["flaws"]]) == (1, ["2023-1-0-0000002"])
    told = run("verify")
    assert (told.code, told.out.startswith("Plot 2023-1-0-0000002: ")) == (1, True)


def test_a_head_is_signed_given_away_and_held_against_the_ledger(run: Shell, place: Place) -> None:
    signed = run("heads", "sign", "--out", "head.json", "--json").json
    assert (signed["seq"], signed["why"]) == (6, "asked")
    listed = run("heads", "list", "--json").json
    assert (listed["own_key"], listed["items"]) == (signed["key"], [signed])
    held = run("verify", "--head", "head.json", "--json")
    assert (held.code, held.json["heads"]) == (
        0,
        [{"file": "head.json", "seq": 6, "held": True, "own_key": True}],
    )
    assert "Head head.json holds: up to event 6" in run("verify", "--head", "head.json").out
    # Whoever has the store cuts the tail and says it was never there.
    replace(place, home=run.home).tamper(
        "DELETE FROM plot_state WHERE plot_id = '2023-1-0-0000002'",
        "DELETE FROM event WHERE seq > 4",
        "DELETE FROM plot WHERE plot_id = '2023-1-0-0000002'",
        "UPDATE head SET seq = 4, area_seq = 4, hash = (SELECT hash FROM event WHERE seq = 4)",
    )
    cut = run("verify", "--head", "head.json", "--json")
    assert (cut.code, cut.json["heads"][0]["held"]) == (1, False)
    assert {flaw["code"] for flaw in cut.json["flaws"]} == {"head_cut"}
    assert "head.json proves that there was an event 6" in run("verify", "--head", "head.json").out


def test_a_file_that_is_no_head_is_refused_in_one_sentence(run: Shell) -> None:
    (run.folder / "x.json").write_text("{}", encoding="utf-8")
    for file in ("x.json", "none.json"):
        done = run("verify", "--head", file)
        assert (done.code, done.err.count("\n"), file in done.err) == (1, 1, True)


def test_a_backup_is_made_and_brought_back_on_the_other_back_end(
    run: Shell, place: Place, other: Place
) -> None:
    made = run("backup", "b.zip")
    assert (made.code, "3 plots, 0 accounts, 6 events, last hash " in made.out) == (0, True)
    again = run("backup", "b.zip")
    assert (again.code, again.err.startswith("b.zip is there already.")) == (1, True)
    store = ("--store", other.address) if other.address else ()
    environ = {"GEOREVIEW_STORE": other.address}
    back = run("restore", "b.zip", "--home", "new", *store, GEOREVIEW_STORE="")
    assert (back.code, "3 plots, 0 accounts, 6 events, last hash " in back.out) == (0, True)
    assert "this machine's key" in back.out
    held = run("verify", "--home", "new", "--head", "b.zip", "--json", **environ)
    assert (held.code, held.json["events"], held.json["heads"][0]["held"]) == (0, 6, True)
    full = run("restore", "b.zip", "--home", "new", **environ)
    assert (full.code, full.err.startswith("The home is not empty")) == (1, True)


def test_what_is_wrong_with_a_backup_is_told(run: Shell, place: Place) -> None:
    spoil(run, place)
    made = run("backup", "b.zip", "--json")
    assert (made.code, [f["code"] for f in made.json["flaws"]]) == (3, ["projection"])
    back = run("restore", "b.zip", "--home", "new", GEOREVIEW_STORE="")
    assert (back.code, (run.folder / "new").exists()) == (1, False)
    accepted = run("restore", "b.zip", "--home", "new", "--accept-flaws", GEOREVIEW_STORE="")
    assert accepted.code == 3
    assert "Plot 2023-1-0-0000002: " in accepted.out


def test_a_backup_that_is_none_is_refused_in_one_sentence(run: Shell) -> None:
    (run.folder / "text.zip").write_text("x", encoding="utf-8")
    with zipfile.ZipFile(run.folder / "evil.zip", "w") as packed:
        packed.writestr("../evil", "x")
    for file in ("text.zip", "evil.zip", "none.zip"):
        done = run("restore", file, "--home", "new", GEOREVIEW_STORE="")
        assert (done.code, done.err.count("\n"), "Traceback" in done.err) == (1, 1, False)
    assert not (run.folder / "new").exists()


def test_a_store_is_carried_to_the_other_back_end_and_counted(run: Shell, other: Place) -> None:
    before = run("verify", "--json").json
    moved = run("transfer", "--to", other.address or "elsewhere")
    assert (moved.code, moved.err) == (0, "")
    assert moved.out.splitlines()[:3] == ["batch\t1", "import_file\t1", "plot\t3"]
    home = () if other.address else ("--home", "elsewhere")
    after = run("verify", *home, "--json", GEOREVIEW_STORE=other.address)
    assert (after.code, after.json["events"], after.json["head"]) == (0, 6, before["head"])
    again = run("transfer", "--to", other.address or "elsewhere")
    assert (again.code, "not empty" in again.err) == (1, True)
    assert other.address == "" or other.address not in again.err


def test_what_is_to_be_migrated_is_shown_and_done(tmp_path: Path, places: NewPlace) -> None:
    run = Shell(tmp_path)
    looked = run("migrate", "--check")
    assert (looked.code, looked.out.splitlines()[0]) == (1, "pending\t0001_start")
    assert "0003_heads" in looked.err
    assert not (run.home / "georeview.sqlite").exists()
    done = run("migrate", "--json").json
    assert (done["migrated"], done["ran"][0]) == (True, "0001_start")
    again = run("migrate", "--check", "--json")
    assert (again.code, again.json) == (0, {"done": done["ran"], "pending": []})
    assert run("migrate", "--json").json["ran"] == []


def test_a_store_of_a_later_version_is_refused(run: Shell, place: Place) -> None:
    with replace(place, home=run.home).raw() as database:
        database.execute("INSERT INTO migration (name, sha256) VALUES ('9999_later', 'x')")
    for command in (("migrate",), ("migrate", "--check"), ("verify",), ("backup", "b.zip")):
        done = run(*command)
        assert (done.code, done.err.count("\n"), "9999_later" in done.err) == (1, 1, True)
