"""Which encoding the bytes of a file's texts are in, decided by strict decoding of all of them.

Marks lie: a ``.cpg`` that says GBK covers GB18030 text with four-byte characters, which GDAL would
turn to rubbish without an error; an absent one says nothing. So the bytes decide, the marks only
rank. Bytes that are valid in two encodings are told apart by how common the characters are that
they make: what is nonsense in one reads as rare characters there.
"""

import codecs
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import NamedTuple

from georeview.errors.files import EncodingNotKnown, EncodingUnclear, EncodingWrong
from georeview.ingest.report import Fact, Flag

ENCODINGS = ("gb18030", "big5", "utf-8")
"""Those that are tried, the likeliest here first."""

MOST_DAMAGED = 0.01
FEWEST = 100
"""A file of so many texts beyond ASCII is read although so many of them are damaged."""

LIKELIER = 0.25
"""By how much more of its characters must be common ones for an encoding to overrule a mark."""

_JUDGED = 5_000
"""Texts whose characters are looked at; all are looked at for being valid."""

_TOGETHER = 2_000
"""Texts that are looked at together."""

_FEWEST_CHARACTERS = 4

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
_SAY_NOTHING = frozenset({"SYSTEM", "ANSI", "OEM", "UNKNOWN"})
"""What some programs write into a ``.cpg`` that names no encoding."""


class Raw(NamedTuple):
    """One text as bytes, and where it stands."""

    data: bytes
    row: int
    column: str


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding, and how it was found.

    Attributes:
        name: One of ``ENCODINGS``.
        by: What spoke for it: given, cpg, ldid, content or ascii.
        lied: What a mark says instead.
        damaged: How many different texts hold bytes that are not in it.
        first_damaged: The first of them.
    """

    name: str
    by: str
    lied: str | None = None
    damaged: int = 0
    first_damaged: Raw | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How texts read in an encoding, for a person to choose."""

    encoding: str
    samples: tuple[str, ...]


def known(name: str | None) -> str | None:
    """Our name of an encoding, ``None`` when it says nothing to us."""
    return _KNOWN.get((name or "").strip().upper())


def decide(
    texts: Iterable[Raw], *, given: str | None, cpg: str | None, ldid: int, file: str
) -> Encoding:
    """The encoding of a file's texts.

    Args:
        texts: All texts of the file; equal ones need not come twice.
        given: What the user says; believed or refused, never overruled.
        cpg: What the ``.cpg`` says.
        ldid: dBASE language byte.
        file: Name for the sentence.

    Raises:
        EncodingNotKnown: The given encoding is none of those read here.
        EncodingWrong: The given encoding does not fit.
        EncodingUnclear: No encoding fits.
    """
    seen, remaining = _Seen(), iter(texts)
    while some := list(islice(remaining, _TOGETHER)):
        seen.take(some)
    if given is not None:
        return _given(given, seen, file)
    marks = _marks(cpg, ldid)
    if seen.first is None:
        name, by = next(((name, by) for name, by, _ in marks if name), ("utf-8", "ascii"))
        return Encoding(name, by)
    # Encodings that all texts are in; failing that, those that nearly all are in.
    fitting = seen.fitting(damaged=False) or seen.fitting(damaged=True)
    if not fitting:
        worst = seen.of[ENCODINGS[0]].first_bad or seen.first
        raise EncodingUnclear(file=file, column=worst.column, row=worst.row)
    return _ranked(fitting, marks, seen)


def readings(texts: Iterable[bytes], samples: int = 3) -> tuple[Reading, ...]:
    """How texts would read in each encoding that most of them are in, the likeliest first.

    Args:
        texts: Texts as bytes; those of ASCII alone say nothing.
        samples: Different texts to show of each.
    """
    seen, foreign = _Seen(), [data for data in texts if not data.isascii()]
    seen.take([Raw(data, row, "-") for row, data in enumerate(foreign, 1)])
    fitting = [name for name in ENCODINGS if 2 * seen.of[name].bad < len(foreign)]
    order = sorted(fitting, key=lambda name: (seen.of[name].bad, -seen.likely(name)))
    return tuple(
        Reading(
            name, tuple(dict.fromkeys(forced(data, name).strip() for data in foreign))[:samples]
        )
        for name in order
    )


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


def note(found: Encoding) -> tuple[Flag, ...]:
    """What there is to say about how an encoding was found."""
    notes = []
    if found.lied:
        notes.append(Flag("encoding_lied", {"stated": found.lied, "found": found.name}))
    if found.first_damaged is not None:
        first = found.first_damaged
        facts: dict[str, Fact] = {"n": found.damaged, "encoding": found.name}
        notes.append(Flag("texts_damaged", {**facts, "row": first.row, "column": first.column}))
    return tuple(notes)


def forced(data: bytes, name: str) -> str:
    """Text of bytes whatever they are: what is not in the encoding becomes U+FFFD."""
    found = decode(data, name)
    return data.decode(name, "replace") if found is None else found[0]


def _given(given: str, seen: "_Seen", file: str) -> Encoding:
    name = known(given)
    if name is None:
        raise EncodingNotKnown(encoding=given[:40], known=", ".join(ENCODINGS))
    if name not in seen.fitting(damaged=True):
        bad = seen.of[name].first_bad or Raw(b"", 0, "-")
        raise EncodingWrong(file=file, encoding=given, column=bad.column, row=bad.row)
    return seen.encoding(name, "given")


Mark = tuple[str | None, str, str]
"""Our name of what a mark says, which mark it is, and its words."""


def _marks(cpg: str | None, ldid: int) -> list[Mark]:
    """What the file says of its encoding, the surer mark first."""
    words = (cpg or "").strip()
    marks: list[Mark] = []
    if words and words.upper() not in _SAY_NOTHING:
        marks.append((known(words), "cpg", words[:40]))
    if ldid in _LDID:
        marks.append((_LDID[ldid], "ldid", _LDID[ldid]))
    return marks


def _ranked(fitting: Sequence[str], marks: Sequence[Mark], seen: "_Seen") -> Encoding:
    """The encoding of those that fit: what a mark says, unless another is far likelier."""
    best = fitting[0]
    for name in fitting[1:]:
        best = name if seen.likelier(name, best) else best
    lied = None
    for stated, by, words in marks:
        if stated is not None and stated in fitting and not seen.likelier(best, stated):
            return seen.encoding(stated, by, lied)
        lied = lied or words
    return seen.encoding(best, "content", lied)


@dataclass(slots=True)
class _Fit:
    """How texts so far fit one encoding."""

    first_bad: Raw | None = None
    bad: int = 0
    characters: int = 0
    common: int = 0


class _Seen:
    """All texts so far; nothing is kept of them but how they fit."""

    def __init__(self) -> None:
        self.of = {name: _Fit() for name in ENCODINGS}
        self.first: Raw | None = None
        """The first text beyond ASCII."""
        self._n = 0
        self._three_bytes = False

    def take(self, some: Sequence[Raw]) -> None:
        """Look at some texts more."""
        foreign = [raw for raw in some if not raw.data.isascii()]
        judged = max(0, _JUDGED - self._n)
        for raw in foreign[:judged]:
            self._take(raw, self.of)
        rest = foreign[judged:]
        # No line end is the end of a character: what is sound together is sound one by one.
        together = b"\n".join(raw.data for raw in rest)
        unsound = [name for name, fit in self.of.items() if not self._sound(together, name, fit)]
        for raw in rest:
            self._take(raw, unsound)

    def _sound(self, together: bytes, name: str, fit: "_Fit") -> bool:
        """Whether texts are in an encoding, every one."""
        if not together or self._hopeless(fit):
            return True
        try:
            text = together.decode(name)
        except UnicodeDecodeError:
            return False
        self._three_bytes |= name == "utf-8" and max(text) >= "\u0800"
        return True

    def _take(self, raw: Raw, names: Iterable[str]) -> None:
        """Look at one text as one of these encodings."""
        self.first = self.first or raw
        self._n += 1
        for name in names:
            fit = self.of[name]
            if self._hopeless(fit):
                continue
            found = decode(raw.data, name)
            if found is None:
                fit.bad += 1
                fit.first_bad = fit.first_bad or raw
            elif name == "utf-8":
                self._three_bytes = self._three_bytes or max(found[0], default="") >= "\u0800"
            elif self._n <= _JUDGED:
                fit.characters += sum(char >= "\u3400" for char in found[0])
                fit.common += sum(map(_common(name).__contains__, found[0]))

    def fitting(self, *, damaged: bool) -> list[str]:
        """Encodings that all texts are in, or also those that all but a few damaged ones are in."""
        few = self._n * MOST_DAMAGED if damaged and self._n >= FEWEST else 0
        return [name for name, fit in self.of.items() if fit.bad <= few]

    def likely(self, name: str) -> float:
        """Share of the characters that are common ones, 0-1.

        Chinese that is valid UTF-8 is nothing else. Two-byte characters prove nothing: 图 in GBK is
        also a Greek letter in UTF-8.
        """
        if name == "utf-8":
            return 2.0 if self._three_bytes else 0.0
        fit = self.of[name]
        return fit.common / fit.characters if fit.characters >= _FEWEST_CHARACTERS else 0.0

    def likelier(self, one: str, other: str) -> bool:
        """Whether one encoding is far likelier than another."""
        return self.likely(one) - self.likely(other) > LIKELIER

    def encoding(self, name: str, by: str, lied: str | None = None) -> Encoding:
        """An encoding that fits, with what is damaged."""
        return Encoding(name, by, lied, self.of[name].bad, self.of[name].first_bad)

    def _hopeless(self, fit: _Fit) -> bool:
        return fit.bad > FEWEST + self._n * MOST_DAMAGED


@cache
def _common(name: str) -> frozenset[str]:
    """The characters in daily use: level 1 of GB 2312, level 1 of Big5."""
    leads, trails = {
        "gb18030": (range(0xB0, 0xD8), (*range(0xA1, 0xFF),)),
        "big5": (range(0xA4, 0xC7), (*range(0x40, 0x7F), *range(0xA1, 0xFF))),
    }[name]
    pairs = (bytes((lead, trail)) for lead in leads for trail in trails)
    return frozenset("".join(pair.decode(name, "ignore") for pair in pairs))
