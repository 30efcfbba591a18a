"""What the serving process weighs when it has started: memory, and what it has not loaded."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.serving import Server, serving

RSS_LIMIT_KB = 100 * 1024
HEAVY = {
    "pandas", "geopandas", "pyogrio", "rasterio", "folium", "pyarrow", "pyproj", "openpyxl",
    "dask", "matplotlib", "psycopg", "psycopg_binary", "cryptography", "lark", "typst", "docx",
    "xlsxwriter",
}  # fmt: skip
READERS = {"georeview.ingest.plots", "georeview.ingest.layers", "georeview.ingest.formats"}
"""What opens files from outside; the sandbox alone loads it."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path / "home") as running:
        yield running


@pytest.mark.slow
def test_the_server_is_light_after_its_start(server: Server) -> None:
    assert server.get("/readyz").status == 200
    status = Path(f"/proc/{server.pid}/status").read_text(encoding="utf-8")
    (kilobytes,) = (int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line)
    assert kilobytes <= RSS_LIMIT_KB


def test_an_application_loads_nothing_heavy(tmp_path: Path) -> None:
    code = "import sys, json, api.main; api.main.create_app(); print(json.dumps(list(sys.modules)))"
    env = {**os.environ, "GEOREVIEW_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, check=True, timeout=60
    )
    modules = set(json.loads(done.stdout))
    assert {name.partition(".")[0] for name in modules} & HEAVY == set()
    assert modules & READERS == set()
