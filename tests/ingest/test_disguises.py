"""Descriptions dressed up as data: refused, and nothing is read or asked for on their behalf.

Each description is first shown to work where nothing stands in its way: a plain GDAL reads the
secret file, or knocks on the local port. Then the same file is offered to the loader.
"""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from georeview.core.access import EVERYTHING
from georeview.errors.files import FormatDisguised, ReaderFailed, UnknownFormat
from georeview.ingest import READ_PLOTS, ReadOptions
from georeview.sandbox import run
from georeview.services import Services
from tests.files import SAMPLE, a_home, geojson, leftovers, load, put_json, squares, zipped

NAMES = ("a.geojson", "a.json", "a.shp", "a.gpkg", "a.zip", "member.geojson", "member.shp")


class Ear:
    """A listening socket that counts who knocks."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.knocks = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.knocks += 1
            connection.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)  # wakes the listener, which then ends
        self._socket.close()


@pytest.fixture
def ear() -> Iterator[Ear]:
    ear = Ear()
    yield ear
    ear.close()


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with a_home(tmp_path) as services:
        yield services


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file of the server that no upload may show."""
    rows = [{"TBBH": f"secret-{i}"} for i in range(2)]
    return put_json(tmp_path / "secret.geojson", geojson(squares(2), rows))


def descriptions(secret: Path, port: int) -> dict[str, str]:
    url = f"http://127.0.0.1:{port}/x"
    return {
        "vrt": f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{secret}'
        "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
        "vrt-http": '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/vsicurl/'
        f"{url}.geojson</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
        "gdalg": '{"type": "gdal_streamed_alg", "command_line": '
        f'"gdal vector pipeline ! read {secret} ! filter", "relative_paths_relative_to_this_file": true}}',
        "wfs": f"<OGRWFSDataSource><URL>{url}?SERVICE=WFS</URL></OGRWFSDataSource>",
        "wms": f'<GDAL_WMS><Service name="WMS"><ServerUrl>{url}</ServerUrl><Layers>a</Layers>'
        "</Service></GDAL_WMS>",
        "wmts": f"<GDAL_WMTS><GetCapabilitiesUrl>{url}</GetCapabilitiesUrl></GDAL_WMTS>",
        "dods": f'<?xml version="1.0"?><Dataset><OPeNDAP url="{url}"/></Dataset>',
        "raster-vrt": f'<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand band="1">'
        f"<SimpleSource><SourceFilename>{secret}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>",
        "esri-json": f'{{"type": "FeatureService", "url": "{url}"}}',
    }


KINDS = tuple(descriptions(Path("/x"), 1))


def disguised(folder: Path, name: str, text: str) -> Path:
    if name == "a.zip":
        return zipped(folder / name, {"a.vrt": text.encode()})
    if name.startswith("member"):
        return zipped(folder / "b.zip", {name: text.encode(), "member.dbf": b"", "member.shx": b""})
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_disguise_is_refused_and_moves_nothing(
    services: Services, secret: Path, ear: Ear, tmp_path: Path, kind: str, name: str
) -> None:
    path = disguised(tmp_path, name, descriptions(secret, ear.port)[kind])
    with pytest.raises((FormatDisguised, UnknownFormat)) as refused:
        load(services, path)
    assert "secret-" not in str(refused.value.facts)
    assert ear.knocks == 0
    assert services.store.plots.batches(EVERYTHING) == []
    assert leftovers(tmp_path / "home") == []


PLAIN = """
import sys
import pyogrio
meta, _, _, columns = pyogrio.raw.read(sys.argv[1])
print(columns)
"""


@pytest.mark.slow
def test_without_the_defence_they_read_and_reach_out(
    secret: Path, ear: Ear, tmp_path: Path
) -> None:
    """What plain GDAL makes of the same files: the reason for all of the above."""
    said = {}
    for kind in ("vrt", "vrt-http", "wfs"):
        path = disguised(tmp_path, "a.geojson", descriptions(secret, ear.port)[kind])
        plain = [sys.executable, "-c", PLAIN, str(path)]
        said[kind] = subprocess.run(plain, capture_output=True, text=True, check=False).stdout
    assert "secret-0" in said["vrt"]
    assert ear.knocks > 0


GDAL_ALONE = "tests.ingest.gdal_alone:read"


@pytest.mark.parametrize("kind", ["vrt", "vrt-http", "gdalg", "wfs"])
def test_behind_the_sniffing_the_drivers_are_not_there_either(
    secret: Path, ear: Ear, tmp_path: Path, kind: str
) -> None:
    """A second wall: the sandbox's GDAL is handed the file without looking at it first."""
    path = disguised(tmp_path, "a.geojson", descriptions(secret, ear.port)[kind])
    assert run(GDAL_ALONE, path, secret) == "refused"
    assert ear.knocks == 0


@pytest.mark.parametrize(
    "name", ["/vsicurl/http://127.0.0.1:{port}/a.shp", "http://127.0.0.1:{port}/a.shp"]
)
def test_a_name_is_a_file_of_this_machine_or_nothing(ear: Ear, name: str) -> None:
    with pytest.raises(ReaderFailed):
        run(READ_PLOTS, (Path(name.format(port=ear.port)),), ReadOptions())
    assert ear.knocks == 0


def test_the_folder_of_a_file_gives_nothing_but_its_parts(
    services: Services, tmp_path: Path
) -> None:
    """A .vrt or .aux.xml lying beside is not looked at."""
    folder = tmp_path / "in"
    folder.mkdir()
    path = put_json(folder / "a.geojson", geojson(squares(1), [{"TBBH": "1"}]))
    (folder / "a.geojson.aux.xml").write_text("<PAMDataset/>", encoding="utf-8")
    assert load(services, path).complete


def test_the_sample_is_no_disguise(services: Services) -> None:
    assert load(services, SAMPLE / "plots_2023_points.zip").complete
