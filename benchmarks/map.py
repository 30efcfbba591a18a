"""The review page in real Chromium, beside a plain Folium page of the same plots.

The peer is what one writes first: the plots as GeoJSON in a ``folium.GeoJson`` layer, saved as one
page, served from this machine with the same Leaflet. On the clock: from the start of the navigation
to the frame in which the first plots are painted; every visit has an empty cache.
"""

import functools
import json
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.browser import DESKTOP, chromium, sign_in
from benchmarks.harness import AnswersDiffer, Result, pair
from benchmarks.server import prepare_demo, serving
from georeview.webmap import assets

MARKS = 20
GLANCE_MS = 300
"""How long the scripted reviewer looks at a plot before the next key."""

AFTER_PARSE_MS, MARK_MS, PANEL_MS = 600, 100, 200

PAINTED = """
requestAnimationFrame(() => requestAnimationFrame(() => {
  const n = document.querySelectorAll("path.leaflet-interactive").length;
  document.documentElement.dataset.plots = n;
  document.documentElement.dataset.drawn = Math.round(performance.now());
}));
"""
PARSED_MS = "() => performance.getEntriesByType('navigation')[0].domInteractive"
DRAWN = "() => document.documentElement.dataset.drawn"
READY = "() => 'ready' in document.documentElement.dataset"

TIMED_KEY = """(code) => new Promise((done) => {
  const number = document.getElementById("p-number").textContent;
  const row = document.querySelector('[aria-selected="true"]');
  const start = performance.now();
  let marked = 0;
  const look = () => {
    const now = performance.now() - start;
    const moved = document.getElementById("p-number").textContent !== number;
    if (!marked && moved) marked = now;
    const whole = document.getElementById("plot").getAttribute("aria-busy") === "false";
    if ((moved && whole && !document.getElementById("p-body").hidden) || now > 10000)
      done([marked, now]);
    else requestAnimationFrame(look);
  };
  document.dispatchEvent(new KeyboardEvent("keydown", {code, key: "x", bubbles: true}));
  requestAnimationFrame(look);
})"""


def race(runs: int) -> Result:
    """Draw both pages, compare what they show, then pair their times."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        home = Path(folder) / "home"
        prepare_demo(home)
        with serving(home) as server:
            plots = _plots(browser, server.url)
            page = Path(folder) / "peer"
            _peer_page(page, plots)
            with _static(page) as peer_url:
                checked = _check(browser, server.url, peer_url, len(plots["features"]))
                parsed: list[float] = []
                us, costs, ratio = pair(
                    lambda: _ours_ms(browser, server.url, parsed),
                    {"folium GeoJSON": lambda: _peer_ms(browser, peer_url)},
                    runs,
                )
            marks, panels = _reviewing(browser, server.url)
            weight = _weight(browser, server.url)
    return Result(
        us=us,
        peers=costs,
        ratio=ratio,
        unit="ms from navigation to the first plots painted, city's 1,299 plots, empty cache",
        checked=checked,
        notes=(
            f"first plots after the page is parsed: {median(parsed):.0f} ms (goal {AFTER_PARSE_MS})",
            f"a mark on screen: {median(marks):.0f} ms median, {max(marks):.0f} most (goal {MARK_MS})",
            f"next panel: {median(panels):.0f} ms median, {max(panels):.0f} most (goal {PANEL_MS})",
            f"page: {weight:.1f} kB of HTML for any number of plots",
            f"peer: {len(json.dumps(plots)) / 1000:.0f} kB of GeoJSON in its page",
        ),
    )


def _page(browser: Any) -> Any:
    context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce")
    return context.new_page()


def _plots(browser: Any, url: str) -> dict[str, Any]:
    """Every plot with its shape, over the interface anyone uses."""
    page = _page(browser)
    sign_in(page, url, "city")
    features, cursor = [], ""
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        answer = page.context.request.get(f"{url}/api/v1/plots?limit=500&geometry=true{more}")
        part = answer.json()
        features += [
            {
                "type": "Feature",
                "geometry": item["geometry"],
                "properties": {"id": item["source_id"], "mark": item["mark"]},
            }
            for item in part["items"]
        ]
        cursor = part["next"]
    page.context.close()
    return {"type": "FeatureCollection", "features": features}


def _peer_page(folder: Path, plots: dict[str, Any]) -> None:
    import folium

    folder.mkdir()
    drawn = folium.Map(location=[31.9, 107.0], zoom_start=9, tiles=None)
    shape = folium.GeoJson(
        plots,
        marker=folium.CircleMarker(radius=4),
        style_function=lambda _: {"color": "#F2B01E", "weight": 2},
        tooltip=folium.GeoJsonTooltip(["id", "mark"]),
    )
    shape.add_to(drawn)
    html = drawn.get_root().render()
    # The same Leaflet from this machine; what else Folium loads from outside is left out.
    head = '<script src="leaflet.js"></script><link rel="stylesheet" href="leaflet.css">'
    lines = [line for line in html.splitlines() if "https://" not in line or "<script>" in line]
    html = "\n".join(lines).replace("<head>", f"<head>{head}", 1)
    html = html.replace("</html>", f"<script>{PAINTED}</script></html>")
    (folder / "index.html").write_text(html, encoding="utf-8")
    for name in ("leaflet.js", "leaflet.css"):
        path = assets.path(assets.VERSION, name)
        if path is None:
            raise AnswersDiffer(f"{name} is not packaged")
        (folder / name).write_bytes(Path(path).read_bytes())


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _static(folder: Path) -> Iterator[str]:
    handler = functools.partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


def _check(browser: Any, url: str, peer_url: str, total: int) -> str:
    """Both pages know the same number of plots."""
    page = _page(browser)
    page.goto(peer_url)
    page.wait_for_function(DRAWN)
    theirs = int(page.evaluate("() => document.documentElement.dataset.plots"))
    page.context.close()
    page = _page(browser)
    sign_in(page, url, "city")
    page.goto(f"{url}/")
    page.wait_for_function(READY)
    ours = int(page.evaluate("() => document.getElementById('track').ariaValueMax"))
    page.context.close()
    if not ours == theirs == total:
        raise AnswersDiffer(f"{ours} plots here, {theirs} at the peer, {total} in the store")
    return f"both show {total:,} plots"


def _ours_ms(browser: Any, url: str, parsed: list[float]) -> float:
    page = _page(browser)
    sign_in(page, url, "city")
    page.goto(f"{url}/")
    page.wait_for_function(DRAWN)
    drawn = float(page.evaluate(DRAWN))
    parsed.append(drawn - float(page.evaluate(PARSED_MS)))
    page.context.close()
    return drawn


def _peer_ms(browser: Any, url: str) -> float:
    page = _page(browser)
    page.goto(url)
    page.wait_for_function(DRAWN)
    drawn = float(page.evaluate(DRAWN))
    page.context.close()
    return drawn


def _reviewing(browser: Any, url: str) -> tuple[list[float], list[float]]:
    """Bridges by one key each: when the mark shows, and when the next plot's panel is whole."""
    page = _page(browser)
    sign_in(page, url, "county")
    page.goto(f"{url}/")
    page.wait_for_function(READY)
    page.wait_for_function("() => !document.getElementById('p-body').hidden")
    timed: list[tuple[float, float]] = []
    for _ in range(MARKS + 2):
        page.wait_for_timeout(GLANCE_MS)
        timed.append(page.evaluate(TIMED_KEY, "Digit1"))
    page.context.close()
    marks, panels = zip(*timed[2:], strict=True)
    return list(marks), list(panels)


def _weight(browser: Any, url: str) -> float:
    page = _page(browser)
    sign_in(page, url, "city")
    body: Callable[[], bytes] = page.context.request.get(f"{url}/").body
    size = len(body()) / 1000
    page.context.close()
    return size
