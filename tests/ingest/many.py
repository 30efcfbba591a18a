"""Many files read one after another in one child: what became of each, how long it took, what it left."""

import resource
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

from georeview.errors import GeoreviewError
from georeview.errors.files import FileTooHeavy
from georeview.ingest import ReadOptions
from georeview.ingest.plots import read_plots
from georeview.ingest.rows import PlotRows

Files = tuple[Path, ...]


def outcomes(
    sets: tuple[Files, ...],
    options: ReadOptions | tuple[ReadOptions, ...],
    _readable: Path | None,
) -> list[dict[str, Any]]:
    """Read each file; runs inside the sandbox.

    Args:
        sets: Files with their parts.
        options: What is said about all of them, or each.
        _readable: A file that stands open on purpose, to see that nobody looks.
    """
    each = (options,) * len(sets) if isinstance(options, ReadOptions) else options
    return [_outcome(files, own) for files, own in zip(sets, each, strict=True)]


def _outcome(files: Files, options: ReadOptions) -> dict[str, Any]:
    start = time.process_time()
    try:
        found = _taken(list(read_plots(files, options)))
    except GeoreviewError as error:
        facts = {name: str(value) for name, value in error.facts.items()}
        found = {"code": error.code, "facts": facts}
    except MemoryError:
        found = {"code": FileTooHeavy.code, "facts": {"memory_mb": "-"}}
    except Exception:  # noqa: BLE001 - what the test is there to find
        found = {"code": f"broke: {traceback.format_exc()[-600:]}", "facts": {}}
    found["seconds"] = time.process_time() - start
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found["left"] = [path.name for path in Path(tempfile.gettempdir()).iterdir()]
    return found


def _taken(read: list[Any]) -> dict[str, Any]:
    report = read[-1]
    chunks = [part for part in read if isinstance(part, PlotRows)]
    return {
        "code": "taken",
        "read": report.as_json(),
        "aside": [(item.row, item.code) for chunk in chunks for item in chunk.aside],
        "plots": [
            (row.source_id, row.wkb, dict(row.fields), dict(row.extra), [f.code for f in row.flags])
            for chunk in chunks
            for row in map(chunk.at, range(min(5, len(chunk))))
        ],
        "facts": {},
    }
