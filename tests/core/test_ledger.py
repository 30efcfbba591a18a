"""The chain: every column counts, order counts, floats stay outside."""

import sys
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from georeview.core.ledger import (
    GENESIS,
    HASHED,
    Draft,
    Event,
    Value,
    canonical,
    intact,
    keep,
    plainly,
)

DRAFT = Draft(
    event_id="e1",
    plot_id="p1",
    base=2,
    action="mark",
    actor="wang",
    unit="平昌县专班",
    role="county",
    observed_at="2023-05-04T09:02:03+08:00",
    recorded_at="2023-05-04T01:02:03.000+00:00",
    body={"mark": "confirmed"},
    before={"stage": "at_county"},
    after={"mark": "confirmed"},
)
EVENT = keep(DRAFT, seq=7, version=3, prev_hash=GENESIS)


def test_every_column_but_the_hash_is_hashed() -> None:
    assert {*HASHED, "hash"} == {field.name for field in fields(Event)}


@pytest.mark.parametrize("column", HASHED)
def test_a_change_in_any_column_is_seen(column: str) -> None:
    value = getattr(EVENT, column)
    changed = value + 1 if isinstance(value, int) else f"{value} "
    assert intact(EVENT)
    assert not intact(replace(EVENT, **{column: changed}))


def test_text_cannot_slip_from_one_column_into_the_next() -> None:
    moved = replace(EVENT, actor="wang平", unit="昌县专班")
    assert not intact(moved)
    with pytest.raises(ValueError, match="001F"):
        keep(replace(DRAFT, actor="wang\x1fx"), seq=1, version=1, prev_hash=GENESIS)


@pytest.mark.parametrize("body", [{"a": 1.5}, {"a": [1.0]}, {"a": {"b": 2.0}}])
def test_floats_are_refused(body: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        canonical(body)  # type: ignore[arg-type]


KEYS = st.dictionaries(st.text(max_size=8), st.text(max_size=8) | st.integers() | st.none())


@given(KEYS)
def test_the_order_of_keys_does_not_matter(body: dict[str, str | int | None]) -> None:
    assert canonical(body) == canonical(dict(reversed(body.items())))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=8), VALUES))
def test_the_quick_text_is_that_of_the_standard_library(body: dict[str, Value]) -> None:
    assert canonical(body) == plainly(body)


def test_every_character_stands_as_the_standard_library_writes_it() -> None:
    whole = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF]
    for start in range(0, len(whole), 50_000):
        body: dict[str, Value] = {"".join(whole[start : start + 50_000]): "".join(whole)[start:]}
        assert canonical(body) == plainly(body)


def test_half_characters_and_endless_numbers_go_the_slower_way() -> None:
    for value in ("\ud800", 2**64, -(2**63) - 1):
        assert canonical({"a": value}) == plainly({"a": value})
    with pytest.raises(UnicodeEncodeError):
        keep(replace(DRAFT, body={"a": "\ud800"}), seq=1, version=1, prev_hash=GENESIS)


def test_the_hash_of_an_event_never_changes() -> None:
    body: dict[str, Value] = {
        "note": "河道\t“采砂”\x7f",
        "mark": "confirmed",
        "ids": ["b", 1, None],
    }
    event = keep(replace(DRAFT, body=body), seq=7, version=3, prev_hash=GENESIS)
    assert event.body == '{"ids":["b",1,null],"mark":"confirmed","note":"河道\\t“采砂”\x7f"}'
    assert event.hash == "aec0c8441e7def2c0fcc5466f0f9f4aee295b76ee1d89df0c91bbae7f2cc4469"
