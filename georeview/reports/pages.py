"""A document as PDF: set by Typst with the fonts of the machine, which are embedded."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from georeview.errors.figures import FontMissing, ReportFailed
from georeview.reports.document import Block, Document, Facts, Pictures, Table, below, shown

TEMPLATE = "document.typ"

FONTS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "HarmonyOS Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
)
"""Fonts that have the characters, the best first."""


def write(document: Document, out: Path) -> None:
    """Write the pages.

    Raises:
        FontMissing: The machine has no font with Chinese characters.
        ReportFailed: The pages could not be set.
    """
    import typst

    font = _font()
    with TemporaryDirectory(prefix="georeview-report-") as folder:
        place = Path(folder)
        template = resources.files(__package__) / "templates" / TEMPLATE
        (place / TEMPLATE).write_bytes(template.read_bytes())
        told = _told(document, place) | {"font": font}
        (place / "data.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        try:
            typst.compile(str(place / TEMPLATE), output=str(out), root=folder)
        except (RuntimeError, typst.TypstError) as error:
            raise ReportFailed from error


@cache
def _font() -> str:
    import typst

    there = set(typst.Fonts().families())
    found = next((name for name in FONTS if name in there), None)
    if found is None:
        raise FontMissing
    return found


def _told(document: Document, place: Path) -> dict[str, Any]:
    """The document as the template reads it, pictures in files beside."""
    blocks = [_block(block, number, place) for number, block in enumerate(document.blocks)]
    return {
        "title": document.title,
        "subtitle": document.subtitle,
        "foot": document.foot,
        "lang": document.lang[:2],
        "landscape": document.landscape,
        "blocks": blocks,
    }


def _block(block: Block, number: int, place: Path) -> Mapping[str, Any]:
    kind = {"kind": type(block).__name__}
    if isinstance(block, Table):
        return kind | {
            "title": block.title,
            "columns": [asdict(column) for column in block.columns],
            "rows": [[[shown(cell), below(cell)] for cell in row] for row in block.rows],
            "total": block.total,
        }
    if isinstance(block, Facts):
        return kind | {"rows": [[name, shown(cell)] for name, cell in block.rows]}
    if isinstance(block, Pictures):
        items = []
        for at, picture in enumerate(block.items):
            name = f"picture-{number}-{at}.{picture.suffix}"
            (place / name).write_bytes(picture.data)
            items.append({"file": name, "caption": picture.caption})
        return kind | {"items": items, "columns": block.columns}
    return kind | asdict(block)
