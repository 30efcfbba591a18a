"""Write the sample data: ``python -m sample_data.make --out DIR [--seed N]``."""

import argparse
import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import shapely

from . import boundaries, earlier, flaws, ground, issue, permits, plots, rivers, shapefile, writers
from .geography import HERE, LABEL, ZONE_36_M, counties
from .plots import Plot

SEED = 20230401
DATA = HERE / "data"
_TRUTH_COLUMNS = (
    "source_id", "determination", "code", "severity", "type_actual", "defect",
    "county", "band", "change",
)  # fmt: skip

_PAST_COLUMNS = (
    "source_id", "determination", "code", "severity", "type_actual", "kind", "again",
)  # fmt: skip


def make_vectors(out: Path, seed: int = SEED) -> list[Path]:
    """Write plots, layers, truth and manifest.

    Args:
        out: Folder; made when missing, files of the same names replaced.
        seed: Everything follows from it.

    Returns:
        The files written.
    """
    out.mkdir(parents=True, exist_ok=True)
    courses, areas = rivers.build(seed), counties()
    land = ground.survey(courses, areas)
    town_layer = boundaries.town_areas(areas, seed)
    placed = plots.place_all(land, seed)
    batch = issue.issue(placed, areas, town_layer, seed)
    writers.write_layer_zip(out / "mgmt_area_v1.zip", boundaries.mgmt_area(courses, areas))
    writers.write_layer_zip(out / "water_2023.zip", boundaries.water(courses))
    writers.write_layer_zip(out / "river_v1.zip", boundaries.river_lines(courses))
    writers.write_gpkg(out / "county_v1.gpkg", "county", boundaries.county_areas(areas))
    writers.write_gpkg(out / "town_v1.gpkg", "town", town_layer)
    writers.write_gpkg(out / "permit_v1.gpkg", "permit", permits.permits(placed, seed))
    past = earlier.earlier(batch, land, seed)
    _write_batch(out, batch)
    _write_shapes(out, "plots_2022", shapefile.POLYGON, [one.plot for one in past])
    _write_truth(out / "truth.csv", batch)
    _write_past(out / "truth_2022.csv", past)
    (out / "manifest.json").write_text(
        json.dumps({"label": LABEL, "seed": seed, **_MANIFEST}, ensure_ascii=False, indent=1)
        + "\n",
        "utf-8",
    )
    return sorted(
        path for path in out.iterdir() if path.suffix in {".zip", ".gpkg", ".csv", ".json"}
    )


def make_images(out: Path, seed: int = SEED) -> list[Path]:
    """Write ``before.tif`` and ``after.tif``; see ``imagery.make_images``."""
    from . import imagery

    return imagery.make_images(out, seed)


def _write_batch(out: Path, batch: Sequence[Plot]) -> None:
    polygons = [plot for plot in batch if flaws.POINT not in plot.flaws]
    points = [plot for plot in batch if flaws.POINT in plot.flaws]
    for name, kind, chosen in (
        ("plots_2023", shapefile.POLYGON_Z, polygons),
        ("plots_2023_points", shapefile.POINT, points),
    ):
        _write_shapes(out, name, kind, chosen)
    writers.write_table(
        out / "plots_2023_notes.gpkg",
        "notes",
        [{"source_id": plot.source_id, "note": plot.note} for plot in batch if plot.note],
    )


def _write_shapes(out: Path, name: str, kind: int, chosen: Sequence[Plot]) -> None:
    """A batch as its issuer's software wrote it: GBK without saying so, zone 36."""
    members = shapefile.pack(
        [_stored(plot) for plot in chosen],
        kind,
        issue.COLUMNS,
        [plot.row for plot in chosen],
        encoding="gb18030",
        epsg=4524,
        cpg=False,
    )
    writers.write_zip(out / f"{name}.zip", {f"{name}.{end}": data for end, data in members.items()})


def _stored(plot: Plot) -> shapefile.Shape:
    moved = shapely.transform(
        plot.place.shape, lambda xy: np.round(np.add(xy, (ZONE_36_M, 0.0)), 3)
    )
    return shapefile.shape_of(moved, reverse=plot.reverse, height_m=plot.height_m)


def _write_truth(path: Path, batch: Sequence[Plot]) -> None:
    rows = (
        (
            plot.source_id, plot.slot.case.determination, plot.slot.case.code,
            plot.slot.case.severity, plot.slot.case.type_actual, ";".join(plot.flaws),
            plot.slot.county, _BANDS.get(plot.slot.band, plot.slot.band), plot.change,
        )
        for plot in batch
    )  # fmt: skip
    _write_csv(path, _TRUTH_COLUMNS, rows)


def _write_past(path: Path, past: Sequence[earlier.Past]) -> None:
    rows = (
        (
            one.plot.source_id, one.plot.slot.case.determination, one.plot.slot.case.code,
            one.plot.slot.case.severity, one.plot.slot.case.type_actual, one.kind, one.again,
        )
        for one in past
    )  # fmt: skip
    _write_csv(path, _PAST_COLUMNS, rows)


def _write_csv(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(head)
    table.writerows(rows)
    path.write_text(text.getvalue(), "utf-8")


# What version 1 of the line says of plots that had to lie somewhere special.
_BANDS = {
    "straddle": "in", "corner": "unknown", "far": "unknown", "no_county": "out",
    "line_error": "out",
}  # fmt: skip

_MANIFEST = {
    "batch": {
        "name": "2023年第一批",
        "plots": ["plots_2023.zip", "plots_2023_points.zip"],
        "notes": "plots_2023_notes.gpkg",
        "crs": "EPSG:4524",
        "encoding": "gb18030",
        "review_due": "2023-06-30",
        "rectify_due": "2023-11-30",
        "hard": True,
    },
    "earlier": {
        "name": "2022年第一批",
        "plots": ["plots_2022.zip"],
        "truth": "truth_2022.csv",
        "issued": "2022-04-11",
        "review_due": "2022-06-30",
        "rectify_due": "2022-11-30",
    },
    "layers": [
        {"file": file, "kind": kind, "name": name, "version": version, "valid_from": valid_from}
        for file, kind, name, version, valid_from in (
            ("county_v1.gpkg", "county", "县(区)界(合成示例)", "v1", "2013-01-18"),
            ("town_v1.gpkg", "town", "乡镇界(合成示例)", "v1", "2020-06-01"),
            ("river_v1.zip", "river", "河道中心线(合成示例)", "v1", "2020-01-01"),
            ("water_2023.zip", "water", "水域(合成示例)", "2023-02", "2023-02-11"),
            ("mgmt_area_v1.zip", "mgmt_area", "河湖管理范围(合成示例)", "v1", "2021-11-30"),
            ("permit_v1.gpkg", "permit", "涉河项目许可(合成示例)", "v1", "2023-03-31"),
        )
    ],
    "imagery": [
        {"file": "before.tif", "role": "before", "date": "2022-03-05", "sensor": "GF-1"},
        {"file": "after.tif", "role": "after", "date": "2023-02-11", "sensor": "GF-1"},
    ],
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m sample_data.make", description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE / "out", help="folder to write into")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--vectors", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--images", action=argparse.BooleanOptionalAction, default=True)
    chosen = parser.parse_args(arguments)
    written = make_vectors(chosen.out, chosen.seed) if chosen.vectors else []
    written += make_images(chosen.out, chosen.seed) if chosen.images else []
    for path in written:
        print(f"{path}  {path.stat().st_size:,} B")


if __name__ == "__main__":
    main()
