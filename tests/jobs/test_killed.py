"""A worker killed in the middle of its work: another takes it over, and it ends as if run once."""

import io
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from threading import Event

import pytest
import shapely

from georeview.clock import system_clock
from georeview.core.access import EVERYTHING, Action, Grant, Role
from georeview.core.jobs import OVER, JobState
from georeview.core.query import Filter, PageOf
from georeview.ingest import ReadOptions
from georeview.jobs.worker import Worker
from georeview.services import Services, open_services
from georeview.services.people import as_actor
from georeview.services.upload import Sent, Wanted
from georeview.storage.ports.jobs import Job
from tests.imagery.rasters import ground, write
from tests.jobs.processes import a_worker, descendants, kill, until
from tests.places import Place

pytestmark = [pytest.mark.fault, pytest.mark.slow]

PLOTS = 6_000
TIMES = 6 if os.environ.get("GEOREVIEW_LONG_FAULTS") else 1
BATCH = "2023-1"


@dataclass(frozen=True)
class Yard:
    """A store in which real workers work, and whoever asks them to."""

    services: Services

    @property
    def gis(self):
        return as_actor(self.services.people.person("gis"))

    def job(self, job_id: str) -> Job:
        return self.services.jobs.any(job_id)

    def broken_off(self, job_id: str, moments: list[Callable[[int], object]]) -> Job:
        """Kill a worker at each of the moments, then let one work to the end."""
        for n in range(TIMES):
            moment = moments[n % len(moments)]
            with a_worker(self.services.settings) as pid:
                until(lambda n=n: self.job(job_id).claim.fence > n or self.over(job_id))
                until(lambda: moment(pid) or self.over(job_id))  # noqa: B023
                kill(pid)
        with a_worker(self.services.settings):
            until(lambda: self.over(job_id))
        job = self.job(job_id)
        assert job.state is JobState.DONE, job.error
        assert job.claim.fence > 1
        return job

    def over(self, job_id: str) -> bool:
        return self.job(job_id).state in OVER

    def work_off(self) -> None:
        """Do what is queued, in peace."""
        Worker(self.services).run(Event(), until_idle=True)

    def import_file(self) -> str:
        """Send a file of plots and have it looked through; gives the job that takes it in."""
        sent = [Sent("plots.geojson", io.BytesIO(a_file()))]
        upload = self.services.uploads.receive(self.gis, sent, Wanted(BATCH, "5119", ReadOptions()))
        self.work_off()
        taken = self.services.uploads.commit(self.gis, upload.looked.given.job_id).taken
        assert taken
        return taken.given.job_id

    def count(self, table: str) -> int:
        with self.services.store.engine.view() as connection:
            return connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]


def a_file() -> bytes:
    def feature(n: int) -> dict:
        west, south = 107 + n % 100 * 0.001, 31.5 + n // 100 * 0.001
        shape = shapely.box(west, south, west + 0.0004, south + 0.0004)
        return {
            "type": "Feature",
            "properties": {"TBBH": f"A{n:05d}"},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }

    features = [feature(n) for n in range(PLOTS)]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


@pytest.fixture
def yard(place: Place) -> Iterator[Yard]:
    services = open_services(replace(place.settings, lease_seconds=1), system_clock)
    services.people.put(
        "gis", name="gis", unit="gis", grants=(Grant(Role.GIS, "5119"),), password=None
    )
    yield Yard(services)
    services.close()


def running(_pid: int) -> bool:
    """At once, when the job has been claimed."""
    return True


def reading(pid: int) -> bool:
    """While a reader of the sandbox is at work: the fork server's child, or one of its own."""
    return any(descendants(child) for child in descendants(pid)) or len(descendants(pid)) > 2


def test_an_import_is_whole_and_stands_once(yard: Yard) -> None:
    job_id = yard.import_file()

    def keeping(_pid: int) -> bool:
        return yard.job(job_id).progress.done > 0

    job = yard.broken_off(job_id, [reading, keeping, running])
    (file,) = job.result["files"]
    assert (file["rows_in"], file["stored"], file["unchanged"]) == (PLOTS, PLOTS, 0)
    assert yard.count("plot") == yard.count("facts") == PLOTS
    assert yard.count("event") == PLOTS
    assert len(yard.services.store.plots.imports(BATCH)) == 1
    assert list(yard.services.store.ledger.verify()) == []


def test_taking_back_is_whole_and_happens_once(yard: Yard) -> None:
    name = yard.import_file()
    yard.work_off()
    asked = yard.services.retract.ask(yard.gis, name)
    assert isinstance(asked, Job)

    job = yard.broken_off(asked.given.job_id, [running])
    assert (job.result["withdrawn"], job.result["restored"]) == (PLOTS, 0)
    assert yard.count("event") == 2 * PLOTS
    assert (
        yard.services.plots.page(yard.gis, Filter(batch=BATCH), PageOf(), count=True).matched == 0
    )
    assert list(yard.services.store.ledger.verify()) == []


def test_an_overlay_moves_each_fact_once(yard: Yard) -> None:
    yard.import_file()
    yard.work_off()
    asked = yard.services.jobs.ask(yard.gis, Action.LAYER, "overlay", {"batch": BATCH})

    def begun(_pid: int) -> bool:
        return yard.count("facts_past") > 0

    job = yard.broken_off(asked.given.job_id, [begun, running])
    assert job.result["plots"] == PLOTS
    assert yard.count("facts") == yard.count("facts_past") == PLOTS
    chunks = yard.services.store.plots.stream(EVERYTHING, Filter(batch=BATCH))
    computed = {plot.facts.computed_at for chunk in chunks for plot in chunk if plot.facts}
    assert min(computed) >= asked.given.created_at


def test_an_image_becomes_one_scene(yard: Yard, tmp_path: Path) -> None:
    bands = ("blue", "green", "red", "nir")
    image = write(tmp_path / "a.tif", ground((1500, 1500)).astype("uint16"), roles=bands)
    with image.open("rb") as content:
        asked = yard.services.imagery.receive(
            yard.gis, content, file="a.tif", role="after", date=date(2023, 2, 11)
        )
    folder = yard.services.settings.home / "imagery"

    def converting(_pid: int) -> bool:
        return any(folder.glob("part-*/*"))

    job = yard.broken_off(asked.given.job_id, [converting, running])
    (scene,) = yard.services.imagery.all()
    assert job.result == {"scene_id": scene.scene_id}
    whole = [path.name for path in folder.iterdir() if not path.name.startswith("part-")]
    assert whole == [scene.scene_id]
    assert yard.services.imagery.tile(scene, 0, 0, 0, "webp")


def test_an_export_is_the_file_of_one_try(yard: Yard) -> None:
    yard.import_file()
    yard.work_off()
    asked = yard.services.exports.ask(
        yard.gis, where=Filter(batch=BATCH), format="gpkg", encoding="utf-8", crs="EPSG:4490"
    )
    folder = yard.services.files.exports() / asked.given.job_id

    def writing(_pid: int) -> bool:
        return any(folder.glob("*/.georeview-export-*/*"))

    job = yard.broken_off(asked.given.job_id, [writing, running])
    path = yard.services.exports.file(yard.gis, asked.given.job_id)
    assert path.parent.name == str(job.claim.fence)
    assert job.result["rows"] == PLOTS
    import pyogrio

    assert pyogrio.read_info(path, layer="plots")["features"] == PLOTS
