"""Broken and hostile files: each refused in one sentence or taken with what can be, and no harm done.

The files of a family are read one after another in one child behind the walls, within a gigabyte
and ten seconds each. A secret that stands open and a port that listens tell whether anything was
touched that should not be.
"""

import fcntl
import os
import pickle
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from georeview import sandbox, texts
from georeview.ingest import ReadOptions, beside
from tests.ingest.hostile import archives, binary, markup
from tests.ingest.hostile import texts as plain
from tests.ingest.hostile.base import Family, Trap
from tests.ingest.taken import refusals
from tests.ingest.test_disguises import Ear

OUTCOMES = "tests.ingest.many:outcomes"
LIMITS = sandbox.Limits(seconds=60, memory_mb=1024)
SECONDS, MEMORY_MB = 10, 1024

FAMILIES: Mapping[str, Family] = {
    "archives": archives.FAMILY,
    "tables": plain.TABLES,
    "json": plain.JSON,
    "markup": markup.FAMILY,
    "shapefiles": binary.SHAPEFILES,
    "databases": binary.DATABASES,
    "parquet": binary.PARQUET,
    "mapinfo": binary.MAPINFO,
    "drawings": binary.DRAWINGS,
}
OPTIONS = {"drawings": ReadOptions(crs="EPSG:4524", mapping={"source_id": "EntityHandle"})}
CASES = [(family, name) for family, cases in FAMILIES.items() for name in cases]
LONG_AGO = 1_000_000_000


class Reader:
    """Reads the families, each when first asked for, and once for all processes that test."""

    def __init__(self, folder: Path, shared: Path) -> None:
        self._folder = folder
        self._shared = shared
        self._ear = Ear()
        self._secret = folder / "secret.geojson"
        self._secret.write_text("secret-0", encoding="utf-8")
        os.utime(self._secret, (LONG_AGO, LONG_AGO + 1))
        self._found: dict[str, dict[str, dict[str, Any]]] = {}

    def outcome(self, family: str, name: str) -> dict[str, Any]:
        if family not in self._found:
            self._found[family] = self._once(family)
        return self._found[family][name]

    def _once(self, family: str) -> dict[str, dict[str, Any]]:
        kept = self._shared / f"hostile-{family}.pickle"
        with (self._shared / f"hostile-{family}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                kept.write_bytes(pickle.dumps(self._read(family)))
            found: dict[str, dict[str, Any]] = pickle.loads(kept.read_bytes())
        return found

    @property
    def _touched(self) -> bool:
        return self._ear.knocks > 0 or self._secret.stat().st_atime != LONG_AGO

    def close(self) -> None:
        self._ear.close()

    def _read(self, family: str) -> dict[str, dict[str, Any]]:
        trap = Trap(self._secret, self._ear.port)
        made = {}
        for name, (_, make) in FAMILIES[family].items():
            folder = self._folder / family / name
            folder.mkdir(parents=True, exist_ok=True)
            made[name] = beside(make(folder, trap))
        sets = tuple(made.values())
        options = OPTIONS.get(family, ReadOptions())
        found = sandbox.run(OUTCOMES, sets, options, self._secret, limits=LIMITS)
        return {
            name: {**outcome, "touched": self._touched}
            for name, outcome in zip(made, found, strict=True)
        }


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    reader = Reader(tmp_path_factory.mktemp("hostile"), shared)
    yield reader
    reader.close()


@pytest.mark.parametrize(("family", "name"), CASES, ids=[name for _, name in CASES])
def test_no_file_does_harm(reader: Reader, family: str, name: str) -> None:
    found = reader.outcome(family, name)
    assert found["code"] == FAMILIES[family][name][0], found
    assert found["seconds"] <= SECONDS
    assert found["peak_mb"] <= MEMORY_MB
    assert found["left"] == []
    assert not found["touched"]
    assert "secret-0" not in repr(found)
    if found["code"] != "taken":
        for lang in texts.LANGS:
            for part in ("say", "hint"):
                sentence = texts.say(f"error.{found['code']}.{part}", lang, **found["facts"])
                assert sentence
                assert tempfile.gettempdir() not in sentence
        assert found["code"] in refusals()


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 120
