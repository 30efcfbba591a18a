"""Start and memory of the serving process, beside a server that imports what it might need.

The peer is FastAPI with geopandas, rasterio and folium imported at the top, serving the same plots
as one GeoJSON answer, as such services are mostly written.
"""

import subprocess
import sys
import tempfile
import textwrap
import time
import urllib.request
from pathlib import Path

from benchmarks.harness import AnswersDiffer, Result, pair
from benchmarks.server import free_port, prepare_demo, rss_mb, serving

GOALS = {"all imports at start": 1.0}
READY_S, RSS_MB = 1.5, 100

PEER = textwrap.dedent("""
    import sys
    import folium, geopandas, rasterio
    import uvicorn
    from fastapi import FastAPI, Response

    app = FastAPI()
    text = geopandas.read_file(sys.argv[1], encoding="gb18030").to_crs(4326).to_json()

    @app.get("/readyz")
    def ready() -> Response:
        return Response(text, media_type="application/json")

    uvicorn.run(app, port=int(sys.argv[2]), log_level="error")
""")


def race(runs: int) -> Result:
    """Check that both serve, then pair their starts."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        first = time.perf_counter()
        prepare_demo(home)
        prepared = time.perf_counter() - first
        ours: list[float] = []
        theirs: list[float] = []
        program = Path(folder) / "peer.py"
        program.write_text(PEER, encoding="utf-8")
        us, costs, ratio = pair(
            lambda: _ours(home, ours),
            {"all imports at start": lambda: _peer(program, theirs)},
            runs,
        )
    return Result(
        us=us,
        peers=costs,
        ratio=ratio,
        unit="seconds from start to the first answer, 1,299 plots",
        checked="both answered",
        goals=GOALS,
        notes=(
            f"resident memory after start: {max(ours):.0f} MB (goal {RSS_MB}), peer {max(theirs):.0f} MB",
            f"start: {us:.2f} s (goal {READY_S})",
            f"sample made, loaded, laid over from nothing: {prepared:.1f} s",
        ),
    )


def _ours(home: Path, weights: list[float]) -> float:
    with serving(home) as server:
        weights.append(server.rss_mb())
        return server.ready_s


def _peer(program: Path, weights: list[float]) -> float:
    shapes = Path(__file__).parent.parent / "sample_data" / "data" / "plots_2023.zip"
    port = free_port()
    command = [sys.executable, str(program), str(shapes), str(port)]
    started = time.perf_counter()
    with subprocess.Popen(command) as run:
        try:
            while time.perf_counter() - started < 60:
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
                        if b"FeatureCollection" not in answer.read(200):
                            raise AnswersDiffer("the peer serves no plots")
                    break
                except OSError:
                    time.sleep(0.02)
            ready = time.perf_counter() - started
            weights.append(rss_mb(run.pid))
            return ready
        finally:
            run.terminate()
            run.wait(20)
