"""What a large piece of work leaves behind goes back to the system."""

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import threading
import numpy as np, shapely
from benchmarks.server import rss_mb
from georeview.services.memory import give_back
import os

def work():
    rng = np.random.default_rng(1)
    shapes = shapely.buffer(shapely.points(rng.random((60_000, 2))), 1, quad_segs=8)
    kept.append(shapes[-1])

kept = []
thread = threading.Thread(target=work)
thread.start()
thread.join()
held = rss_mb(os.getpid())
give_back()
print(held - rss_mb(os.getpid()))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_a_million_vertices_do_not_stay() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], check=True, stdout=subprocess.PIPE, text=True
    )
    assert float(done.stdout) > 10
