"""The only way a file from outside is opened: in a child process with limits and no network.

A reader is a module-level function, named ``"module:function"``. It runs in a child whose memory,
processor time, wall time and file sizes are capped, whose GDAL knows only the drivers of
``georeview.drivers``, and which the kernel, where it lets us, gives no network. What it returns or
refuses comes back as a value; whatever else happens to it becomes a refusal that names the cap.

Readers that need GDAL are forked from a server that has it loaded (some 15 ms a child); the others
start a fresh, lighter interpreter.
"""

import ctypes
import importlib
import logging
import multiprocessing
import os
import resource
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection
from typing import Any

from georeview.errors import FileTooHeavy, FileTooSlow, GeoreviewError, ReaderFailed

log = logging.getLogger("georeview.sandbox")

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000


@dataclass(frozen=True, slots=True)
class Limits:
    """What a reader may use.

    Attributes:
        seconds: Wall time; processor time is capped alike.
        memory_mb: Address space beyond what the child starts with, in MB.
        file_mb: Largest file it may write, in MB.
    """

    seconds: float = 120
    memory_mb: int = 4096
    file_mb: int = 16_384


def run(reader: str, /, *args: object, limits: Limits | None = None, gdal: bool = True) -> Any:
    """Call a reader in a child process.

    Args:
        reader: ``"module:function"``.
        *args: What it is given; must be picklable.
        limits: Its caps.
        gdal: Whether it needs GDAL.

    Returns:
        What the reader returned.

    Raises:
        GeoreviewError: What the reader refused.
        FileTooHeavy: It needed more memory, or wrote more, than it may.
        FileTooSlow: It took too long.
        ReaderFailed: It broke in another way; the log says how.
    """
    caps = limits or Limits()
    context = _with_gdal() if gdal else multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(theirs, reader, args, caps), daemon=True)
    child.start()
    theirs.close()
    try:
        return _answer(ours, child, reader, caps)
    finally:
        ours.close()
        if child.is_alive():
            child.kill()
        child.join()
        child.close()


@cache
def _with_gdal() -> "multiprocessing.context.ForkServerContext":
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["georeview.sandbox_readers"])
    return context


def _answer(ours: Connection, child: Any, reader: str, caps: Limits) -> Any:
    if not ours.poll(caps.seconds):
        raise FileTooSlow(seconds=int(caps.seconds))
    try:
        kind, value = ours.recv()
    except EOFError as error:
        child.join()
        log.warning("sandbox.died", extra={"reader": reader, "exit": child.exitcode})
        raise FileTooHeavy(memory_mb=caps.memory_mb) from error
    if kind == "done":
        return value
    if kind == "refused":
        refusal, facts = value
        raise refusal(**facts)
    if kind == "memory":
        raise FileTooHeavy(memory_mb=caps.memory_mb)
    log.warning("sandbox.failed", extra={"reader": reader, "trace": value})
    raise ReaderFailed


def _child(theirs: Connection, reader: str, args: tuple[object, ...], caps: Limits) -> None:
    _cap(caps)
    _leave_the_network()
    try:
        theirs.send(("done", _named(reader)(*args)))
    except GeoreviewError as error:
        theirs.send(("refused", (type(error), error.facts)))
    except MemoryError:
        theirs.send(("memory", None))
    except BaseException as error:  # noqa: BLE001 - the edge of the process
        import traceback

        theirs.send(("failed", "".join(traceback.format_exception(error))))
    finally:
        theirs.close()


def _named(reader: str) -> Callable[..., object]:
    module, _, name = reader.partition(":")
    found: Callable[..., object] = getattr(importlib.import_module(module), name)
    return found


def _cap(caps: Limits) -> None:
    held = _address_space()
    _limit(resource.RLIMIT_AS, held + caps.memory_mb * 2**20)
    _limit(resource.RLIMIT_CPU, int(caps.seconds) + 1)
    _limit(resource.RLIMIT_FSIZE, caps.file_mb * 2**20)
    _limit(resource.RLIMIT_CORE, 0)


def _limit(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    lower = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (lower, lower))


def _address_space() -> int:
    with open("/proc/self/statm", encoding="ascii") as status:  # noqa: PTH123 - a kernel table
        return int(status.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def _leave_the_network() -> None:
    """Best effort: some kernels let only root do this; the driver list holds everywhere."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET) != 0:
        libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
