"""The only way a file from outside is opened: in a child process with limits and no network.

A reader is a module-level function, named ``"module:function"``. It runs in a child whose memory,
processor time, wall time and file sizes are capped, whose GDAL knows only the drivers of
``georeview.drivers``, and which the kernel, where it lets us, gives no network and no file but
those among its arguments (see ``georeview.sandbox_walls``). What it returns or refuses comes back
as a plain value; whatever else happens to it becomes a refusal that names the cap.

Readers that need GDAL are forked from a server that has it loaded (some 15 ms a child); the others
start a fresh, lighter interpreter.
"""

import contextlib
import errno
import gc
import importlib
import io
import logging
import multiprocessing
import os
import pickle
import resource
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, is_dataclass
from enum import Enum
from functools import cache
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from georeview.errors import GeoreviewError, TooLarge
from georeview.errors.files import FileTooHeavy, FileTooSlow, ReaderFailed
from georeview.errors.store import DiskFull
from georeview.errors.work import Stopped
from georeview.sandbox_walls import end_with_parent, raise_walls

log = logging.getLogger("georeview.sandbox")

_BOOKS = threading.Lock()
"""multiprocessing keeps its list of children without a lock; several threads run readers."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a reader may use.

    Attributes:
        seconds: Wall time; processor time is capped alike.
        memory_mb: Address space beyond what the child starts with, in MB; also of its answer.
        file_mb: Largest file it may write, in MB.
    """

    seconds: float = 120
    memory_mb: int = 4096
    file_mb: int = 16_384


class Stop:
    """Lets another thread end the readers of whoever works inside ``stoppable``."""

    def __init__(self) -> None:
        self._gate = threading.Lock()
        self._ends: list[Callable[[], None]] = []
        self._asked = False

    @property
    def asked(self) -> bool:
        """Whether the work is to stop."""
        return self._asked

    def ask(self) -> None:
        """End the readers that run now, and each that would be started later."""
        with self._gate:
            self._asked = True
            ends = list(self._ends)
        for end in ends:
            end()

    @contextlib.contextmanager
    def ending(self, end: Callable[[], None]) -> Iterator[None]:
        """What to do when asked to stop meanwhile, or at once if that has happened."""
        with self._gate:
            self._ends.append(end)
            asked = self._asked
        if asked:
            end()
        try:
            yield
        finally:
            with self._gate:
                self._ends.remove(end)


_STOP: ContextVar[Stop | None] = ContextVar("georeview_stop", default=None)


@contextlib.contextmanager
def stoppable(stop: Stop) -> Iterator[None]:
    """Readers of this thread inside end when the stop is asked for; ``run`` raises ``Stopped``."""
    token = _STOP.set(stop)
    try:
        yield
    finally:
        _STOP.reset(token)


@dataclass(frozen=True, slots=True)
class _Order:
    reader: str
    args: tuple[object, ...]
    caps: Limits
    scratch: Path
    gdal: bool
    streams: bool


def run(reader: str, /, *args: object, limits: Limits | None = None, gdal: bool = True) -> Any:
    """Call a reader in a child process.

    Args:
        reader: ``"module:function"``.
        *args: What it is given; must be picklable. Of the paths among them, alone or in a tuple,
            files may be read and folders written; everything else is closed to the reader, but
            for a temporary folder of its own that vanishes afterwards.
        limits: Its caps.
        gdal: Whether it needs GDAL.

    Returns:
        What the reader returned: plain values and our own dataclasses.

    Raises:
        GeoreviewError: What the reader refused.
        FileTooHeavy: It needed more memory than it may.
        FileTooSlow: It took too long.
        TooLarge: It wrote a larger file than it may.
        ReaderFailed: It broke in another way; the log says how.
        Stopped: It was asked to stop (see ``stoppable``).
    """
    with _reading(reader, args, limits or Limits(), gdal=gdal, streams=False) as child:
        return child.receive()[1]


def prepare(*readers: str) -> None:
    """Start the server that readers are forked from, for whoever will soon need one.

    It loads GDAL, and the modules of these readers, while the caller goes on.

    Args:
        *readers: ``"module:function"``.
    """
    modules = dict.fromkeys(reader.partition(":")[0] for reader in readers)
    _with_gdal().set_forkserver_preload(["georeview.sandbox_readers", *modules])
    forkserver.ensure_running()


@dataclass(frozen=True, slots=True)
class Part:
    """One of the values that a reader yields.

    Attributes:
        value: The value.
        sent: As it was sent; ``unpacked`` makes the value of it again.
    """

    value: Any
    sent: bytes


def stream(
    reader: str, /, *args: object, limits: Limits | None = None, gdal: bool = True
) -> Iterator[Part]:
    """Call a reader that yields, in a child process, and hand on each value as it comes.

    The reader waits until what it has yielded is taken, so neither side holds more than one value;
    only the time that it is waited for counts against its limit. It ends when the iteration is
    given up.

    Args:
        reader: ``"module:function"`` of a generator.
        *args: See ``run``.
        limits: Its caps; that on memory holds for each value too.
        gdal: Whether it needs GDAL.

    Raises:
        GeoreviewError: See ``run``; what has come before it is to be thrown away.
    """
    with _reading(reader, args, limits or Limits(), gdal=gdal, streams=True) as child:
        while True:
            sent, value = child.receive()
            if value is _END:
                return
            yield Part(value, sent)


def unpacked(sent: bytes) -> Any:
    """The value of a part, once more."""
    return _Plain(io.BytesIO(sent)).load()[1]


@cache
def _with_gdal() -> "multiprocessing.context.ForkServerContext":
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["georeview.sandbox_readers"])
    return context


# In the parent -----------------------------------------------------------------------------------

_END = object()
"""Comes behind the last value of a stream."""


@contextlib.contextmanager
def _reading(
    reader: str, args: tuple[object, ...], caps: Limits, *, gdal: bool, streams: bool
) -> "Iterator[_Child]":
    """A reader at work in a child process, ended whatever happens."""
    stop = _STOP.get() or Stop()
    context = _with_gdal() if gdal else multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="georeview-") as scratch:
        order = _Order(reader, args, caps, Path(scratch), gdal, streams)
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_child, args=(theirs, order), daemon=True)
        with _BOOKS:
            process.start()
        theirs.close()
        child = _Child(process, ours, order, stop)
        try:
            with stop.ending(child.kill):
                yield child
        finally:
            ours.close()
            child.end()


class _Child:
    """A reader at work, seen from here."""

    def __init__(self, process: BaseProcess, pipe: Connection, order: _Order, stop: Stop) -> None:
        self._process = process
        self._pipe = pipe
        self._order = order
        self._stop = stop
        self._left_s = order.caps.seconds
        self._late = False
        self._died: int | None = None
        self._ended = False

    def receive(self) -> tuple[bytes, Any]:
        """What the reader sends next, as it was sent and as a value.

        Raises:
            GeoreviewError: See ``run``.
        """
        sent = self._sent()
        if self._stop.asked:
            raise Stopped
        if sent is None:
            raise self._how_it_died()
        kind, value = _Plain(io.BytesIO(sent)).load()
        if kind == "refused":
            refusal, facts = value
            raise refusal(**facts)
        if kind == "failed":
            log.warning("sandbox.failed", extra={"reader": self._order.reader, "trace": value})
            raise ReaderFailed
        return sent, _END if kind == "end" else value

    def _sent(self) -> bytes | None:
        """The child's message, ``None`` when it ended without one."""
        watch = threading.Timer(self._left_s, self._too_late)
        watch.daemon = True
        watch.start()
        began = time.monotonic()
        try:
            return self._pipe.recv_bytes(self._order.caps.memory_mb * 2**20)
        except EOFError:
            return None
        except OSError as error:
            raise FileTooHeavy(memory_mb=self._order.caps.memory_mb) from error
        finally:
            watch.cancel()
            self._left_s = max(0.0, self._left_s - (time.monotonic() - began))

    def _too_late(self) -> None:
        self._late = True
        self.kill()

    def kill(self) -> None:
        """Let it go no further; it may have ended by itself, and been put away, a moment ago."""
        with _BOOKS, contextlib.suppress(ValueError):
            self._process.kill()

    def end(self) -> None:
        """End it, whatever it is doing, and learn how it ended."""
        with _BOOKS:
            if self._ended:
                return
            self._ended = True
            self._process.join(0.2)
            self._process.kill()
            self._process.join()
            self._died = self._process.exitcode
            self._process.close()

    def _how_it_died(self) -> GeoreviewError:
        self.end()
        caps, died = self._order.caps, self._died
        log.warning("sandbox.died", extra={"reader": self._order.reader, "exit": died})
        if self._late or died == -signal.SIGXCPU:
            return FileTooSlow(seconds=int(caps.seconds))
        if died in (-signal.SIGKILL, -signal.SIGABRT):
            return FileTooHeavy(memory_mb=caps.memory_mb)
        return ReaderFailed()


class _Plain(pickle.Unpickler):
    """An answer is data: a reader taken over by a file must not choose what runs in the server."""

    def find_class(self, module: str, name: str) -> Any:
        """One of our own value classes or refusals, nothing else."""
        if module.partition(".")[0] == "georeview" and "." not in name:
            found = getattr(importlib.import_module(module), name)
            ours = isinstance(found, type) and found.__module__ == module
            if ours and (is_dataclass(found) or issubclass(found, GeoreviewError | Enum)):
                return found
        log.warning("sandbox.strange_answer", extra={"kind": f"{module}.{name}"})
        raise ReaderFailed


# In the child ------------------------------------------------------------------------------------


def _child(theirs: Connection, order: _Order) -> None:
    end_with_parent()
    # It lives for one file and has a cap: looking for cycles would only cost it time.
    gc.disable()
    answer = _tried(order, theirs)
    try:
        message = _packed(*answer)
    except MemoryError:
        message = _packed("refused", (FileTooHeavy, {"memory_mb": order.caps.memory_mb}))
    theirs.send_bytes(message)
    theirs.close()


def _packed(kind: str, value: object) -> bytes:
    return pickle.dumps((kind, value), protocol=5)


def _tried(order: _Order, theirs: Connection) -> tuple[str, object]:
    """What the reader returned, refused, or broke on; what it yields is sent meanwhile."""
    try:
        return _done(order, theirs)
    except GeoreviewError as error:
        return "refused", (type(error), error.facts)
    except MemoryError:
        return "refused", (FileTooHeavy, {"memory_mb": order.caps.memory_mb})
    except OSError as error:
        if error.errno == errno.EFBIG:
            return "refused", (TooLarge, {"limit": f"{order.caps.file_mb} MB"})
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return "refused", (DiskFull, {"why": errno.errorcode[error.errno]})
        return "failed", _trace(error)
    except BaseException as error:  # noqa: BLE001 - the edge of the process
        return "failed", _trace(error)


def _done(order: _Order, theirs: Connection) -> tuple[str, object]:
    found: Any = _confined(order)(*order.args)
    if not order.streams:
        return "done", found
    for value in found:
        theirs.send_bytes(_packed("part", value))
    return "end", None


def _trace(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(error))


def _confined(order: _Order) -> Callable[..., object]:
    """The reader, with every wall up: our own code is loaded first, the file is read after."""
    if order.gdal:
        # Loaded by the fork server already; if it was not, the driver list must still be set first.
        importlib.import_module("georeview.sandbox_readers")
    module, _, name = order.reader.partition(":")
    found: Callable[..., object] = getattr(importlib.import_module(module), name)
    tempfile.tempdir = str(order.scratch)
    os.environ["TMPDIR"] = os.environ["CPL_TMPDIR"] = str(order.scratch)
    paths = list(_paths(order.args))
    folders = [path for path in paths if path.is_dir()]
    _cap(order.caps)
    raise_walls([path for path in paths if path not in folders], [order.scratch, *folders])
    return found


def _paths(args: tuple[object, ...]) -> Iterator[Path]:
    for arg in args:
        if isinstance(arg, Path):
            yield arg.resolve()
        elif isinstance(arg, tuple):
            yield from _paths(arg)


def _cap(caps: Limits) -> None:
    _limit(resource.RLIMIT_AS, _address_space() + caps.memory_mb * 2**20)
    # A second later than the soft limit, whose signal tells the parent what happened.
    _limit(resource.RLIMIT_CPU, int(caps.seconds) + 1, beyond=1)
    _limit(resource.RLIMIT_FSIZE, caps.file_mb * 2**20)
    _limit(resource.RLIMIT_CORE, 0)


def _limit(what: int, most: int, beyond: int = 0) -> None:
    _, hard = resource.getrlimit(what)
    known = hard != resource.RLIM_INFINITY
    soft, top = (min(n, hard) if known else n for n in (most, most + beyond))
    resource.setrlimit(what, (soft, top))


def _address_space() -> int:
    with open("/proc/self/statm", encoding="ascii") as status:  # noqa: PTH123 - a kernel table
        return int(status.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
