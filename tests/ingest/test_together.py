"""What is looked at together is what it would be one by one."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from georeview.errors.files import EncodingUnclear
from georeview.ingest import encoding
from georeview.ingest.dbf import Block, Column

CELL = st.one_of(
    st.integers(0, 10**9 - 1).map(lambda n: str(n).rjust(9)),
    st.text("0123456789 -.*", min_size=9, max_size=9),
    st.just(" " * 9),
)


@given(st.lists(CELL, min_size=1, max_size=5))
def test_whole_numbers_of_a_column(cells):
    records = np.frombuffer("".join(cells).encode("ascii"), dtype=np.uint8).reshape(-1, 9)
    found = Block(1, records).wholes(Column(b"N", "N", 0, 9, 0))
    plain = [cell == cell.strip().rjust(9) for cell in cells]
    shortest = [not cell.strip() or cell.strip() == str(_whole(cell)) for cell in cells]
    if found is None:
        assert not all(plain) or not all(shortest)
    else:
        assert found == [_whole(cell) if cell.strip() else None for cell in cells]
        assert all(plain)
        assert all(shortest)


def _whole(cell: str) -> int | None:
    return int(cell) if cell.strip().isdigit() else None


TEXT = st.one_of(
    st.text("巴中河图斑复核乡镇", min_size=1, max_size=4).flatmap(
        lambda text: st.sampled_from([text.encode(name) for name in ("gb18030", "utf-8")])
    ),
    st.sampled_from([b"plain", "巴中".encode("gb18030")[:3], b"\xff\xff\x00\xff"]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXT, max_size=12))
def test_the_encoding_of_texts(texts, monkeypatch):
    monkeypatch.setattr(encoding, "_JUDGED", 2)
    found = []
    for together in (1, 5):
        monkeypatch.setattr(encoding, "_TOGETHER", together)
        found.append(_decided(texts))
    assert found[0] == found[1]


def _decided(texts):
    raw = [encoding.Raw(data, row, "C") for row, data in enumerate(texts, 1)]
    try:
        return encoding.decide(iter(raw), given=None, cpg=None, ldid=0, file="f")
    except EncodingUnclear as refusal:
        return refusal.facts
