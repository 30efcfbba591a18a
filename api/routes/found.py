"""An import as it is answered: what was found in its files, in the reader's words."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from api.routes.jobs import shape as shape_of
from api.shapes import Json, shanghai
from georeview import texts
from georeview.services.choices import Choice, main_names
from georeview.services.told import MENDED
from georeview.services.upload import Upload
from georeview.services.wording import refusal_in_words


def item(upload: Upload, lang: texts.Lang) -> Json:
    """An import in a list."""
    options: Any = upload.looked.given.options
    shown = shape_of(upload.job, lang)
    return {
        "id": upload.looked.given.job_id,
        "state": upload.state,
        "batch": options["batch"],
        "area": options["area"],
        "files": options["files"],
        "review_due": options["review_due"],
        "rectify_due": options["rectify_due"],
        "update": bool(options.get("update")),
        "counts": upload.counts(),
        "progress": shown["progress"],
        "error": refusal_in_words(upload.error, lang),
        "job": upload.job.given.job_id,
        "asked_by": upload.looked.given.user,
        "created_at": shanghai(upload.looked.given.created_at),
        "finished_at": shown["finished_at"],
    }


def whole(upload: Upload, lang: texts.Lang) -> Json:
    """An import with all that was found, the questions that are open, and the report."""
    options, found = upload.looked.given.options, upload.found
    choices: Any = options.get("choices", {})
    return item(upload, lang) | {
        "choices": {name: choices.get(name, Choice().as_json()) for name in main_names(options)},
        **looked(found, lang),
        "kinds": found.get("kinds", {}),
        "flags": [
            {"code": code, "n": n, "mended": code in MENDED, "name": _name(code, lang)}
            for code, n in sorted(found.get("codes", {}).items(), key=lambda pair: -pair[1])
        ],
        "report": upload.report,
    }


def looked(found: Mapping[str, Any], lang: texts.Lang) -> Json:
    """What was seen in each file, and the questions that are open, in the reader's words."""
    looks: Sequence[Mapping[str, Any]] = found.get("looks", ())
    return {
        "found": [_look(look, lang) for look in looks],
        "questions": [_question(asked, looks, lang) for asked in found.get("questions", ())],
    }


def row(line: Mapping[str, Any], files: Sequence[str], lang: texts.Lang) -> Json:
    """What becomes of one row, why, and what can be done about it."""
    kinds, n = line["kinds"], line["file"]
    return {
        "file": files[n] if n < len(files) else None,
        "part": n,
        "row": line["row"],
        "source_id": line["source_id"],
        "outcome": kinds[0],
        "mended": "mended" in kinds,
        "warned": "warned" in kinds,
        "flags": [flag(known, lang) for known in line["flags"]],
        "county": line["county"],
        "bbox": line["bbox"],
        "before": line.get("before"),
        "after": line["after"],
    }


def flag(known: Mapping[str, Any], lang: texts.Lang) -> Json:
    """A flag in words, with how to mend it where there is something to mend."""
    code, facts = str(known["code"]), known.get("facts", {})
    said = texts.catalogue(lang)
    hint = f"flag.{code}.hint"
    return {
        "code": code,
        "text": texts.say(f"flag.{code}.say", lang, **facts),
        "hint": texts.say(hint, lang, **facts) if hint in said else None,
    }


def _name(code: str, lang: texts.Lang) -> str:
    """A flag without the facts of a row."""
    said = texts.catalogue(lang)[f"flag.{code}.say"]
    return re.sub(r"\{\w+\}", "…", said).rstrip("。.")


def _question(
    asked: Mapping[str, Any], looks: Sequence[Mapping[str, Any]], lang: texts.Lang
) -> Json:
    told: Any = refusal_in_words(asked, lang)
    return {
        "part": asked["part"],
        "file": looks[asked["part"]]["file"],
        "layer": looks[asked["part"]].get("chosen"),
        "about": asked["about"],
        **told,
    }


def _look(look: Mapping[str, Any], lang: texts.Lang) -> Json:
    if look["refused"] is not None:
        return {**look, "refused": refusal_in_words(look["refused"], lang)}
    return {
        **look,
        "says": {
            "encoding": _says("encoding", look["encoding_by"], lang, encoding=look["encoding"]),
            "crs": _says("crs", look["crs_by"], lang, crs=_taken(look)),
        },
        "notes": [flag(note, lang) for note in look["notes"]],
        "placings": [_placing(placing, lang) for placing in look["placings"]],
    }


def _placing(placing: Mapping[str, Any], lang: texts.Lang) -> Json:
    """A coordinate system, with what speaks for it in words."""
    said = [
        texts.say(f"crs.because.{reason['code']}", lang, **reason["facts"])
        for reason in placing["because"]
    ]
    return {**placing, "because": said}


def _says(what: str, by: str | None, lang: texts.Lang, **facts: object) -> str | None:
    """What spoke for an encoding or a coordinate system."""
    key = f"desk.by.{what}.{by}"
    return texts.say(key, lang, **facts) if key in texts.catalogue(lang) else None


def _taken(look: Mapping[str, Any]) -> str:
    placings = look["placings"]
    return str(placings[0]["crs"]) if placings else "-"
