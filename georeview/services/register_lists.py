"""Lists of people and departments: each row kept, known already, or set aside with a reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from georeview import sandbox, texts
from georeview.core.access import Action, Actor, need
from georeview.core.reasons import DISORDERS
from georeview.core.registers.duties import FIELDS, LEVELS
from georeview.errors import GeoreviewError
from georeview.services.limits import read_limits
from georeview.services.registers import NotNew, RegisterService
from georeview.services.wording import readable
from georeview.settings import Settings
from georeview.storage.files import Files, plain_name

READ = "georeview.ingest.lists:read"
LIMIT_MB = 5

_WORDS: Mapping[str, Mapping[str, str]] = {
    "duty": {"河长": "chief", "湖长": "chief", "成员单位": "department", "单位": "department"},
    "level": dict(zip(("市级", "县级", "乡级", "村级"), LEVELS, strict=True))
    | dict(zip(("市", "县", "乡镇", "村"), LEVELS, strict=True)),
    "bank": {"左": "L", "左岸": "L", "右": "R", "右岸": "R"},
    "disorder": {zh: code for code, (zh, _) in DISORDERS.items()} | {"全部": "all"},
}
"""What lists say, and what it is here."""

_HEADERS = {
    **{field.name.upper(): field.name for field in FIELDS},
    **{field.zh.upper(): field.name for field in FIELDS},
    **{field.en.upper(): field.name for field in FIELDS},
    **{
        word: name
        for name, words in {
            "name": ("姓名", "单位名称", "河长姓名", "单位"),
            "duty": ("类型",),
            "area": ("区划代码", "行政区划代码"),
            "river": ("河流名称", "河湖名称"),
            "from_m": ("起点桩号",),
            "to_m": ("终点桩号",),
            "disorder": ("负责类别",),
            "since": ("任职日期", "起始日期"),
            "until": ("截止日期", "卸任日期"),
        }.items()
        for word in words
    },
}


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a row: ``kept``, ``known``, or ``aside`` with why."""

    row: int
    fate: str
    name: str
    error: GeoreviewError | None = None

    def why(self, lang: texts.Lang) -> str | None:
        """Why it was set aside."""
        if self.error is None:
            return None
        facts = readable(self.error.facts, lang)
        return texts.say(f"error.{self.error.code}.say", lang, **facts)


@dataclass(frozen=True, slots=True)
class Listed:
    """What became of a list.

    Attributes:
        rows: Row by row, in order.
        unread: Headers that are no columns of ours.
        dry_run: Whether nothing was kept.
    """

    rows: Sequence[Fate]
    unread: Sequence[str]
    dry_run: bool

    def count(self, fate: str) -> int:
        """How many rows came to that."""
        return sum(row.fate == fate for row in self.rows)

    def as_json(self, lang: texts.Lang = "zh-CN") -> dict[str, Any]:
        """As it is answered."""
        return {
            "rows": len(self.rows),
            **{fate: self.count(fate) for fate in ("kept", "known", "aside")},
            "unread": list(self.unread),
            "dry_run": self.dry_run,
            "items": [
                {
                    "row": one.row,
                    "fate": one.fate,
                    "name": one.name,
                    "code": one.error and one.error.code,
                    "why": one.why(lang),
                }
                for one in self.rows
            ],
        }


class RegisterLists:
    """Reads lists in the sandbox and keeps what can be kept, in one commit."""

    def __init__(self, files: Files, registers: RegisterService, settings: Settings) -> None:
        self._files = files
        self._registers = registers
        self._settings = settings

    def load(self, actor: Actor, source: BinaryIO, name: str, *, dry_run: bool = False) -> Listed:
        """Load people and departments from a list.

        Raises:
            Forbidden: The actor keeps no such register.
            TooLarge: The file is larger than lists are.
            GeoreviewError: The file cannot be read as a list.
        """
        need(actor, Action.KEEP_DUTIES)
        called = plain_name(name)
        with self._files.received(source, called, LIMIT_MB * 2**20) as path:
            return self._load(actor, path, called, dry_run=dry_run)

    def _load(self, actor: Actor, path: Path, name: str, *, dry_run: bool) -> Listed:
        rows = sandbox.run(READ, path, name, limits=read_limits(self._settings))
        unread = {h for _, cells in rows for h in cells if _column(h) is None}
        bodies = [_body(cells) for _, cells in rows]
        found = self._registers.add_duties(actor, bodies)
        kept = [one for one in found if not isinstance(one, Exception)]
        if kept and not dry_run:
            self._registers.keep_duties(actor, kept)
        fates = [
            _fate(number, body.get("name", ""), one)
            for (number, _), body, one in zip(rows, bodies, found, strict=True)
        ]
        return Listed(fates, sorted(unread), dry_run)


def _fate(row: int, name: str, found: object) -> Fate:
    if isinstance(found, GeoreviewError):
        return Fate(row, "aside", name, found)
    return Fate(row, "known" if isinstance(found, NotNew) else "kept", name)


def _column(header: str) -> str | None:
    return _HEADERS.get(header.strip().upper())


def _body(cells: Mapping[str, str]) -> dict[str, str]:
    """The cells of a row under our names, in our words."""
    body: dict[str, str] = {}
    for header, cell in cells.items():
        name = _column(header)
        if name is not None and cell:
            body[name] = _WORDS.get(name, {}).get(cell, _day(cell) if _dated(name) else cell)
    return body


def _dated(name: str) -> bool:
    return name in ("since", "until")


def _day(text: str) -> str:
    """A day as lists write it: ``2023/1/5``, ``20230105``, ``2023年1月5日``."""
    parts = text[:10].replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-")
    if parts.isdigit() and len(parts) == 8:
        parts = f"{parts[:4]}-{parts[4:6]}-{parts[6:]}"
    pieces = parts.split("-")
    return "-".join(piece.zfill(2) for piece in pieces) if len(pieces) == 3 else text
