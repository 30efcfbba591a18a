"""Archives in archives: their members as those of one, under the caps of the outermost file.

What unpacks to more than two hundred times its size is a bomb, however many layers it has; so all
members, and the inner archives themselves, count against what the file that was sent may come to.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath

from georeview.errors.files import ArchiveNested
from georeview.ingest import unpack
from georeview.ingest.parts import PACKED

DEEPEST = 4
"""Archives inside each other; a delivery has two or three."""


@contextmanager
def unpacked(path: Path, name: str, scratch: Path) -> Iterator[unpack.Packed]:
    """An archive with what lies in archives inside it, as ``inner.zip/plots.shp``.

    Args:
        path: The file.
        name: What the sender called it.
        scratch: Folder for what lies between.

    Raises:
        ArchiveNested: They are nested deeper than any delivery.
        GeoreviewError: What ``unpack.unpacked`` refuses, of it or of an inner one.
    """
    with ExitStack() as stack:
        members = _Members(stack, scratch, name, unpack.allowed(path))
        members.take(path, name, "", 1)
        yield unpack.Packed(tuple(members.found), members.copy)


class _Members:
    """Members of all archives there are, each with the archive it lies in.

    Args:
        stack: Closes the archives.
        scratch: Where inner archives are put.
        file: Name of the outermost one.
        most: Bytes that everything may come to.
    """

    def __init__(self, stack: ExitStack, scratch: Path, file: str, most: int) -> None:
        self._stack = stack
        self._scratch = scratch
        self._file = file
        self._bytes_left = most
        self._members_left = unpack.MAX_MEMBERS
        self._owners: dict[str, tuple[unpack.Packed, str]] = {}
        self._opened = 0
        self.found: list[unpack.Member] = []

    def take(self, path: Path, name: str, above: str, depth: int) -> None:
        """Take in the members of one archive, and of those in it."""
        self._opened += 1
        own = self._scratch / f"archive-{self._opened}"
        own.mkdir()
        packed = self._stack.enter_context(unpack.unpacked(path, name, own))
        claimed = sum(member.size for member in packed.members)
        self._bytes_left -= max(claimed, sum(between.stat().st_size for between in own.iterdir()))
        self._members_left -= len(packed.members)
        if min(self._bytes_left, self._members_left) < 0:
            raise unpack.too_large(self._file)
        for number, member in enumerate(packed.members):
            called = f"{above}{member.name}"
            if not is_packed(member.name):
                self.found.append(replace(member, name=called))
                self._owners[called] = (packed, member.name)
                continue
            inner = PurePosixPath(member.name).name[:60]
            if depth == DEEPEST:
                raise ArchiveNested(file=self._file, member=inner, n=DEEPEST)
            copy = own / f"inner-{number}"
            packed.copy({member.name: copy})
            self.take(copy, inner, f"{called}/", depth + 1)

    def copy(self, wanted: Mapping[str, Path]) -> None:
        """Copy members out of wherever they lie."""
        by_archive: dict[int, tuple[unpack.Packed, dict[str, Path]]] = {}
        for called, target in wanted.items():
            packed, member = self._owners[called]
            by_archive.setdefault(id(packed), (packed, {}))[1][member] = target
        for packed, some in by_archive.values():
            packed.copy(some)


def is_packed(member: str) -> bool:
    """Whether a member is called an archive; what a system hides is none."""
    return PurePosixPath(member).suffix.lower() in PACKED and not hidden(member)


def hidden(member: str) -> bool:
    """Whether a member is something that a system keeps for itself."""
    parts = PurePosixPath(member).parts
    return any(part.startswith(("__MACOSX", ".")) for part in parts if part != "..")
