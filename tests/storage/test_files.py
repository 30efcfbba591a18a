import errno
import hashlib
import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from georeview.errors import NotFound, TooLarge
from georeview.errors.store import DiskFull, StoreGone, StoreReadOnly
from georeview.storage.files import Files


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "home")


def everything(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file()]


def test_bytes_lie_under_their_hash(files: Files, tmp_path: Path) -> None:
    content = os.urandom(3 * 2**20 + 7)
    taken = files.take(io.BytesIO(content), "evidence", 2**23)
    assert taken.sha256 == hashlib.sha256(content).hexdigest()
    assert taken.size == len(content)
    assert files.path("evidence", taken.sha256).read_bytes() == content
    source = tmp_path / "plots.shp"
    source.write_bytes(content)
    assert files.take(source, "sources", 2**23) == taken
    assert files.path("sources", taken.sha256).read_bytes() == content


def test_the_same_bytes_twice_are_one_file(files: Files, tmp_path: Path) -> None:
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(files.take(io.BytesIO(b"x"), "evidence", 9)))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(results)) == 1
    assert len(everything(tmp_path / "home")) == 1


@pytest.mark.parametrize("size", [0, 9, 10])
def test_up_to_the_limit_is_taken(files: Files, size: int) -> None:
    assert files.take(io.BytesIO(b"x" * size), "evidence", 10).size == size


def test_over_the_limit_is_refused_while_reading(files: Files, tmp_path: Path) -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"x" * size

    endless = Endless()
    with pytest.raises(TooLarge):
        files.take(endless, "evidence", 5 * 2**20)  # type: ignore[arg-type]
    assert endless.given <= 7 * 2**20
    assert everything(tmp_path / "home") == []


def test_a_reader_that_fails_leaves_nothing(files: Files, tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(errno.ENOSPC, "no space")

    with pytest.raises(DiskFull):
        files.take(Broken(), "evidence", 10)
    with pytest.raises(DiskFull), files.received(Broken(), "a.zip", 10):
        pass
    assert everything(tmp_path / "home") == []


def test_a_disk_without_room_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    script = """
import io, resource, sys
from pathlib import Path
from georeview.errors.store import DiskFull
from georeview.storage.files import Files
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
files = Files(Path(sys.argv[1]))
try:
    files.take(io.BytesIO(b"x" * (3 << 20)), "evidence", 1 << 30)
except DiskFull:
    print("refused")
print(files.take(io.BytesIO(b"y"), "evidence", 10).size)
"""
    command = [sys.executable, "-c", script, str(tmp_path / "home")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["refused", "1"]
    assert len(everything(tmp_path / "home")) == 1


def test_a_killed_upload_leaves_no_file_under_a_hash(tmp_path: Path) -> None:
    script = """
import os, signal, sys
from pathlib import Path
from georeview.storage.files import Files
class Killer:
    turn = 0
    def read(self, size):
        self.turn += 1
        if self.turn == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return b"x" * size
Files(Path(sys.argv[1])).take(Killer(), "evidence", 1 << 30)
"""
    command = [sys.executable, "-c", script, str(tmp_path / "home")]
    assert subprocess.run(command, check=False).returncode == -9
    left = everything(tmp_path / "home")
    assert all(path.name.startswith(".part-") for path in left)


@pytest.mark.parametrize("text", ["", "..", "a" * 63, "A" * 64, "../" * 21 + "a", "g" * 64])
def test_only_a_hash_is_a_name(files: Files, text: str) -> None:
    with pytest.raises(NotFound):
        files.path("evidence", text)


@given(st.text(max_size=300))
def test_an_upload_keeps_its_name_but_stays_in_its_place(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    home = tmp_path_factory.getbasetemp() / "received"
    with Files(home).received(io.BytesIO(b"abc"), name, 10) as path:
        assert path.read_bytes() == b"abc"
        assert path.resolve().parent.parent == (home / "cache").resolve()
    assert everything(home) == []


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("图斑 2023.zip", "图斑 2023.zip"),
        ("C:\\数据\\a.shp", "a.shp"),
        ("../../etc/passwd", "passwd"),
        ("a\nb.shp", "a_b.shp"),
        ("..", "file"),
        ("长" * 300 + ".gpkg", "长" * 55 + ".gpkg"),
    ],
)
def test_upload_names(files: Files, name: str, kept: str) -> None:
    with files.received(io.BytesIO(b""), name, 10) as path:
        assert path.name == kept


def test_an_upload_is_gone_afterwards_whatever_happens(files: Files, tmp_path: Path) -> None:
    with pytest.raises(KeyError), files.received(io.BytesIO(b"abc"), "a.zip", 10):
        raise KeyError
    assert everything(tmp_path / "home") == []


def test_a_cached_folder_is_filled_once_and_replaces_the_older(tmp_path: Path) -> None:
    files, made = Files(tmp_path), []

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "a").write_text("x")

    first = files.cached_folder("plots/b/1", make)
    assert files.cached_folder("plots/b/1", make) == first
    second = files.cached_folder("plots/b/2", make)
    assert len(made) == 2
    assert (second / "a").read_text() == "x"
    assert [path.name for path in first.parent.iterdir()] == ["2"]


def test_a_folder_that_could_not_be_filled_is_not_there(tmp_path: Path) -> None:
    files = Files(tmp_path)

    def fail(folder: Path) -> None:
        (folder / "a").write_text("half")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        files.cached_folder("plots/b/1", fail)
    assert [path for path in tmp_path.rglob("*") if path.name in {"a", "1"}] == []


def test_what_was_found_replaces_what_was_found_before_and_goes_when_it_is_old(
    files: Files, tmp_path: Path
) -> None:
    for text in ("first", "second"):
        with files.scratch() as scratch:
            (scratch / "found").mkdir()
            (scratch / "found" / "rows").write_text(text)
            files.keep_details("j1", scratch / "found")
    assert (files.details("j1") / "rows").read_text() == "second"
    assert [path.name for path in files.details("j1").parent.iterdir()] == ["j1"]
    made = files.details("j1").stat().st_mtime
    assert files.sweep(exports_before=made - 1, parts_before=0) == 0
    assert files.sweep(exports_before=made + 1, parts_before=0) == 1
    assert not files.details("j1").exists()


def test_the_cache_makes_once_and_may_be_lost(files: Files, tmp_path: Path) -> None:
    made: list[int] = []

    def make() -> bytes:
        made.append(1)
        return b"picture"

    assert files.cached("previews/a.webp", make) == b"picture"
    assert files.cached("previews/a.webp", make) == b"picture"
    assert len(made) == 1
    (files.cache() / "previews" / "a.webp").unlink()
    assert files.cached("previews/a.webp", make) == b"picture"
    assert len(made) == 2
    with pytest.raises(KeyError):
        files.cached("b", lambda: {}["b"])
    assert len(everything(tmp_path / "home")) == 1


def test_images_have_a_folder_each(files: Files, tmp_path: Path) -> None:
    assert files.imagery("s-1") == tmp_path / "home" / "imagery" / "s-1"
    assert files.imagery("../../s").parent == tmp_path / "home" / "imagery"


def test_room_is_asked_for(files: Files) -> None:
    files.need_room(1)
    with pytest.raises(DiskFull):
        files.need_room(2**62)


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises((StoreGone, StoreReadOnly)):
        Files(tmp_path / "home").take(io.BytesIO(b""), "evidence", 1)
