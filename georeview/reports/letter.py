"""A document as a Word file that an office goes on writing in."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from georeview.reports.document import (
    Block,
    Document,
    Facts,
    Heading,
    PageBreak,
    Pictures,
    Table,
    Text,
    below,
    shown,
)

if TYPE_CHECKING:
    from docx.document import Document as Word

FONT, TITLE_FONT = "FangSong", "SimHei"
"""The fonts that letters of Chinese offices are written in; Word puts others where they are missing."""


def write(document: Document, out: Path) -> None:
    """Write the letter."""
    import docx
    from docx.enum.section import WD_ORIENT
    from docx.shared import Mm

    word = docx.Document()
    section = word.sections[0]
    width, height = Mm(210), Mm(297)
    if document.landscape:
        section.orientation, width, height = WD_ORIENT.LANDSCAPE, height, width
    section.page_width, section.page_height = width, height
    section.left_margin = section.right_margin = Mm(26)
    _fonts(word.styles["Normal"], FONT, 12)
    if document.title:
        _said(word, document.title, centred=True, font=TITLE_FONT, size=18)
    if document.subtitle:
        _said(word, document.subtitle, centred=True, size=11)
    for block in document.blocks:
        _block(word, block, document)
    section.footer.paragraphs[0].text = document.foot
    word.core_properties.title = document.title or document.foot
    word.core_properties.author = ""
    word.save(str(out))


def _block(word: "Word", block: Block, document: Document) -> None:
    from docx.shared import Mm

    if isinstance(block, Heading):
        _said(word, block.text, font=TITLE_FONT, size=13)
    elif isinstance(block, Text):
        _text(word, block, document)
    elif isinstance(block, Facts):
        for name, value in block.rows:
            _said(word, f"{name}: {shown(value)}")
    elif isinstance(block, Table):
        _table(word, block)
    elif isinstance(block, Pictures):
        for picture in block.items:
            # Word shows no SVG of its own; the pages do.
            if picture.suffix != "svg":
                word.add_picture(io.BytesIO(picture.data), width=Mm(120))
                _said(word, picture.caption, size=10)
    elif isinstance(block, PageBreak):
        word.add_page_break()  # type: ignore[no-untyped-call]


def _text(word: "Word", block: Text, document: Document) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    if block.style == "centre":
        _said(word, block.text, centred=True, font=TITLE_FONT, size=18)
        return
    paragraph = _said(word, block.text, size=10 if block.style == "note" else 12)
    if block.style == "right":
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    elif block.style == "plain" and document.lang.startswith("zh"):
        paragraph.paragraph_format.first_line_indent = Pt(24)


def _table(word: "Word", block: Table) -> None:
    from docx.oxml import OxmlElement

    if block.title:
        _said(word, block.title, font=TITLE_FONT, size=12)
    table = word.add_table(rows=1, cols=len(block.columns), style="Table Grid")
    for cell, column in zip(table.rows[0].cells, block.columns, strict=True):
        cell.text = column.name
    # The heading comes again on every page.
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for row in block.rows:
        for cell, value in zip(table.add_row().cells, row, strict=True):
            small = below(value)
            cell.text = f"{shown(value)} ({small})" if small else shown(value)
    for row in table.rows:
        for cell in row.cells:
            for run in cell.paragraphs[0].runs:
                _fonts(run, FONT, 9)


def _said(
    word: "Word", text: str, *, centred: bool = False, font: str = FONT, size: int = 12
) -> Any:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph = word.add_paragraph()
    _fonts(paragraph.add_run(text), font, size)
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    return paragraph


def _fonts(thing: Any, name: str, size: int) -> None:
    """Font and size of a run or a style, for Chinese characters too."""
    from docx.oxml.ns import qn
    from docx.shared import Pt

    thing.font.name, thing.font.size = name, Pt(size)
    thing.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)
