"""A home as a whole: the files that belong to it, and one that is put together and moved in."""

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from georeview.errors.exports import OutNotWritable
from georeview.errors.upkeep import HomeNotEmpty
from georeview.settings import DATABASE
from georeview.storage.files import KEPT, MARKER, Files, copy_in, plain_name, refusing, sync_folder


def kept(home: Path, evidence: Iterable[str], scenes: Iterable[str]) -> Iterator[tuple[str, Path]]:
    """The files that belong to a state of the store: where each goes in a home, where it lies.

    All uploads are among them, for one too many harms nobody.

    Args:
        home: The home.
        evidence: Hashes of the evidence.
        scenes: The images.
    """
    found = [Files(home).path("evidence", sha256) for sha256 in evidence]
    found += sorted((home / "sources").glob("??/" + "?" * 64))
    for scene_id in scenes:
        found += sorted((home / "imagery" / plain_name(scene_id)).glob("*.*"))
    for path in found:
        yield path.relative_to(home).as_posix(), path


def need_empty(home: Path) -> None:
    """Refuse a home in which anything lies.

    Raises:
        HomeNotEmpty: Something does.
    """
    with refusing():
        there = home.iterdir() if home.exists() else ()
        found = sorted(path.name for path in there if path.name != "lost+found")
    if found:
        raise HomeNotEmpty(what=found[0][:80])


@contextmanager
def arriving(home: Path) -> Iterator[Path]:
    """A folder in which a home is put together; what is left in it goes afterwards.

    Whoever has put it together moves it in with ``move_in``.
    """
    part = home / f".part-{secrets.token_hex(8)}"
    made = not home.exists()
    try:
        with refusing():
            part.mkdir(parents=True)
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)
        if made:
            # Only if nothing has moved in.
            with suppress(OSError):
                home.rmdir()


def move_in(home: Path, folder: Path, *, database: bool) -> None:
    """Move what was put together into the home, the database last.

    Args:
        home: The home.
        folder: What ``arriving`` gave.
        database: Whether the embedded store's file is among it.
    """
    names = [name for name in KEPT if name != DATABASE] + [MARKER]
    with refusing():
        for name in [*names, DATABASE] if database else names:
            if (folder / name).exists():
                (folder / name).rename(home / name)
        sync_folder(home)


def copy(source: Path, target: Path) -> None:
    """Copy a file into another home; it is on the disk when this returns.

    Raises:
        Unavailable: The disk is full or cannot be written.
    """
    with refusing():
        target.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as stream:
            copy_in(stream, target, limit_bytes=source.stat().st_size)
        target.chmod(0o440)


def put(file: Path, content: bytes) -> None:
    """Put a small file somewhere outside the home: it is there whole, and on the disk, or not.

    Raises:
        OutNotWritable: It cannot be put there.
    """
    part = file.with_name(f".{file.name}.part-{secrets.token_hex(8)}")
    try:
        with part.open("xb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
        sync_folder(file.parent)
    except OSError as error:
        raise OutNotWritable(out=file.name) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
