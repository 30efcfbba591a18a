"""A long list as columns, in one JSON object that never stands in memory whole.

The list comes row by row and goes out column by column. What waits for its turn is text in a file
that has no name; the answer begins when all is read, so a refusal is still one.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from tempfile import SpooledTemporaryFile
from typing import IO

import numpy as np
import orjson
from fastapi import Response
from fastapi.responses import StreamingResponse

from api.shapes import Json

_IN_MEMORY = 1 << 18
"""Bytes of a column that wait in memory before the file is used."""

_WHOLE_BYTES = 1 << 20
"""Answers up to this size go out as they are: packing costs more than it saves on the way."""

_READ_BYTES = 1 << 18
_GZIP = 31


class Columns:
    """Text of several columns, growing part by part.

    Args:
        names: What the columns are called.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._texts: dict[str, IO[bytes]] = {name: _waiting() for name in names}
        self.size = 0

    def add(self, part: Mapping[str, Sequence[object]]) -> None:
        """Add as many rows to every column."""
        for name, text in self._texts.items():
            values = orjson.dumps(part[name])[1:-1]
            if values and text.tell():
                text.write(b",")
            self.size += text.write(values)

    def parts(self, beside: Json) -> Iterator[bytes]:
        """The whole object: what stands beside the columns, and then each of them.

        Args:
            beside: Further members; at least one.
        """
        yield orjson.dumps(beside, option=orjson.OPT_SERIALIZE_NUMPY)[:-1]
        for name, text in self._texts.items():
            yield b"," + orjson.dumps(name) + b":["
            text.seek(0)
            while piece := text.read(_READ_BYTES):
                yield piece
            yield b"]"
            text.close()
        yield b"}"


def _waiting() -> IO[bytes]:
    return SpooledTemporaryFile(_IN_MEMORY)


def order(ranks: Sequence[int]) -> object:
    """Places of the rows, from 0, in the order of their ranks, from 1."""
    rank = np.asarray(ranks, dtype=np.int64)
    places = np.empty(len(rank), dtype=np.int64)
    places[rank - 1] = np.arange(len(rank))
    return places


def answer(columns: Columns, beside: Json, accept_encoding: str) -> Response:
    """Columns as an answer: small ones whole, large ones piece by piece, packed where possible."""
    parts = columns.parts(beside)
    if columns.size <= _WHOLE_BYTES:
        return Response(b"".join(parts), media_type="application/json")
    headers = {"Vary": "Accept-Encoding"}
    if "gzip" in accept_encoding:
        headers["Content-Encoding"] = "gzip"
        parts = _packed(parts)
    return StreamingResponse(parts, media_type="application/json", headers=headers)


def _packed(parts: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(1, zlib.DEFLATED, _GZIP)
    for part in parts:
        if packed := packer.compress(part):
            yield packed
    yield packer.flush()
