"""A reader is held by its walls: memory, time, files, network, and what it may answer."""

import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from georeview import drivers
from georeview.errors import TooLarge
from georeview.errors.files import FileBroken, FileTooHeavy, FileTooSlow, ReaderFailed
from georeview.errors.work import Stopped
from georeview.ingest.report import Flag
from georeview.sandbox import Limits, Stop, run, stoppable, stream, unpacked
from georeview.sandbox_walls import landlock_version
from tests.files import own_temp

READERS = "tests.sandbox.readers"
needs_landlock = pytest.mark.skipif(landlock_version() < 1, reason="a kernel without Landlock")
needs_scopes = pytest.mark.skipif(landlock_version() < 6, reason="a kernel before 6.12")


def call(name: str, *args: object, limits: Limits | None = None, gdal: bool = True) -> object:
    return run(f"{READERS}:{name}", *args, limits=limits, gdal=gdal)


@pytest.mark.parametrize("gdal", [True, False])
def test_values_come_back(gdal: bool) -> None:
    value = {"a": [1, 2.5, "图斑", None, b"\x00"], "b": (True,)}
    assert call("give", value, gdal=gdal) == value


def test_our_own_values_come_back() -> None:
    assert call("flag") == Flag("tiny", {"area_m2": 3.5})


def test_a_refusal_comes_back_with_its_facts() -> None:
    with pytest.raises(FileBroken) as refused:
        call("refuse", "a.shp")
    assert refused.value.facts == {"file": "a.shp"}


def test_a_reader_that_breaks_is_a_refusal_and_the_log_says_how(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(ReaderFailed):
        call("break_down")
    assert "KeyError: 'inside'" in caplog.records[-1].trace


def test_memory_is_capped() -> None:
    small = Limits(memory_mb=256)
    assert call("take_memory", 64, limits=small) == 64 * 2**20
    with pytest.raises(FileTooHeavy) as refused:
        call("take_memory", 600, limits=small)
    assert refused.value.facts == {"memory_mb": 256}


def test_an_answer_is_capped_too() -> None:
    with pytest.raises(FileTooHeavy):
        run("builtins:bytes", 3 * 2**20, limits=Limits(memory_mb=2))


@pytest.mark.parametrize(("reader", "args"), [("sleep", (60,)), ("work", ())])
def test_time_is_capped(reader: str, args: tuple[object, ...]) -> None:
    started = time.monotonic()
    with pytest.raises(FileTooSlow):
        call(reader, *args, limits=Limits(seconds=1))
    assert time.monotonic() - started < 10


def test_files_are_capped(tmp_path: Path) -> None:
    assert call("write", tmp_path, 1, limits=Limits(file_mb=2)) == 2**20
    with pytest.raises(TooLarge):
        call("write", tmp_path, 3, limits=Limits(file_mb=2))


@pytest.mark.parametrize(
    ("number", "refusal"),
    [
        (signal.SIGKILL, FileTooHeavy),
        (signal.SIGABRT, FileTooHeavy),
        (signal.SIGSEGV, ReaderFailed),
        (signal.SIGXCPU, FileTooSlow),
    ],
)
def test_a_child_that_dies_is_a_refusal(number: int, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        call("die", int(number))


def test_nothing_is_left_of_what_it_put_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temp = own_temp(tmp_path / "temp", monkeypatch)
    assert str(call("leave_behind")).startswith(str(temp))
    with pytest.raises(FileTooSlow):
        call("leave_behind_and_hang", limits=Limits(seconds=1))
    assert list(temp.iterdir()) == []


@pytest.mark.parametrize("gdal", [True, False])
def test_there_is_no_network(gdal: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        with pytest.raises(ReaderFailed):
            call("connect", server.getsockname()[1], gdal=gdal)
        with pytest.raises(TimeoutError):
            server.accept()


@needs_landlock
def test_only_the_files_it_was_given_can_be_read(tmp_path: Path) -> None:
    given, other = tmp_path / "given", tmp_path / "other"
    given.write_text("1", encoding="utf-8")
    other.write_text("2", encoding="utf-8")
    assert call("read", given) == "1"
    assert call("read_all", (given, other)) == "12"
    with pytest.raises(ReaderFailed):
        call("read_anywhere", str(other))
    with pytest.raises(ReaderFailed):
        call("read_anywhere", "/etc/passwd")


@needs_landlock
@pytest.mark.parametrize("where", ["here", "home", "package"])
def test_only_the_folders_it_was_given_can_be_written(tmp_path: Path, where: str) -> None:
    folder = {"here": tmp_path, "home": Path.home(), "package": Path(drivers.__file__).parent}
    target = folder[where] / "strange"
    with pytest.raises(ReaderFailed):
        call("write_anywhere", str(target))
    assert not target.exists()


@needs_landlock
def test_a_file_it_was_given_stays_as_it_is(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.write_text("1", encoding="utf-8")
    with pytest.raises(ReaderFailed):
        run(f"{READERS}:write_anywhere", given)
    assert given.read_text(encoding="utf-8") == "1"


@needs_landlock
def test_it_starts_no_other_program() -> None:
    with pytest.raises(ReaderFailed):
        call("start_a_program")


@needs_scopes
def test_it_signals_no_other_process() -> None:
    with pytest.raises(ReaderFailed):
        call("kill_parent")


def test_an_answer_runs_nothing_here(tmp_path: Path) -> None:
    with pytest.raises(ReaderFailed):
        call("trap", str(tmp_path / "sprung"))
    assert not (tmp_path / "sprung").exists()


def test_several_threads_run_readers_at_once() -> None:
    def one(n: int) -> object:
        with suppress(FileBroken):
            return call("refuse", str(n)) if n % 3 == 0 else call("give", n)
        return n

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, range(60))) == list(range(60))


def test_only_listed_drivers_are_there() -> None:
    found = call("drivers")
    assert isinstance(found, dict)
    assert {"ESRI Shapefile", "GeoJSON", "GPKG"} <= set(found["vector"]) <= drivers.VECTOR
    assert {"GTiff", "MEM"} <= set(found["raster"]) <= drivers.RASTER | drivers.VECTOR


def test_the_list_must_come_before_gdal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyogrio._io", os)
    with pytest.raises(RuntimeError):
        drivers.allow_only()


def test_a_reader_without_gdal_starts_without_it() -> None:
    modules = call("loaded", gdal=False)
    assert isinstance(modules, list)
    assert not {"pyogrio", "rasterio"} & set(modules)


def test_children_are_forked_from_one_server_that_has_gdal_loaded() -> None:
    parents = {call("parent") for _ in range(3)}
    assert len(parents) == 1
    assert parents != {os.getpid()}
    assert "pyogrio" in call("loaded")


def test_a_reader_ends_when_somebody_asks_it_to() -> None:
    stop = Stop()
    asker = threading.Timer(0.3, stop.ask)
    started = time.perf_counter()
    asker.start()
    with stoppable(stop), pytest.raises(Stopped):
        call("sleep", 60.0)
    assert time.perf_counter() - started < 20
    with stoppable(stop), pytest.raises(Stopped):
        call("sleep", 60.0)
    assert call("give", 1) == 1


# Streams ------------------------------------------------------------------------------------------


def values(name: str, *args: object, limits: Limits | None = None) -> list[object]:
    return [part.value for part in stream(f"{READERS}:{name}", *args, limits=limits)]


def test_values_come_one_after_the_other_and_can_be_unpacked_again() -> None:
    parts = list(stream(f"{READERS}:count", 3))
    assert [part.value for part in parts] == [0, 1, 2]
    assert [unpacked(part.sent) for part in parts] == [0, 1, 2]


def test_a_reader_waits_until_what_it_yields_is_taken(tmp_path: Path) -> None:
    coming = stream(f"{READERS}:large", 100, 1, limits=Limits(memory_mb=64))
    assert len(next(coming).value) == 2**20
    assert sum(1 for _ in coming) == 99
    few = stream(f"{READERS}:count", 100_000, tmp_path)
    next(few)
    few.close()
    assert len(list(tmp_path.iterdir())) < 20_000


@pytest.mark.slow
def test_time_that_nobody_waits_for_does_not_count() -> None:
    coming = stream(f"{READERS}:slow", 3, 0.1, limits=Limits(seconds=4))
    next(coming)
    call("sleep", 4.1)
    assert [part.value for part in coming] == [1, 2]


def test_time_that_somebody_waits_for_does() -> None:
    with pytest.raises(FileTooSlow):
        values("slow", 40, 0.1, limits=Limits(seconds=1))


@pytest.mark.parametrize(
    ("reader", "args", "refusal"),
    [
        ("refuse_later", ("a.shp",), FileBroken),
        ("break_later", (), ReaderFailed),
        ("die_later", (), ReaderFailed),
    ],
)
def test_what_goes_wrong_later_is_a_refusal_too(
    reader: str, args: tuple[object, ...], refusal: type[Exception]
) -> None:
    coming = stream(f"{READERS}:{reader}", *args)
    assert next(coming).value == 1
    with pytest.raises(refusal):
        next(coming)


def test_each_value_of_a_stream_is_capped() -> None:
    with pytest.raises(FileTooHeavy):
        values("large", 1, 3, limits=Limits(memory_mb=2))


def test_a_stream_that_is_given_up_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temp = own_temp(tmp_path / "temp", monkeypatch)
    coming = stream(f"{READERS}:count", 100_000)
    next(coming)
    assert list(temp.iterdir()) != []
    coming.close()
    assert list(temp.iterdir()) == []


def test_a_stream_and_a_reader_beside_it_end_when_somebody_asks() -> None:
    stop = Stop()
    with stoppable(stop):
        coming = stream(f"{READERS}:slow", 1000, 0.05)
        next(coming)
        assert call("give", 1) == 1
        stop.ask()
        with pytest.raises(Stopped):
            list(coming)
