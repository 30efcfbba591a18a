"""What Folium gives to the page: nothing foreign, nothing the CSP refuses, and once only."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from georeview.webmap import page
from georeview.webmap.page import BAZHONG, Parts, render_in_child


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def parts(cache: Path) -> Parts:
    return render_in_child(cache)


def test_the_script_declares_the_map_and_both_epochs(parts: Parts) -> None:
    (element,) = re.findall(r'<div class="folium-map" id="(map_\w+)"></div>', parts.html)
    assert f"const {element} = L.map(" in parts.script
    seam = re.search(
        r"const folium = \{map: (\w+), tiles: \{before: (\w+), after: (\w+)\}\};", parts.script
    )
    assert seam is not None
    assert seam[1] == element
    for epoch, layer in (("before", seam[2]), ("after", seam[3])):
        made = parts.script[parts.script.index(f"var {layer} = L.tileLayer(") :]
        assert made.index(f"/tiles/imagery/{epoch}/") < made.index(");")


def test_imagery_is_not_shown_before_the_page_knows_of_scenes(parts: Parts) -> None:
    assert "addTo" not in parts.script


def test_the_map_looks_at_the_city(parts: Parts) -> None:
    west, south, east, north = BAZHONG
    assert f"[[{south}, {west}], [{north}, {east}]]" in parts.script


@pytest.mark.slow
def test_the_map_looks_at_another_extent(tmp_path: Path) -> None:
    elsewhere = render_in_child(tmp_path, (103.0, 30.0, 104.0, 31.0))
    assert "[[30.0, 103.0], [31.0, 104.0]]" in elsewhere.script


def test_no_foreign_host(parts: Parts) -> None:
    assert "//" not in parts.html + parts.script


def test_nothing_the_content_security_policy_refuses(parts: Parts) -> None:
    assert "<script" not in parts.html + parts.script
    assert "<style" not in parts.html
    assert not re.search(r"\s(style|on\w+)=", parts.html)
    assert "$(" not in parts.script  # jQuery is not there
    assert "eval" not in parts.script


def test_the_page_brings_its_own_zoom_buttons_and_no_prefix(parts: Parts) -> None:
    assert '"zoomControl": false' in parts.script
    assert "attributionControl.setPrefix(false)" in parts.script


def test_a_second_process_reads_the_cache(cache: Path, parts: Parts) -> None:
    (kept,) = cache.iterdir()
    code = (
        "from pathlib import Path\n"
        "from georeview import sandbox\n"
        "from georeview.webmap.page import render_in_child\n"
        "sandbox.run = None\n"
        f"print(render_in_child(Path({str(cache)!r})).script)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == parts.script + "\n"
    assert list(cache.iterdir()) == [kept]


def test_the_second_call_is_quick(cache: Path, parts: Parts) -> None:
    assert render_in_child(cache) == parts
    started = time.perf_counter()
    render_in_child(cache)
    assert time.perf_counter() - started < 0.001


@pytest.mark.slow
def test_another_drawing_is_drawn_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    render_in_child(tmp_path)
    monkeypatch.setattr(page.metadata, "version", lambda _name: "0.99")
    render_in_child.cache_clear()
    render_in_child(tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.slow
def test_the_process_that_asks_never_imports_folium(tmp_path: Path) -> None:
    script = tmp_path / "ask.py"
    script.write_text(
        "import sys\nfrom pathlib import Path\n"
        "from georeview.webmap.page import render_in_child\n"
        "if __name__ == '__main__':\n"
        f"    render_in_child(Path({str(tmp_path)!r}))\n"
        "    print(sorted({'folium', 'pandas', 'numpy'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
