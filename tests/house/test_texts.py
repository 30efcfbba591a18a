"""Both languages say everything, with the same facts; every refusal has its sentence."""

import re
from string import Formatter

import pytest

from georeview import errors, texts
from tests.refusals import every_refusal


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_both_languages_have_the_same_keys_and_placeholders() -> None:
    zh, en = texts.catalogue("zh-CN"), texts.catalogue("en")
    assert set(zh) == set(en)
    different = {key for key in zh if placeholders(zh[key]) != placeholders(en[key])}
    assert not different


def test_nothing_is_left_in_the_other_language() -> None:
    latin = {
        key: sentence
        for key, sentence in texts.catalogue("en").items()
        if re.search(r"[\u4e00-\u9fff]", sentence) and not key.startswith("ui.lang")
    }
    assert not latin


@pytest.mark.parametrize("kind", every_refusal(), ids=lambda kind: kind.code)
def test_every_refusal_has_a_sentence_and_a_hint(kind: type[errors.GeoreviewError]) -> None:
    for lang in texts.LANGS:
        assert texts.catalogue(lang)[f"error.{kind.code}.say"]
        assert texts.catalogue(lang)[f"error.{kind.code}.hint"]


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in every_refusal()]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        (None, "zh-CN"),
        ("", "zh-CN"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("zh-TW,en;q=0.9", "zh-CN"),
        ("fr,en;q=0.5,zh;q=0.4", "en"),
        ("de", "zh-CN"),
        ("en;q=0,zh", "zh-CN"),
        ("en;q=x", "zh-CN"),
    ],
)
def test_language_is_picked_from_the_header(header: str | None, lang: str) -> None:
    assert texts.pick(header) == lang
