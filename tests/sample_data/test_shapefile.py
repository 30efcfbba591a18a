import pytest

from sample_data.shapefile import Column, cut, dbf


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_text_is_cut_between_characters(encoding):
    for width in range(1, 20):
        data = cut("河a𠮷道b䃅湖", width, encoding)
        assert len(data) <= width
        assert "河a𠮷道b䃅湖".startswith(data.decode(encoding))


def test_a_table_has_no_language_byte_and_blanks_for_nothing():
    table = dbf((Column("A", "C", 4), Column("B", "N", 6, 2)), [{"A": "河"}, {"B": 1.5}], "gb18030")
    assert table[29] == 0
    records = table[33 + 2 * 32 : -1]
    assert records == b" " + "河".encode("gb18030") + b" " * 2 + b" " * 6 + b" " * 5 + b"  1.50"
