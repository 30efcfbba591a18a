"""Readers that behave as files from outside make readers behave."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from georeview.errors.files import FileBroken
from georeview.ingest.report import Flag


def give(value: object) -> object:
    return value


def count(n: int, log: Path | None = None) -> Iterator[int]:
    for number in range(n):
        if log is not None:
            (log / str(number)).touch()
        yield number


def large(n: int, mb: int) -> Iterator[bytes]:
    for _ in range(n):
        yield bytes(mb * 2**20)


def slow(n: int, seconds: float) -> Iterator[int]:
    for number in range(n):
        time.sleep(seconds)
        yield number


def refuse_later(file: str) -> Iterator[int]:
    yield 1
    raise FileBroken(file=file)


def break_later() -> Iterator[int]:
    yield 1
    raise KeyError("inside")


def die_later() -> Iterator[int]:
    yield 1
    os.kill(os.getpid(), signal.SIGSEGV)


def flag() -> Flag:
    return Flag("tiny", {"area_m2": 3.5})


def refuse(file: str) -> None:
    raise FileBroken(file=file)


def break_down() -> None:
    raise KeyError("inside")


def take_memory(mb: int) -> int:
    return len(bytearray(mb * 2**20))


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def work() -> None:
    while True:
        pass


def write(folder: Path, mb: int) -> int:
    with (folder / "out").open("wb") as file:
        return sum(file.write(bytes(2**20)) for _ in range(mb))


def write_anywhere(path: str) -> None:
    Path(path).write_text("x", encoding="utf-8")


def read_anywhere(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def read_all(paths: tuple[Path, ...]) -> str:
    return "".join(map(read, paths))


def leave_behind() -> str:
    Path(tempfile.mkdtemp(), "left").write_bytes(b"x")
    return tempfile.gettempdir()


def leave_behind_and_hang() -> None:
    leave_behind()
    time.sleep(60)


def connect(port: int) -> None:
    socket.create_connection(("127.0.0.1", port), timeout=5).close()


def start_a_program() -> str:
    return subprocess.run(["/bin/echo", "x"], capture_output=True, text=True, check=True).stdout


def die(number: int) -> None:
    os.kill(os.getpid(), number)


def kill_parent() -> None:
    os.kill(os.getppid(), signal.SIGTERM)


def drivers() -> dict[str, list[str]]:
    import pyogrio
    from rasterio.env import Env

    with Env() as env:
        return {"vector": sorted(pyogrio.list_drivers()), "raster": sorted(env.drivers())}


class Trap:
    """Unpickled, it would run a program in the server."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (os.system, (f"{sys.executable} -c \"open('{self.path}', 'w')\"",))


def trap(path: str) -> Trap:
    return Trap(path)


def parent() -> int:
    return os.getppid()


def loaded() -> list[str]:
    return sorted(sys.modules)
