"""``python -m benchmarks.tree OUT COMMAND…``: what a command costs with everything it starts.

Processes that a command leaves behind are taken over and waited for, so none of their processor
time is lost. Memory is the sum over all of them of their share of each page, looked at five times
a second: what is shared after a fork counts once.
"""

import ctypes
import json
import os
import re
import resource
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

LOOK_S = 0.2
_SUBREAPER = 36


def main(out: Path, command: list[str]) -> int:
    """Run the command, write what it cost as JSON, and end as it did."""
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    over, peak = threading.Event(), [0.0]
    with subprocess.Popen(command) as process:
        watch = threading.Thread(target=_watch, args=(over, peak))
        watch.start()
        code = process.wait()
        over.set()
        watch.join()
    with suppress(ChildProcessError):
        while True:
            os.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures = {"cpu_s": used.ru_utime + used.ru_stime, "peak_mb": peak[0]}
    out.write_text(json.dumps(figures), encoding="ascii")
    return code


def _watch(over: threading.Event, peak: list[float]) -> None:
    while not over.wait(LOOK_S):
        peak[0] = max(peak[0], sum(map(_share_mb, _below(os.getpid()))))


def _below(pid: int) -> list[int]:
    """All descendants of a process."""
    found: list[int] = []
    with suppress(OSError):
        children = Path(f"/proc/{pid}/task").glob("*/children")
        for child in {int(word) for path in children for word in path.read_text().split()}:
            found += [child, *_below(child)]
    return found


def _share_mb(pid: int) -> float:
    with suppress(OSError):
        share = re.search(
            r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE
        )
        return int(share[1]) / 1024 if share else 0.0
    return 0.0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
