import json
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from georeview.core.heads import SignedHead, Verdict, as_text, judge, parse, payload
from georeview.errors.upkeep import HeadMalformed

HEAD = SignedHead(
    store="巴中",
    seq=7,
    hash="a" * 64,
    why="backup",
    covers="",
    signed_at="2023-04-10T02:00:00.000+00:00",
    key="b" * 64,
    signature="c" * 128,
)


@given(st.text(max_size=20), st.integers(0, 2**62))
def test_a_head_comes_back_from_its_file(store: str, seq: int) -> None:
    head = replace(HEAD, store=store, seq=seq)
    assert parse(as_text(head), "f") == head


def test_it_is_found_in_the_report_of_an_export() -> None:
    report = {"file": "plots.zip", "options": {"signed_head": json.loads(as_text(HEAD))}}
    assert parse(json.dumps(report), "f") == HEAD


@pytest.mark.parametrize("name", [f.name for f in fields(SignedHead) if f.name != "signature"])
def test_every_field_is_signed(name: str) -> None:
    value = getattr(HEAD, name)
    other = replace(HEAD, **{name: value + 1 if isinstance(value, int) else value[1:] + "0"})
    assert payload(other) != payload(HEAD)


def test_the_signature_signs_all_but_itself() -> None:
    assert payload(replace(HEAD, signature="d" * 128)) == payload(HEAD)
    assert payload(HEAD).decode("utf-8").startswith('{"covers":"","format":"georeview head 1"')


def changed(**values: object) -> str:
    return json.dumps({**json.loads(as_text(HEAD)), **values})


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "null", '"x"', "{", "{}", '{"options": 1}', '{"options": {"signed_head": null}}',
        "[" * 100_000,
        changed(format="georeview head 2"),
        changed(seq="7"), changed(seq=True), changed(seq=-1), changed(seq=7.0),
        changed(hash="A" * 64), changed(hash="a" * 63), changed(key=None), changed(signature=""),
        changed(store=3), changed(more="x"),
    ],
)  # fmt: skip
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(HeadMalformed):
        parse(text, "f")


@pytest.mark.parametrize(
    ("holds", "store", "found", "verdict"),
    [
        (True, "巴中", "a" * 64, Verdict.HELD),
        (False, "巴中", "a" * 64, Verdict.FORGED),
        (True, "other", "a" * 64, Verdict.OTHER_STORE),
        (True, "巴中", None, Verdict.CUT),
        (True, "巴中", "f" * 64, Verdict.REWRITTEN),
    ],
)
def test_the_ledger_answers_a_head(
    *, holds: bool, store: str, found: str | None, verdict: Verdict
) -> None:
    assert judge(HEAD, store=store, found=found, holds=lambda _: holds) is verdict
