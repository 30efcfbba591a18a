"""Leaflet's files are the reviewed ones, and everybody's licence is there."""

import subprocess
import sys
from pathlib import Path

import pytest

from georeview.webmap import assets


def test_the_installed_files_are_the_reviewed_ones() -> None:
    assets.verify()


def test_a_changed_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in assets.FILES:
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        found = assets.path(assets.VERSION, name)
        assert found is not None
        file.write_bytes(found.read_bytes())
    monkeypatch.setattr(assets, "_root", lambda: tmp_path)
    assets.verify()
    with (tmp_path / "leaflet.js").open("ab") as file:
        file.write(b"\n")
    with pytest.raises(RuntimeError, match=r"leaflet\.js"):
        assets.verify()


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ("1.9.3", "leaflet.js"),
        (assets.VERSION, "../../__init__.py"),
        (assets.VERSION, "leaflet-src.js"),
        (assets.VERSION, ""),
    ],
)
def test_nothing_else_is_served(version: str, name: str) -> None:
    assert assets.path(version, name) is None


def test_every_picture_the_styles_name_is_served() -> None:
    styles = assets.path(assets.VERSION, "leaflet.css")
    assert styles is not None
    text = styles.read_text(encoding="utf-8")
    named = {part.split(")")[0] for part in text.split("url(")[1:]} - {"#default#VML"}
    assert named <= set(assets.FILES)


def test_every_package_that_runs_with_us_names_its_licence() -> None:
    found = {licence.name.lower(): licence for licence in assets.licences()}
    assert next(iter(found)) == "georeview"
    assert {"django-js-lib-leaflet", "folium", "shapely", "rasterio", "starlette"} <= set(found)
    assert not {"pytest", "mypy", "ruff"} & set(found)
    assert "Agafonkin" in found["django-js-lib-leaflet"].text
    assert "MIT" in found["georeview"].text
    nameless = [name for name, licence in found.items() if not (licence.licence or licence.text)]
    assert nameless == []


def test_serving_assets_imports_neither_folium_nor_django() -> None:
    code = (
        "import sys; from georeview.webmap import assets, page, styles; assets.verify();"
        "print(sorted({'folium', 'branca', 'django', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
