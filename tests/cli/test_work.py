"""``georeview overlay`` and ``mark``: the same rules as on the map."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.files import SAMPLE, put, shapefile, squares
from tests.places import BACK_ENDS, NewPlace


@pytest.fixture(scope="module", params=BACK_ENDS)
def run(
    request: pytest.FixtureRequest, places: NewPlace, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shell]:
    """A home with a county layer, five plots of 平昌 and three people."""
    folder = tmp_path_factory.mktemp("shell")
    with places(request.param, folder) as place:
        shell = Shell(folder, store=place.address)
        fill(shell)
        yield shell


def fill(shell: Shell) -> None:
    layer = ("--kind", "county", "--name", "县界", "--version", "v1")
    assert shell("load", "layer", SAMPLE / "county_v1.gpkg", *layer).code == 0
    path = put(shell.folder / "in", shapefile(squares(5)))
    assert shell("load", "plots", path, "--batch", "2023/一").code == 0
    for name, role, area in (
        ("wang", "county", "511923"),
        ("he", "county", "511922"),
        ("shen", "auditor", "5119"),
    ):
        added = shell(
            "users",
            "add",
            name,
            "--role",
            role,
            "--area",
            area,
            "--password-file",
            "-",
            stdin="correct horse battery\n",
        )
        assert added.code == 0, added.err


def test_a_plot_is_marked_by_its_number(run: Shell) -> None:
    done = run(
        "mark", "2023/一/A000", "false_positive", "--reason", "FP31", "--as", "wang", "--json"
    )
    assert (done.code, done.json["mark"]) == (0, "false_positive")
    plot_id = done.json["plot_id"]
    said = run(
        "mark", plot_id, "confirmed", "--violation", "PR32", "--note", "堆土", "--as", "wang"
    )
    assert (said.code, said.out.startswith("A000 is marked confirmed (ledger no. ")) == (0, True)
    undone = run("mark", plot_id, "pending", "--as", "wang", "--json")
    assert undone.json["mark"] == "false_positive"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("2023/一/A001", "confirmed", "--as", "he"), 1),
        (("2023/一/A001", "confirmed", "--as", "shen"), 1),
        (("2023/一/A001", "confirmed", "--as", "nobody"), 1),
        (("2023/一/NONE", "confirmed", "--as", "wang"), 1),
        (("none/A001", "confirmed", "--as", "wang"), 1),
        (("/A001", "confirmed"), 1),
        (("2023/一/A001", "false_positive", "--reason", "FP00", "--as", "wang"), 1),
        (("2023/一/A001", "pending", "--as", "wang"), 1),
        (("2023/一/A001", "done", "--as", "wang"), 2),
        (("2023/一/A001",), 2),
    ],
)
def test_what_the_rules_forbid_is_refused(
    run: Shell, arguments: tuple[str, ...], code: int
) -> None:
    before = run("verify", "--json").json["events"]
    done = run("mark", *arguments)
    assert (done.code, done.out) == (code, "")
    assert "Traceback" not in done.err
    assert code == 2 or done.err.count("\n") == 1
    assert run("verify", "--json").json["events"] == before


def test_facts_are_computed_anew(run: Shell) -> None:
    done = run("overlay")
    assert (done.code, done.out) == (0, "Laid 5 plots over: county=v1\n")
    missing = run("overlay", "--batch", "none")
    assert (missing.code, missing.err.count("\n")) == (1, 1)


def test_a_person_who_left_no_longer_marks(run: Shell, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("correct horse battery\n", encoding="utf-8")
    who = (
        "users",
        "add",
        "zhao",
        "--role",
        "county",
        "--area",
        "511923",
        "--password-file",
        secret,
    )
    assert run(*who).code == 0
    assert run("users", "disable", "zhao").code == 0
    done = run("mark", "2023/一/A002", "confirmed", "--as", "zhao")
    assert (done.code, done.err.count("\n")) == (1, 1)
