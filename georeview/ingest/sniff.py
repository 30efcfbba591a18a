"""What a file really is, whatever its name says."""

import re

from georeview.errors.files import FormatDisguised
from georeview.ingest.archive import Source

SHAPEFILE_MAGIC = b"\x00\x00\x27\x0a"
SQLITE_MAGIC = b"SQLite format 3\x00"


def sniff(source: Source, suffix: str, magic: bytes) -> None:
    """Refuse what only bears the name: descriptions that would read other files, or a network.

    Raises:
        FormatDisguised: The content is of another kind.
    """
    with source.parts[suffix].open("rb") as file:
        start = file.read(512)
    if not start.startswith(magic):
        raise FormatDisguised(file=source.name, found=looks_like(start))


def looks_like(start: bytes) -> str:
    """What the first bytes of a file look like, for the sentence."""
    text = start.lstrip(b"\xef\xbb\xbf \r\n\t")
    if found := re.match(rb"<\??\s*([A-Za-z_]{1,30})", text):
        return "XML " + found[1].decode("ascii")
    for magic, name in ((b"PK", "zip"), (b"%PDF", "PDF"), (b"{", "JSON"), (SQLITE_MAGIC, "SQLite")):
        if start.startswith(magic):
            return name
    return "?"
