"""Text files as characters: marks at their beginning, then strict decoding of every line."""

import codecs
from dataclasses import replace
from pathlib import Path

from georeview.errors.files import EncodingWrong
from georeview.ingest.encoding import Encoding, decide, forced, known
from georeview.ingest.encoding import Raw as RawText

_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16"),
)
"""First bytes, how the rest is decoded, and what the encoding is called."""


def read(
    path: Path, name: str, given: str | None, stated: str | None = None
) -> tuple[str, Encoding]:
    """All characters of a file, and the encoding they were in.

    Args:
        path: The file.
        name: Its name for the sentence.
        given: What the user says of its encoding.
        stated: What the file says; the content is held against it.

    Raises:
        EncodingWrong: The given encoding does not fit.
        EncodingUnclear: No encoding fits.
    """
    return decoded(path.read_bytes(), name, given, stated)


def decoded(
    data: bytes, name: str, given: str | None, stated: str | None = None
) -> tuple[str, Encoding]:
    """The same for bytes."""
    for mark, codec, called in _MARKS:
        if data.startswith(mark):
            return _marked(data[len(mark) :], name, codec, given, called)
    lines = data.split(b"\n")
    texts = (RawText(line, number, "-") for number, line in enumerate(lines, 1))
    found = decide(texts, given=given, cpg=stated, ldid=0, file=name)
    if found.by == "cpg":
        found = replace(found, by="stated")
    try:
        return data.decode(found.name), found
    except UnicodeDecodeError:  # a character cut in the middle, or damaged bytes
        return "\n".join(forced(line, found.name) for line in lines), found


def _marked(
    data: bytes, name: str, codec: str, given: str | None, called: str
) -> tuple[str, Encoding]:
    """A mark is believed: no other encoding begins like that."""
    if given is not None and known(given) != called and given.lower() != called:
        raise EncodingWrong(file=name, encoding=given, column="-", row=1)
    try:
        return data.decode(codec), Encoding(called, "given" if given else "mark")
    except UnicodeDecodeError as error:
        row = data[: error.start].count("\n".encode(codec)) + 1
        raise EncodingWrong(file=name, encoding=called, column="-", row=row) from error
