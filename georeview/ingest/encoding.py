"""Which encoding the bytes of a file's texts are in, decided by strict decoding of all of them.

Marks lie: a `.cpg` that says GBK covers GB18030 text with four-byte characters, which GDAL would turn
to rubbish without an error; an absent one says nothing. So the bytes decide, the marks only rank.
"""

import codecs
from collections.abc import Iterable
from dataclasses import dataclass

from georeview.errors import EncodingUnclear, EncodingWrong

_ALIASES = {
    "utf-8": ("UTF-8", "UTF8", "65001", "CP65001"),
    "gb18030": (
        "GB18030",
        "GBK",
        "CP936",
        "936",
        "GB2312",
        "ANSI 936",
        "ANSI936",
        "EUC-CN",
        "MS936",
    ),
    "big5": ("BIG5", "BIG-5", "950", "CP950", "ANSI 950"),
}
_KNOWN = {alias: name for name, aliases in _ALIASES.items() for alias in aliases}
_LDID = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "big5", 0x78: "big5"}
_ORDER = ("gb18030", "big5", "utf-8")


@dataclass(frozen=True, slots=True)
class Raw:
    """One text as bytes, and where it stands."""

    data: bytes
    row: int
    column: str


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding and what spoke for it: given, cpg, ldid, content or ascii."""

    name: str
    by: str
    lied: str | None = None


def known(name: str | None) -> str | None:
    """Our name of an encoding, ``None`` when it says nothing to us."""
    return _KNOWN.get((name or "").strip().upper())


def decide(
    texts: Iterable[Raw], *, given: str | None, cpg: str | None, ldid: int, file: str
) -> Encoding:
    """The encoding of a file's texts.

    Args:
        texts: All texts of the file.
        given: What the user says; believed or refused, never overruled.
        cpg: What the ``.cpg`` says.
        ldid: dBASE language byte.
        file: Name for the sentence.

    Raises:
        EncodingWrong: The given encoding does not fit.
        EncodingUnclear: No encoding fits.
    """
    fits = _Fits()
    for raw in texts:
        fits.take(raw)
    if given is not None:
        name = known(given)
        bad = fits.first_bad[name] if name else fits.first
        if name is None or bad is not None:
            where = bad or Raw(b"", 0, "-")
            raise EncodingWrong(file=file, encoding=given, column=where.column, row=where.row)
        return Encoding(name, "given")
    claims = [(known(cpg), "cpg"), (_LDID.get(ldid), "ldid")]
    if fits.first is None:
        claim = next(((name, by) for name, by in claims if name), ("utf-8", "ascii"))
        return Encoding(*claim)
    lied = None
    if fits.surely_utf8() and "utf-8" not in {name for name, _ in claims}:
        # Most UTF-8 is also valid, and nonsense, in the encoding a mark wrongly names.
        lied = next((name for name, _ in claims if name), None)
        return Encoding("utf-8", "content", lied)
    for name, by in (*claims, *((name, "content") for name in _ORDER)):
        if name and fits.first_bad[name] is None:
            return Encoding(name, by, lied)
        if name and by != "content":
            lied = lied or name
    # The first text that the likeliest encoding cannot read, for the sentence.
    worst = fits.first_bad[_ORDER[0]] or fits.first
    raise EncodingUnclear(file=file, column=worst.column, row=worst.row)


def decode(data: bytes, name: str) -> tuple[str, bool] | None:
    """Text of bytes, and whether a character cut in the middle was dropped from its end.

    Returns ``None`` when the bytes are not in this encoding.
    """
    try:
        return data.decode(name), False
    except UnicodeDecodeError:
        pass
    decoder = codecs.getincrementaldecoder(name)("strict")
    try:
        text = decoder.decode(data)
    except UnicodeDecodeError:
        return None
    # What is left in the decoder is the beginning of a character whose end the field had no room for.
    pending = decoder.getstate()[0]
    return (text, True) if 0 < len(pending) <= 3 else None


class _Fits:
    """Which encodings all texts so far are in; nothing is kept of those that are."""

    def __init__(self) -> None:
        self.first: Raw | None = None
        """The first text beyond ASCII."""
        self.first_bad: dict[str, Raw | None] = dict.fromkeys(_ORDER)
        """Encoding → the first text that is not in it."""
        self._three_bytes = False

    def take(self, raw: Raw) -> None:
        """Look at one text more."""
        if raw.data.isascii():
            return
        self.first = self.first or raw
        for name, bad in self.first_bad.items():
            if bad is None:
                found = decode(raw.data, name)
                if found is None:
                    self.first_bad[name] = raw
                elif name == "utf-8":
                    self._three_bytes = self._three_bytes or max(found[0], default="") >= "\u0800"

    def surely_utf8(self) -> bool:
        """Whether all texts are UTF-8 and some hold three bytes a character, as Chinese does.

        Two-byte characters prove nothing: 图 in GBK is also a Greek letter in UTF-8.
        """
        return self.first_bad["utf-8"] is None and self._three_bytes
