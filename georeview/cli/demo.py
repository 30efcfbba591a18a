"""``georeview demo``: sample data → store → overlay → map."""

import csv
import importlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from georeview import __version__, settings
from georeview.cli.common import CITY, chosen, opened, t
from georeview.cli.season import Clock, Truth, Year
from georeview.core.access import EVERYTHING, Grant, Role
from georeview.core.procedure import Command
from georeview.core.query import Filter
from georeview.errors.review import ActionNotAllowed
from georeview.ingest import ReadOptions
from georeview.services import Services, open_services
from georeview.services.ids import new_id
from georeview.services.layers import LayerAbout
from georeview.services.people import as_actor, owner
from georeview.services.permit_intake import KIND as PERMITS

COUNTY = "511923"
"""The county whose plots the sample images show."""


@click.command(help=t("demo"))
@click.option("--port", type=int, help=t("port"))
@click.option("--home", type=click.Path(path_type=Path), help=t("home"))
@click.option("--history", is_flag=True, help=t("demo_history_option"))
@click.option("--no-serve", is_flag=True, help=t("no_serve"))
def demo(port: int | None, home: Path | None, *, history: bool, no_serve: bool) -> None:
    """Prepare the sample data where that is not done yet, then serve."""
    given = chosen(home, port=port, host="127.0.0.1", demo=True)
    done = given.home / "cache" / f"demo-{__version__}.done"
    if not done.exists():
        if history:
            _live(given)
        _prepare(given)
        done.write_text("done\n", encoding="utf-8")
    if no_serve:
        return
    click.echo(t("demo_ready", url=f"http://127.0.0.1:{given.port}"))
    # A fresh process, so that what loading needed does not weigh on the server.
    os.environ.update(settings.as_environment(given))
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "georeview.cli", "serve"])  # noqa: S606


def _live(given: settings.Settings) -> None:
    """The batch of the year before, as it was loaded then and settled since; in an empty home only."""
    data, manifest = _sample()
    batch = manifest["earlier"]
    clock = Clock(date.fromisoformat(batch["issued"]))
    services = open_services(given, clock)
    try:
        if services.store.plots.batches(EVERYTHING):
            raise click.ClickException(t("demo_not_empty"))
        with _step("demo_layers"):
            _layers(services, data, manifest)
        with _step("demo_history"):
            name = _batch(services, data, batch, batch["plots"])
            plots = [
                p for some in services.store.plots.stream(EVERYTHING, Filter(name)) for p in some
            ]
            with (data / batch["truth"]).open(encoding="utf-8", newline="") as rows:
                truth = {
                    row["source_id"]: Truth(row["code"], row["type_actual"])
                    for row in csv.DictReader(rows)
                }
            names = services.plots.place_names()
            units = {
                plot.review.county: names[plot.review.county]
                for plot in plots
                if plot.review.county
            }
            Year(services, clock, units, _sample_module("photos").make_photo).live(plots, truth)
    finally:
        services.close()


def _sample() -> tuple[Path, Mapping[str, Any]]:
    """The folder of the sample's files, and what is in it."""
    data = Path(str(_sample_module("make").DATA))
    return data, json.loads((data / "manifest.json").read_text(encoding="utf-8"))


def _prepare(given: settings.Settings) -> None:
    """Every step looks what is there already, so a start that was broken off goes on."""
    make = _sample_module("make")
    data, manifest = _sample()
    with opened(given.home) as services:
        with _step("demo_images"):
            images = _images(services, make)
        with _step("demo_layers"):
            _layers(services, data, manifest)
        with _step("demo_permits"):
            _permits(services)
        with _step("demo_plots"):
            batch = _plots(services, data, manifest)
        with _step("demo_scenes"):
            _scenes(services, images, manifest)
        with _step("demo_people"):
            _people(services, batch)


@contextmanager
def _step(key: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    click.echo(f"{t(key)} … {time.perf_counter() - started:.1f} s")


def _sample_module(name: str) -> ModuleType:
    """A module of the sample data: beside a checkout, or inside an installed wheel."""
    for package in ("sample_data", "georeview._sample_data"):
        try:
            return importlib.import_module(f"{package}.{name}")
        except ModuleNotFoundError as error:
            if error.name not in {package, package.split(".")[0]}:
                raise
    raise click.ClickException(t("no_samples"))


def _images(services: Services, make: ModuleType) -> Path:
    folder = services.files.cache() / "sample"
    if not (folder / "after.tif").exists() or not (folder / "before.tif").exists():
        folder.mkdir(parents=True, exist_ok=True)
        make.make_images(folder)
    return folder


def _layers(services: Services, data: Path, manifest: Mapping[str, Any]) -> None:
    for layer in manifest["layers"]:
        services.layers.load(
            owner(CITY),
            data / layer["file"],
            LayerAbout(
                kind=layer["kind"],
                name=layer["name"],
                version=layer["version"],
                valid_from=date.fromisoformat(layer["valid_from"]),
            ),
            ReadOptions(),
        )


def _permits(services: Services) -> None:
    """The layer of permits as the register: what is there already stays as it is."""
    for layer in services.layers.all():
        if layer.kind == PERMITS and layer.current:
            offer = services.permit_intake.of_layer(owner(CITY), layer.layer_id)
            services.permit_intake.take(owner(CITY), offer)


def _plots(services: Services, data: Path, manifest: Mapping[str, Any]) -> str:
    batch = manifest["batch"]
    name = _batch(services, data, batch, (*batch["plots"], batch["notes"]))
    total = sum(services.store.plots.counts(EVERYTHING, name).values())
    if sum(services.store.facts.layers_used(name).values()) < total:
        services.overlay.run(name)
    return name


def _batch(services: Services, data: Path, batch: Mapping[str, Any], files: Sequence[str]) -> str:
    """Load a batch of the sample; gives its name."""
    name = f"{batch['name']}(合成示例)"
    services.imports.load(
        owner(CITY),
        [data / file for file in files],
        batch=name,
        area=CITY,
        options=ReadOptions(),
        review_due=date.fromisoformat(batch["review_due"]),
        rectify_due=date.fromisoformat(batch["rectify_due"]),
    )
    return name


def _scenes(services: Services, images: Path, manifest: Mapping[str, Any]) -> None:
    for scene in manifest["imagery"]:
        services.imagery.load(
            owner(CITY),
            images / scene["file"],
            role=scene["role"],
            date=date.fromisoformat(scene["date"]),
            sensor=scene["sensor"],
            name=f"{scene['sensor']} {scene['date']}(合成示例)",
        )


def _people(services: Services, batch: str) -> None:
    """One sample person per role; the township gets its plots from the county."""
    plots = [p for chunk in services.store.plots.stream(EVERYTHING, Filter(batch)) for p in chunk]
    townships = Counter(
        p.facts.township
        for p in plots
        if p.facts and p.facts.township and p.facts.county == COUNTY and p.review.county == COUNTY
    )
    ((township, _),) = townships.most_common(1)
    names = services.plots.place_names()
    people = (
        (Role.CITY, CITY, "李市", "巴中市河长办"),
        (Role.COUNTY, COUNTY, "王县", "平昌县专班"),
        (Role.TOWNSHIP, str(township), "陈乡", names.get(str(township), str(township))),
        (Role.GIS, CITY, "顾工", "市水利信息中心"),
        (Role.AUDITOR, CITY, "沈审", "市审计局"),
        (Role.ADMIN, CITY, "周管", "市水利信息中心"),
        (Role.PROVINCE, CITY[:2], "盛省", "四川省河长办"),
        (Role.ISSUER, CITY[:2], "部发", "水利部"),
    )
    for role, area, name, unit in people:
        services.people.put(
            f"demo-{role.value}",
            name=f"{name}(示例)",
            unit=unit,
            grants=(Grant(role, area),),
            password=None,
        )
    county = as_actor(services.people.person("demo-county"))
    for plot in plots:
        if plot.facts is None or plot.facts.township != township or plot.review.township:
            continue
        body = {"township": str(township)}
        step = Command("dispatch_town", new_id(), plot.review.version, body)
        try:
            services.review.act(county, plot.given.plot_id, step)
        except ActionNotAllowed:
            continue
