"""The tiles that the page's decoder is tested with are those the encoder writes today."""

import pytest

from tests.tiles.samples import FOLDER, samples, told

SAMPLES = dict(samples())


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_the_page_is_tested_with_tiles_of_today(name: str) -> None:
    assert (FOLDER / f"{name}.mvt").read_bytes() == SAMPLES[name]
    assert (FOLDER / f"{name}.json").read_text(encoding="utf-8") == told(SAMPLES[name])


def test_no_sample_is_left_over() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == set(SAMPLES)
