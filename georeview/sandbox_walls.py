"""Walls the kernel puts round a reader: no network, no other programs, no foreign files.

Landlock (Linux 5.13 and later) and an empty network namespace; both need no rights of their own
on most kernels. Where one is missing the other walls stand: the driver list and the limits of
``georeview.sandbox`` hold everywhere.
"""

import ctypes
import os
import signal
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_PATH_BENEATH = 1
_PARENT_DEATH_SIGNAL, _NO_NEW_PRIVS = 1, 38

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14
_FOR_FILES = _WRITE_FILE | _READ_FILE | _TRUNCATE
_ALL_SINCE = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1}
"""Rights over files a kernel knows, by version of its interface."""
_TCP = 0b11
_SCOPED = 0b11
"""Abstract sockets and signals, since version 6."""


def raise_walls(readable: Iterable[Path], writable: Iterable[Path]) -> None:
    """Confine this process for the rest of its life.

    Args:
        readable: Files and folders it may read, beside Python and our own code.
        writable: Files and folders it may also change.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    _leave_the_network(libc)
    _keep_to_files(libc, (*_own_code(), *readable), (Path(os.devnull), *writable))


def end_with_parent() -> None:
    """Let the kernel end this process when the one that started it has ended, however it did."""
    ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)


def landlock_version(libc: ctypes.CDLL | None = None) -> int:
    """Version of the kernel's interface for walls round files; below 1 where there is none."""
    libc = libc or ctypes.CDLL(None)
    return int(libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1))


def _own_code() -> tuple[Path, ...]:
    """What Python, its packages and ours are read from while a reader runs."""
    packages = (Path(entry) for entry in sys.path if entry.endswith("-packages"))
    roots = (Path(sys.prefix), Path(sys.base_prefix), Path("/usr"), Path("/lib"), Path("/lib64"))
    system = ("/etc/ld.so.cache", "/etc/localtime", "/dev/urandom", "/proc/meminfo")
    return (*roots, *packages, *map(Path, system), Path(__file__).parent)


def _leave_the_network(libc: ctypes.CDLL) -> None:
    if libc.unshare(_NEW_NET) != 0:
        libc.unshare(_NEW_USER | _NEW_NET)


def _keep_to_files(libc: ctypes.CDLL, readable: Iterable[Path], writable: Iterable[Path]) -> None:
    version = landlock_version(libc)
    if version < 1:
        return
    everything = _ALL_SINCE[min(version, 3)]
    rules = struct.pack("=QQQ", everything, _TCP, _SCOPED)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = libc.syscall(_CREATE_RULESET, rules, ctypes.c_size_t(size), 0)
    if ruleset < 0:
        return
    for path in readable:
        _allow(libc, ruleset, path, _READ_FILE | _READ_DIR)
    for path in writable:
        _allow(libc, ruleset, path, everything & ~_EXECUTE)
    libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.syscall(_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    if not path.exists():
        return
    allowed = rights if path.is_dir() else rights & _FOR_FILES
    handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", allowed, handle)
        libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
    finally:
        os.close(handle)
