"""The zip that goes up: files, photos, a table of contents with the codebook, the signed head."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from georeview import texts
from georeview.core.returns import RETURN_FIELDS, ReturnProfile
from georeview.ingest import Filled

PHOTO_FOLDER, CONTENTS, ABOUT, HEAD = "照片", "成果清单.xlsx", "说明.json", "台账签名.json"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """Some bytes of a part of a source file."""

    stem: str
    suffix: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo under the name it goes up by."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Row:
    """A plot as it goes up.

    Attributes:
        source_id: Number as issued.
        stage: Where it lies.
        target: Number of the plot it was merged into.
        said: Field → value.
        cells: Header → what stands there.
        photos: Its photos.
        flaws: What is missing.
    """

    source_id: str
    stage: str
    target: str | None
    said: Mapping[str, str | None]
    cells: Mapping[str, str]
    photos: Sequence[Photo]
    flaws: Sequence[str]


class Package:
    """A package being written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        self._stems: set[str] = set()
        self._filled: list[tuple[str, Filled]] = []

    def __enter__(self) -> Self:
        """The package."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it; what broke off leaves nothing behind."""
        self._zip.close()
        if kind is not None:
            self._path.unlink(missing_ok=True)

    def source(self, parts: Iterator[SourceFile | Filled]) -> None:
        """A source file, part by part; one whose name is taken goes into a folder of its own."""
        place: str | None = None
        name, out = "", None
        for part in parts:
            if isinstance(part, Filled):
                self._filled.append((f"{place}.shp", part))
                continue
            if place is None:
                place = self._free(part.stem)
            if name != f"{place}{part.suffix}":
                if out is not None:
                    out.close()
                name = f"{place}{part.suffix}"
                out = self._zip.open(name, "w", force_zip64=True)
            if out is not None:
                out.write(part.data)
        if out is not None:
            out.close()

    def photo(self, photo: Photo, path: Path) -> None:
        """A photo, byte for byte: what the camera wrote into it stays."""
        self._zip.write(path, f"{PHOTO_FOLDER}/{photo.name}", zipfile.ZIP_STORED)

    def told(self) -> list[dict[str, Any]]:
        """What became of each file and of its cells."""
        return [
            {"file": name, **{k: v for k, v in asdict(filled).items() if k != "stem"}}
            for name, filled in self._filled
        ]

    def close_with(
        self,
        about: Mapping[str, Any],
        rows: Sequence[Row],
        profile: ReturnProfile,
        head: Mapping[str, object],
    ) -> None:
        """What tells of the rest: contents, codebook, losses, and the end of the ledger."""
        for name, told in ((ABOUT, about), (HEAD, head)):
            self._zip.writestr(name, json.dumps(told, ensure_ascii=False, indent=1))
        self._zip.writestr(CONTENTS, _contents(about, rows, profile, self._filled))

    def _free(self, stem: str) -> str:
        plain = stem.replace("\\", "/").rsplit("/", 1)[-1] or "plots"
        name, n = plain, 1
        while name.lower() in self._stems:
            n += 1
            name = f"{n}/{plain}"
        self._stems.add(name.lower())
        return name


def _say(key: str) -> str:
    """Packages go to Chinese offices: they speak Chinese whoever asked for them."""
    return texts.say(f"return.{key}", "zh-CN")


def flaw_name(code: str, lang: texts.Lang) -> str:
    """What is missing, in words."""
    kind, _, column = code.partition(":")
    return texts.say(f"return.flaw.{kind}", lang, column=column)


def _contents(
    about: Mapping[str, Any],
    rows: Sequence[Row],
    profile: ReturnProfile,
    filled: Sequence[tuple[str, Filled]],
) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#EEF4F3"})
        for title, table in (
            ("plots", _plots(rows)),
            ("codebook", _codebook(profile)),
            ("losses", _losses(filled)),
            ("about", _about(about)),
        ):
            sheet = book.add_worksheet(_say(f"sheet.{title}"))
            for number, line in enumerate(table):
                for at, cell in enumerate(line):
                    sheet.write_string(number, at, cell, *([] if number else [head]))
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, 12, 18)
    return out.getvalue()


def _plots(rows: Sequence[Row]) -> Iterator[list[str]]:
    yield [
        _say("source_id"), _say("stage"), *(_say(f"field.{name}") for name in RETURN_FIELDS),
        _say("line"), _say("flaws"),
    ]  # fmt: skip
    for row in rows:
        line = ""
        if row.target is not None:
            line = texts.say("return.merged", "zh-CN", target=row.target)
        elif row.stage == "withdrawn":
            line = _say("withdrawn")
        said = [row.said.get(name) or "" for name in RETURN_FIELDS]
        lacking = "; ".join(flaw_name(code, "zh-CN") for code in row.flaws)
        stage = texts.say(f"stage.{row.stage}", "zh-CN")
        yield [row.source_id, stage, *said, line, lacking]


def _codebook(profile: ReturnProfile) -> Iterator[list[str]]:
    yield [_say("column"), _say("holds"), _say("value"), _say("word")]
    for one in profile.columns:
        named = _say(f"field.{one.field}")
        words = {**RETURN_FIELDS[one.field], **one.words}
        yield [one.column, named, "", ""]
        yield from ([one.column, named, value, word] for value, word in words.items())


def _losses(filled: Sequence[tuple[str, Filled]]) -> Iterator[list[str]]:
    yield [_say("file"), _say("row"), _say("source_id"), _say("column"), _say("why"), _say("value")]
    for name, file in filled:
        for one in file.unfit:
            why = _say(f"loss.{one.why}")
            yield [name, str(one.row), one.source_id, one.column, why, one.value]


def _about(about: Mapping[str, Any]) -> Iterator[list[str]]:
    yield [about["batch"], about["as_of"]]
    yield [_say("plots"), str(about["plots"])]
    key = "incomplete" if about["incomplete"] else "complete"
    yield [texts.say(f"return.{key}", "zh-CN", n=about["incomplete"]), ""]
    for code, n in about["flaws"].items():
        yield [flaw_name(code, "zh-CN"), str(n)]
    for one in about["not_returned"]:
        yield [one["file"], _say(f"unfit.{one['why']}")]
