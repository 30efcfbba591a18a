"""Verify: the ledger, the projection, and every evidence file against its hash."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from georeview.services import Services
from tests.builders import a_batch, an_actor
from tests.places import Place
from tests.services.doors import open_doors
from tests.services.pictures import a_photo


@pytest.fixture
def doors(tmp_path: Path, place: Place) -> Iterator[Services]:
    with open_doors(tmp_path, store=place.address) as services:
        yield services


@pytest.fixture
def file(doors: Services) -> Path:
    """A photo beside a plot, as it lies in the home."""
    plot = a_batch(doors.store, 1)[0]
    county = an_actor("county", "511902")
    kept = doors.review.attach(
        county, plot.plot_id, io.BytesIO(a_photo()), kind="E_PHOTO", name="a.jpg"
    )
    return doors.files.path("evidence", kept.file.sha256)


def test_all_is_well(doors: Services, file: Path) -> None:
    assert list(doors.upkeep.verify()) == []


def test_a_lost_file_is_found(doors: Services, file: Path) -> None:
    file.unlink()
    (flaw,) = doors.upkeep.verify()
    assert (flaw.code, flaw.plot_id) == ("evidence", file.name)


def test_a_flipped_bit_in_a_file_is_found(doors: Services, file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[100] ^= 1
    file.chmod(0o640)
    file.write_bytes(content)
    assert [flaw.code for flaw in doors.upkeep.verify()] == ["evidence"]
