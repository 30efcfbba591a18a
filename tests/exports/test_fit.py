"""Texts and numbers made to fit: properties over anything that can be written."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from georeview.exports import fit, names
from georeview.exports.base import Column

ENCODINGS = st.sampled_from(["utf-8", "gb18030"])
CHINESE = st.sampled_from("水图斑𠮷䃅𬇙é€aA0 \n\u3000，\U0010ffff")
TEXTS = st.one_of(st.text(), st.text(CHINESE))


def column(width: int, kind: str = "text", decimals: int = 0) -> Column:
    return Column("C", "c", True, kind, width, decimals, "", "")


@given(
    TEXTS.filter(lambda t: not any("\ud800" <= c <= "\udfff" for c in t)),
    st.integers(0, 300),
    ENCODINGS,
)
def test_a_cut_text_is_the_longest_beginning_of_whole_characters(text, room, encoding) -> None:
    short = names.cut(text, room, encoding)
    assert text.startswith(short)
    assert len(short.encode(encoding)) <= room
    longer = text[: len(short) + 1]
    assert longer == short or len(longer.encode(encoding)) > room


@pytest.mark.parametrize("room", range(12))
def test_half_a_four_byte_character_leaves_nothing(room) -> None:
    # 0x81 0x30 0x81 0x30: its second byte alone would be the digit 0
    assert names.cut("𠮷𠮷𠮷", room, "gb18030") == "𠮷" * (room // 4)


@given(TEXTS, st.integers(1, 254), ENCODINGS)
def test_a_dbase_text_fits_and_says_when_it_changed(text, width, encoding) -> None:
    code, now = fit.for_dbase(encoding)(text, column(width))
    data = now.encode(encoding)
    assert len(data) <= width
    assert b"\x00" not in data
    assert now == now.strip(" ")
    assert (code is None) == (now == text)
    assert data.decode(encoding) == now


@given(TEXTS)
def test_no_cell_of_a_table_is_computed_and_all_read_back(text) -> None:
    code, now = fit.for_table(text, column(0))
    assert not now.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert (code is None) == (now == text)
    file = io.StringIO(newline="")
    csv.writer(file).writerow([now, "x"])
    file.seek(0)
    assert next(csv.reader(file)) == [now, "x"]
    now.encode("utf-8")


@given(TEXTS)
def test_other_formats_keep_every_character_but_halves_and_nothing(text) -> None:
    code, now = fit.as_they_are(text, column(0))
    assert (code is None) == (now == text)
    if code is None:
        now.encode("utf-8")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a\x00b", "a␀b"),
        ("\x1b[31m", "␛[31m"),
        ("x\u202ey", r"x\u202ey"),
        ("\x7f", "␡"),
        ("a\tb\n", "a\tb\n"),
    ],
)
def test_hidden_characters_are_shown(value, shown) -> None:
    assert fit.for_table(value, column(0))[1] == shown
