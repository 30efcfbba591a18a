"""Names of columns: within ten bytes, each once, the sender's first."""

from hypothesis import given
from hypothesis import strategies as st

from georeview.core.fields import EXPORT_FIELDS
from georeview.exports import names
from georeview.exports.base import Extra, Schema
from georeview.ingest.columns import match

HEADERS = st.lists(
    st.one_of(
        st.text(min_size=1, max_size=20).filter(
            lambda t: not any("\ud800" <= c <= "\udfff" for c in t)
        ),
        st.sampled_from(
            [
                "MARK",
                "mark",
                "GR_MARK",
                "PLOT_ID",
                "图斑所在行政村名称",
                "图斑所在行政村代码",
                "CUT",
            ]
        ),
    ),
    unique=True,
    max_size=12,
)


def schema(*headers: str) -> Schema:
    return Schema(EXPORT_FIELDS, tuple(Extra(header, "text", 10, 0) for header in headers))


@given(HEADERS, st.sampled_from(["utf-8", "gb18030"]))
def test_every_name_fits_and_is_there_once(headers, encoding) -> None:
    for made in (names.short(schema(*headers), encoding), names.long(schema(*headers), encoding)):
        found = [column.name for column in made]
        assert len({name.casefold() for name in found}) == len(found)
        assert {column.key for column in made if not column.ours} == set(headers)
    for column in names.short(schema(*headers), encoding):
        assert 0 < len(column.name.encode(encoding)) <= 10


def test_without_a_clash_ours_are_those_of_the_dictionary() -> None:
    ours = [c.name for c in names.short(schema(), "utf-8") if c.key != "cut"]
    assert ours == [field.short for field in EXPORT_FIELDS]


def test_ours_give_way() -> None:
    made = {c.key: c.name for c in names.short(schema("Mark", "MULTI_CNTY"), "utf-8") if c.ours}
    assert made["mark"] == "GR_MARK"
    assert made["multi_county"] == "GR_MULTI_C"


def test_long_headers_lose_whole_characters_and_stay_apart() -> None:
    headers = ("图斑所在行政村名称", "图斑所在行政村代码", "VERYLONGHEADER")
    utf8 = [c.name for c in names.short(schema(*headers), "utf-8") if not c.ours]
    assert utf8 == ["图斑所", "图斑_1", "VERYLONGHE"]
    gb18030 = [c.name for c in names.short(schema("图斑编号"), "gb18030") if not c.ours]
    assert gb18030 == ["图斑编号"]


def test_a_header_that_was_cut_is_still_understood_on_the_way_in() -> None:
    utf8 = [c.name for c in names.short(schema("图斑编号"), "utf-8") if not c.ours]
    assert match(utf8, {}) == {"source_id": "图斑编"}
