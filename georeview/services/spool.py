"""What waits in a file of the home while a load goes on: too much for memory, gone afterwards."""

import struct
from collections.abc import Callable, Iterator
from pathlib import Path

from georeview.storage.files import refusing

_SIZE = struct.Struct("<q")


class Spool:
    """Pieces of bytes in a file, in the order they were put there.

    Args:
        path: The file, in a folder that goes when the load is over.
        need_room: Refuses when the disk is nearly full.
    """

    def __init__(self, path: Path, need_room: Callable[[], None]) -> None:
        self._path = path
        self._need_room = need_room
        self._end = 0

    def put(self, piece: bytes) -> int:
        """Put a piece behind the others; where it begins.

        Raises:
            Unavailable: The disk is full or cannot be written.
        """
        self._need_room()
        at = self._end
        with refusing(), self._path.open("ab") as file:
            file.write(_SIZE.pack(len(piece)))
            file.write(piece)
            self._end = file.tell()
        return at

    def pieces(self) -> Iterator[tuple[int, bytes]]:
        """All pieces, each with where it begins."""
        at = 0
        while at < self._end:
            piece = self.at(at)
            yield at, piece
            at += _SIZE.size + len(piece)

    def at(self, start: int) -> bytes:
        """The piece that begins there."""
        with self._path.open("rb") as file:
            file.seek(start)
            (size,) = _SIZE.unpack(file.read(_SIZE.size))
            return file.read(size)

    def drop(self) -> None:
        """Give the room back before the load is over; nothing is read any more."""
        self._path.unlink(missing_ok=True)
        self._end = 0
