"""Which encoding texts are in: bytes decide, marks rank, a person may say; damage is no refusal."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from georeview.errors.files import EncodingNotKnown, EncodingUnclear, EncodingWrong
from georeview.ingest.encoding import ENCODINGS, Encoding, Raw, decide, decode, forced, readings

SIMPLE = "巴州区恩阳区通江县南江县平昌县桥梁拦河闸坝水文设施临河房屋坑塘养殖河道管理范围内堆放砂石"
TRADITIONAL = "臺灣水利署河川局橋樑攔河堰水文設施臨河房屋坑塘養殖河道管理範圍內堆放砂石建築垃圾種植"
RARE = "𬇙水河𠮷䃅"


def words(text: str, n: int) -> list[str]:
    rng = random.Random(n)
    return ["".join(rng.sample(text, 6)) for _ in range(n)]


def found(
    texts: list[str | bytes], encoding: str = "gb18030", cpg: str | None = None, ldid: int = 0,
    said: str | None = None,
) -> Encoding:  # fmt: skip
    data = [text if isinstance(text, bytes) else text.encode(encoding) for text in texts]
    raws = [Raw(one, row, "BZ") for row, one in enumerate(data, 1)]
    return decide(raws, given=said, cpg=cpg, ldid=ldid, file="plots")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(SIMPLE, "gb18030"), (TRADITIONAL, "big5"), (SIMPLE, "utf-8"), (TRADITIONAL, "utf-8")],
)
@pytest.mark.parametrize("cpg", [None, "", "System", "GBK", "BIG5", "UTF-8", "ISO-8859-1", "936"])
@pytest.mark.parametrize("ldid", [0, 0x4D, 0x78, 0x57])
def test_no_mark_hides_what_the_bytes_say(
    text: str, encoding: str, cpg: str | None, ldid: int
) -> None:
    result = found(words(text, 30), encoding, cpg, ldid)
    assert (result.name, result.damaged) == (encoding, 0)
    stated = {"GBK": "gb18030", "936": "gb18030", "BIG5": "big5", "UTF-8": "utf-8"}.get(cpg or "")
    if cpg not in (None, "", "System") and stated != encoding:
        assert result.lied == cpg
    elif stated == encoding:
        assert (result.by, result.lied) == ("cpg", None)


@pytest.mark.parametrize(
    "mark", ["GBK", "gb2312", "ANSI 936", "cp936", "936", "GB18030", "EUC-CN", " GBK \r\n"]
)
def test_every_name_of_gbk_covers_four_byte_characters(mark: str) -> None:
    assert found([RARE], cpg=mark) == Encoding("gb18030", "cpg")


def test_a_person_is_believed_or_refused() -> None:
    assert found(words(SIMPLE, 5), said="GBK").by == "given"
    with pytest.raises(EncodingWrong) as wrong:
        found(["a", *words(SIMPLE, 5)], said="utf-8")
    assert wrong.value.facts["row"] == 2
    with pytest.raises(EncodingNotKnown) as unknown:
        found(["a"], said="utf-16")
    assert unknown.value.facts["known"] == "gb18030, big5, utf-8"


def test_a_few_damaged_texts_among_many_are_told_and_the_rest_is_read() -> None:
    texts: list[str | bytes] = [*words(SIMPLE, 300), b"\xb0\xcd\xff\xff\xd6\xdd"]
    result = found(texts, cpg="GBK")
    assert (result.name, result.by, result.damaged) == ("gb18030", "cpg", 1)
    assert result.first_damaged is not None
    assert result.first_damaged.row == 301
    assert found(texts, said="gb18030").damaged == 1
    assert forced(b"\xb0\xcd\xff\xff\xd6\xdd", "gb18030") == "巴\ufffd\ufffd州"


def test_many_damaged_texts_are_no_encoding() -> None:
    texts: list[str | bytes] = [*words(SIMPLE, 300), *(b"\xff\xff%d" % n for n in range(4))]
    with pytest.raises(EncodingUnclear) as unclear:
        found(texts)
    assert unclear.value.facts["row"] == 301


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=st.text(st.sampled_from("巴州河道管理水地石山𠮷䃅"), min_size=1, max_size=9), cut=st.integers(1, 3))  # fmt: skip
def test_a_character_cut_at_the_end_is_dropped_and_told(encoding: str, text: str, cut: int) -> None:
    text = text.encode(encoding, "ignore").decode(encoding)
    data = text.encode(encoding)
    size = len(data) - len(text[:-1].encode(encoding)) if text else 0
    assert decode(data, encoding) == (text, False)
    if 0 < cut < size:
        assert decode(data[:-cut], encoding) == (text[:-1], True)


def test_readings_show_each_encoding_the_likeliest_first() -> None:
    seen = readings([text.encode("gb18030") for text in words(SIMPLE, 40)])
    assert seen[0].encoding == "gb18030"
    assert seen[0].samples == tuple(words(SIMPLE, 40)[:3])
    seen = readings([text.encode("utf-8") for text in words(SIMPLE, 40)])
    assert seen[0].encoding == "utf-8"
    # What nothing proves is shown both ways.
    both = readings([text.encode("gb18030") for text in ("巴州", "河道")])
    assert {reading.encoding for reading in both} >= {"gb18030"}
    assert readings([b"ascii"]) == ()
