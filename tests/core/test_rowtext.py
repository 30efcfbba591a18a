"""Columns as JSON objects: what one row after the other would have given, to the byte."""

import json

from hypothesis import given
from hypothesis import strategies as st

from georeview.core.rowtext import cells, dump, objects

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)


@st.composite
def tables(draw):
    """Columns of one length, and the names of those that may be left out."""
    n = draw(st.integers(0, 4))
    columns = draw(st.dictionaries(names, st.lists(scalars, min_size=n, max_size=n), max_size=4))
    sparse = draw(st.sets(st.sampled_from([*columns, "nowhere"])))
    return n, columns, frozenset(sparse)


@given(tables())
def test_columns_give_what_rows_would(table):
    n, columns, sparse = table
    rows = [
        {k: v[i] for k, v in columns.items() if v[i] is not None or k not in sparse}
        for i in range(n)
    ]
    found = objects({name: cells(column) for name, column in columns.items()}, n, sparse)
    assert found == [dump(row) for row in rows]
    assert [json.loads(text) for text in found] == rows
