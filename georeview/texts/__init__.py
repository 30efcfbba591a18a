"""All sentences for people, one file per language; looked up by key and facts.

Keys are dotted (``error.stale_version.say``); a missing key is an error of ours and fails
loudly, for a test holds keys and placeholders equal over the languages.
"""

import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Literal, cast, get_args

Lang = Literal["zh-CN", "en"]
LANGS: tuple[Lang, ...] = get_args(Lang)
DEFAULT: Lang = "zh-CN"


@cache
def catalogue(lang: Lang) -> Mapping[str, str]:
    """All texts of one language as a flat mapping from dotted key to sentence."""
    raw = resources.files(__name__).joinpath(f"{lang}.toml").read_text(encoding="utf-8")
    flat: dict[str, str] = {}

    def walk(prefix: str, node: Mapping[str, object]) -> None:
        for key, value in node.items():
            if isinstance(value, Mapping):
                walk(f"{prefix}{key}.", value)
            else:
                flat[prefix + key] = cast("str", value)

    walk("", tomllib.loads(raw))
    return MappingProxyType(flat)


def say(key: str, lang: Lang = DEFAULT, **facts: object) -> str:
    """The sentence for a key, with the facts filled in.

    Raises:
        KeyError: The key, or a fact the sentence names, is not there.
    """
    return catalogue(lang)[key].format(**facts)


@lru_cache(maxsize=256)
def pick(accept_language: str | None) -> Lang:
    """The language to answer in, from an ``Accept-Language`` header (zh-CN when in doubt)."""
    ranked: list[tuple[float, int, Lang]] = []
    for place, item in enumerate((accept_language or "").split(",")):
        tag, _, params = item.strip().partition(";")
        weight = params.strip().removeprefix("q=") if params else "1"
        try:
            quality = float(weight)
        except ValueError:
            continue
        base = tag.strip().lower().split("-")[0]
        lang: Lang | None = "zh-CN" if base == "zh" else "en" if base == "en" else None
        if lang and quality > 0:
            ranked.append((-quality, place, lang))
    return min(ranked)[2] if ranked else DEFAULT
