from pathlib import Path

import pytest

from sample_data.make import make_vectors


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Path:
    """The vector files of another seed than the committed ones."""
    out = tmp_path_factory.mktemp("sample")
    make_vectors(out, 7)
    return out
