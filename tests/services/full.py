"""A home with something of every kind in it, and what two stores have in common."""

import io
from pathlib import Path
from typing import Any

from georeview.core.access import EVERYTHING, Grant, Role
from georeview.core.procedure import Command
from georeview.services import Services
from georeview.storage.engine import Engine, listed
from georeview.storage.ports.layers import LayerFeature, LayerVersion, Scene
from georeview.storage.ports.ledger import Idempotency
from georeview.storage.transfer import tables
from tests.builders import NOW, a_batch, a_plot, a_shape, an_actor, some_facts
from tests.services.pictures import a_photo

COUNTY = an_actor("county", "511902")
PASSWORD = "correct horse battery"


def fill(doors: Services) -> list[str]:
    """Put something into every table; gives the plots of Bazhou county."""
    plots = a_batch(doors.store, 12)
    doors.store.facts.put([some_facts(plot) for plot in plots])
    doors.store.facts.put([some_facts(plot, 1) for plot in plots[:3]])
    own = [plot.plot_id for plot in plots[::5]]
    doors.review.attach(COUNTY, own[0], io.BytesIO(a_photo()), kind="E_PHOTO", name="现场.jpg")
    for n, plot_id in enumerate(own):
        mark(doors, plot_id, f"key-{n}")
    doors.people.put(
        "li", name="李", unit="巴州区", grants=(Grant(Role.COUNTY, "511902"),), password=PASSWORD
    )
    doors.sessions.sign_in("li", PASSWORD, "127.0.0.1")
    layer = LayerVersion(
        "river-1", "river", "河流", "v1", None, "river.zip", "ab" * 32, "EPSG:4490", 5.0, 1,
        (106.0, 31.0, 107.0, 32.0), NOW.isoformat(), "gis",
    )  # fmt: skip
    doors.store.layers.add(layer, [LayerFeature(a_plot(1).wkb, "R1", "巴河", {"CC": 5})])
    scene = Scene(
        "after-2023-02-11-1a2b3c4d", "影像", "after", "2023-02-11", None, "cd" * 32,
        {"footprint": a_shape(1).__geo_interface__}, NOW.isoformat(), "gis",
    )  # fmt: skip
    (doors.files.imagery(scene.scene_id) / "display.tif").write_bytes(b"II*\0picture")
    doors.store.scenes.add(scene)
    doors.files.take(io.BytesIO(b"the uploaded file"), "sources", 1 << 20)
    return own


def mark(doors: Services, plot_id: str, key: str) -> int:
    """Mark a plot once more; gives the event's number."""
    state = doors.store.plots.get(EVERYTHING, plot_id).review
    marks = ("false_positive", "confirmed")
    body = {"mark": marks[state.version % 2], "note": f"第 {state.version} 次"}
    command = Command("mark", f"event-{plot_id}-{key}", state.version, body)
    repeat = Idempotency(COUNTY.user, "mark", key, "00" * 32)
    return doors.review.act(COUNTY, plot_id, command, repeat).event.seq


def everything(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables that belong to the store, as the driver gives them."""
    with engine.view() as view:
        return {
            table: sorted(
                map(tuple, view.execute(f"SELECT {listed(columns)} FROM {table}").fetchall()),
                key=repr,
            )
            for table, columns in tables(view, engine).items()
        }


def files(home: Path) -> dict[str, bytes]:
    """All files of a home that belong to the store's state."""
    kept = ("evidence", "sources", "imagery")
    paths = [path for name in kept for path in (home / name).rglob("*") if path.is_file()]
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in paths}
