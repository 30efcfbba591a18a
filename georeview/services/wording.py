"""Refusals in words, the same for pages, answers and the command line."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from georeview import texts
from georeview.clock import SHANGHAI
from georeview.core.commands import LABELS
from georeview.core.fields import EXPORT_FIELDS
from georeview.core.requirements import describe

_EXPORTED = {field.name: field for field in EXPORT_FIELDS}
_NAMED_IN = ("field", "missing.field", "asked")
"""Sections of the texts that name fields, the first that does counts."""

_CODES = (
    ("stage", "stage"),
    ("action", "action"),
    ("state", "job.state"),
    ("state", "register.state"),
    ("action", "register.step"),
    ("mark", "ui.mark"),
    ("severity", "ui.severe"),
    ("option", "asked"),
    ("what", "filter"),
    ("possible", "filter"),
)
"""Fact that may be a code → section of the texts that says it in words."""


def field_name(code: str, lang: texts.Lang) -> str:
    """What people call a field; its code where it has no other name."""
    for section in _NAMED_IN:
        if (key := f"{section}.{code}") in texts.catalogue(lang):
            return texts.say(key, lang)
    if code in LABELS:
        return LABELS[code][0 if lang == "zh-CN" else 1]
    if code in _EXPORTED:
        field = _EXPORTED[code]
        return field.zh if lang == "zh-CN" else field.en
    return code


def readable(facts: Mapping[str, object], lang: texts.Lang) -> dict[str, object]:
    """Facts as people read them, times as they are here.

    Beside ``field``, which may name several with `` / `` between, ``field_name`` says it in words.
    """
    shown = dict(facts)
    if isinstance(shown.get("missing"), tuple):
        shown["missing"] = describe(shown["missing"], lang)
    for name in ("at", "until"):
        moment = shown.get(name)
        if isinstance(moment, str) and moment != "-":
            local = datetime.fromisoformat(moment).astimezone(SHANGHAI)
            shown[name] = local.strftime("%Y-%m-%d %H:%M")
    if "field" in shown:
        names = (field_name(code, lang) for code in str(shown["field"]).split(" / "))
        shown["field_name"] = " / ".join(dict.fromkeys(names))
    for name, section in _CODES:
        key = f"{section}.{shown.get(name)}"
        if key in texts.catalogue(lang):
            shown[name] = texts.say(key, lang)
    return shown


def refusal_in_words(known: Mapping[str, Any] | None, lang: texts.Lang) -> dict[str, Any] | None:
    """A refusal that was kept, as code and facts, in the reader's language."""
    if known is None:
        return None
    code, facts = known["code"], readable(known["facts"], lang)
    return {
        "code": code,
        "title": texts.say(f"error.{code}.say", lang, **facts),
        "hint": texts.say(f"error.{code}.hint", lang, **facts),
    }
