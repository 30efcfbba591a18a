"""``python -m benchmarks.export_ours write|compare FORMAT FOLDER``: our part of the race."""

import contextlib
import pickle
import shutil
import sys
from pathlib import Path

from georeview.core.fields import EXPORT_FIELDS
from georeview.exports import FORMATS
from georeview.exports.base import ExportReport, Losses, Options, Plan, Schema
from georeview.exports.compare import compare

OPTIONS = Options(
    as_of="2023-11-30T18:00:00+08:00", title="race", link="http://127.0.0.1:8000/#b=race&plot="
)


def _as_a_writer() -> None:
    """As in the server that writers are forked from: GDAL would load these to offer frames."""
    sys.modules.update(dict.fromkeys(("geopandas", "pandas")))  # type: ignore[arg-type]
    import pyarrow as pa

    with contextlib.suppress(AttributeError):  # it asks once whether pandas is there
        pa.array([])


def main(step: str, name: str, folder: Path) -> None:
    """Write, or reopen and compare what was written."""
    form = FORMATS[name]
    if form.gdal:
        _as_a_writer()
    rows = pickle.loads((folder / "rows.pickle").read_bytes())
    columns = form.columns(Schema(EXPORT_FIELDS, rows.extras), "utf-8")
    plan = Plan(columns, OPTIONS, "ours", rows.sizes)
    path = folder / ("ours" if form.pack else f"ours{form.suffix}")
    kept = folder / f"{name}.losses"
    if step == "compare":
        losses = pickle.loads(kept.read_bytes())
        compare(rows.chunks(), form.reopen(path, plan), plan, losses, form.limits)
        return
    _clear(path)
    losses = form.write(rows.chunks(), plan, path)
    if form.add:
        form.add(rows.chunks(), plan, path)
    if form.pack:
        form.pack(path, _report(name, plan, losses))
    kept.write_bytes(pickle.dumps(losses))


def _clear(path: Path) -> None:
    """What an earlier run has left."""
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)


def _report(name: str, plan: Plan, losses: Losses) -> ExportReport:
    return ExportReport(
        file="ours.zip",
        beside="ours_report.json",
        format=name,
        rows=plan.rows(),
        points=0,
        options=OPTIONS,
        columns=plan.columns,
        losses=tuple(losses),
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
