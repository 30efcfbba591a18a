"""``georeview personal``."""

from pathlib import Path

from georeview.core.procedure import Command
from georeview.services import open_services
from georeview.settings import Settings
from tests.builders import NOW, a_batch, an_actor
from tests.cli.shell import Shell
from tests.places import Place

PLOT = "2023-1-0-0000000"


def test_names_are_listed_and_erased(tmp_path: Path, place: Place) -> None:
    run = Shell(tmp_path, store=place.address)
    services = open_services(Settings(home=run.home, store=place.address), lambda: NOW)
    a_batch(services.store, 1)
    said = {"mark": "confirmed", "party": "赵六水"}
    services.review.act(an_actor("county", "511902"), PLOT, Command("mark", "e", 2, said))
    services.close()
    assert "赵六水" in run("personal", "list", PLOT).out
    assert run("personal", "erase", PLOT).code == 2
    assert run("personal", "erase", PLOT, "--reason", "当事人申请").code == 0
    listed = run("personal", "list", PLOT, "--json")
    assert (listed.json["items"][0]["value"], "赵六水" in listed.out) == (None, False)
    assert run("personal", "erase", PLOT, "--reason", "当事人申请").code == 1
    assert run("verify").code == 0
