"""The parts of a workbook as XML, written straight: a library takes five times as long.

What is written is the least that the specification asks for (ECMA-376, Part 1): cells follow each
other without an address, texts stand in their cells. Nothing here comes from outside unescaped.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from html import escape
from typing import Final

MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006"
_DRAWING: Final = "http://schemas.openxmlformats.org/drawingml/2006"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPES: Final = "application/vnd.openxmlformats-officedocument"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

MOST_ROWS: Final = 1_048_576
MOST_COLUMNS: Final = 16_384
MOST_CHARACTERS: Final = 32_767
"""Of one cell."""
MOST_URL: Final = 255
"""Characters of a text inside a formula."""

EMPTY: Final = "<c/>"
FIRST_DAY: Final = date(1900, 3, 1)
"""Before it the days of a workbook are off by one: it has a 29 February 1900."""
_DAY_0: Final = date(1899, 12, 30)
_EMU: Final = 9_525
"""Units of a drawing in a pixel."""

_TEXT, _DATE, _LINK, _TITLE = 1, 2, 3, 4
_STYLES: Final = (
    f'{_HEAD}<styleSheet xmlns="{MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="3"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><u/><sz val="11"/><color rgb="FF0563C1"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="49" fontId="2" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" '
    'applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
"""Formats of cells by number: general, text (so that an edited id stays one), date, link, title."""

_CODE: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
"""What a workbook would read as the code of a character."""


# Cells ------------------------------------------------------------------------------------------


def text(value: str, style: int = _TEXT) -> str:
    """A text, whatever it begins with: nothing in it is computed."""
    inside = escape(_CODE.sub("_x005F_", value), quote=False).replace("\r", "_x000D_")
    keep = ' xml:space="preserve"' if value != value.strip() or "\n" in value else ""
    return f'<c s="{style}" t="inlineStr"><is><t{keep}>{inside}</t></is></c>'


def plain(told: str) -> str:
    """A text of a cell as it was before ``text`` wrote it."""
    if "_x" not in told:
        return told
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda code: chr(int(code[1], 16)), told)


def number(value: float) -> str:
    """A number, with every digit."""
    return f"<c><v>{value!r}</v></c>"


def day(value: date) -> str:
    """A day, at or after ``FIRST_DAY``."""
    return f'<c s="{_DATE}"><v>{(value - _DAY_0).days}</v></c>'


def day_of(serial: str) -> str:
    """The ISO text of a day's number."""
    return date.fromordinal(_DAY_0.toordinal() + int(serial)).isoformat()


def link(address: str, shown: str) -> str:
    """A link; a formula, because a sheet holds 65,530 other links at most."""
    formula = f'HYPERLINK("{address}","{shown}")'
    return f'<c s="{_LINK}" t="str"><f>{escape(formula, quote=False)}</f><v>{escape(shown)}</v></c>'


# Sheets -----------------------------------------------------------------------------------------


def sheet_head(titles: Sequence[str], widths: Sequence[int]) -> str:
    """A sheet up to its title row, which stays in sight."""
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>'
        for n, width in enumerate(widths, 1)
    )
    cells = "".join(text(title, _TITLE) for title in titles)
    return (
        f'{_HEAD}<worksheet xmlns="{MAIN}" xmlns:r="{_OFFICE}/relationships"><sheetViews>'
        '<sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" '
        f'state="frozen"/></sheetView></sheetViews><cols>{columns}</cols><sheetData>'
        f'<row r="1">{cells}</row>'
    )


def rows(first: int, cells: Iterable[Sequence[str]], height: int = 0) -> str:
    """Rows of finished cells; ``first`` counts from 1, ``height`` in points."""
    tall = f' ht="{height}" customHeight="1"' if height else ""
    return "".join(f'<row r="{n}"{tall}>{"".join(row)}</row>' for n, row in enumerate(cells, first))


def sheet_tail(columns: int, last: int, *, drawing: bool = False) -> str:
    """The rest of a sheet: filters over all its columns, and its pictures."""
    pictures = '<drawing r:id="rId1"/>' if drawing else ""
    return f'</sheetData><autoFilter ref="{area(columns, last)}"/>{pictures}</worksheet>'


def area(columns: int, last: int) -> str:
    """The range from the first cell to the last one."""
    name = ""
    while columns:
        columns, letter = divmod(columns - 1, 26)
        name = chr(65 + letter) + name
    return f"A1:{name}{last}"


def picture(n: int, at: tuple[int, int], size: tuple[int, int]) -> str:
    """The anchor of a picture; ``at`` is column and row from 0, ``size`` in pixels."""
    (column, row), (wide, high) = at, (side * _EMU for side in size)
    return (
        f"<xdr:oneCellAnchor><xdr:from><xdr:col>{column}</xdr:col><xdr:colOff>0</xdr:colOff>"
        f"<xdr:row>{row}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from>"
        f'<xdr:ext cx="{wide}" cy="{high}"/><xdr:pic><xdr:nvPicPr><xdr:cNvPr id="{n + 1}" '
        f'name="{n}"/><xdr:cNvPicPr/></xdr:nvPicPr><xdr:blipFill><a:blip r:embed="rId{n}"/>'
        "<a:stretch><a:fillRect/></a:stretch></xdr:blipFill><xdr:spPr><a:xfrm>"
        f'<a:off x="0" y="0"/><a:ext cx="{wide}" cy="{high}"/></a:xfrm><a:prstGeom prst="rect">'
        "<a:avLst/></a:prstGeom></xdr:spPr></xdr:pic><xdr:clientData/></xdr:oneCellAnchor>"
    )


# The rest of the package ------------------------------------------------------------------------


def parts(sheets: Mapping[str, str], pictures: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Name and text of every part but the sheets themselves.

    Args:
        sheets: Title of each sheet and its range.
        pictures: Anchors of the pictures of the first sheet.
    """
    numbers = range(1, len(sheets) + 1)
    yield "[Content_Types].xml", _content_types(numbers, drawing=bool(pictures))
    yield "_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")])
    yield "xl/workbook.xml", _workbook(sheets)
    yield "xl/styles.xml", _STYLES
    own = [("worksheet", f"worksheets/sheet{n}.xml") for n in numbers]
    yield "xl/_rels/workbook.xml.rels", _relations([*own, ("styles", "styles.xml")])
    if pictures:
        yield "xl/drawings/drawing1.xml", _drawing(pictures)
        files = [("image", f"../media/{n}.jpeg") for n in range(1, len(pictures) + 1)]
        yield "xl/drawings/_rels/drawing1.xml.rels", _relations(files)
        yield (
            "xl/worksheets/_rels/sheet1.xml.rels",
            _relations([("drawing", "../drawings/drawing1.xml")]),
        )


def _drawing(pictures: Iterable[str]) -> str:
    return (
        f'{_HEAD}<xdr:wsDr xmlns:xdr="{_DRAWING}/spreadsheetDrawing" xmlns:a="{_DRAWING}/main" '
        f'xmlns:r="{_OFFICE}/relationships">{"".join(pictures)}</xdr:wsDr>'
    )


def _content_types(sheets: Iterable[int], *, drawing: bool) -> str:
    kinds = {
        "/xl/workbook.xml": f"{_TYPES}.spreadsheetml.sheet.main+xml",
        "/xl/styles.xml": f"{_TYPES}.spreadsheetml.styles+xml",
        **{f"/xl/worksheets/sheet{n}.xml": f"{_TYPES}.spreadsheetml.worksheet+xml" for n in sheets},
    }
    if drawing:
        kinds["/xl/drawings/drawing1.xml"] = f"{_TYPES}.drawing+xml"
    overrides = "".join(
        f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in kinds.items()
    )
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Default Extension="jpeg" ContentType="image/jpeg"/>{overrides}</Types>'
    )


def _relations(targets: Iterable[tuple[str, str]]) -> str:
    held = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/relationships/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{held}</Relationships>'


def _workbook(sheets: Mapping[str, str]) -> str:
    listed = "".join(
        f'<sheet name="{escape(title)}" sheetId="{n}" r:id="rId{n}"/>'
        for n, title in enumerate(sheets, 1)
    )
    filters = "".join(
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="{n}" hidden="1">'
        f"'{escape(title)}'!{_fixed(held)}</definedName>"
        for n, (title, held) in enumerate(sheets.items())
    )
    return (
        f'{_HEAD}<workbook xmlns="{MAIN}" xmlns:r="{_OFFICE}/relationships"><sheets>{listed}'
        f"</sheets><definedNames>{filters}</definedNames></workbook>"
    )


def _fixed(held: str) -> str:
    """A range as one that does not move: ``$A$1:$C$9``."""
    return re.sub(r"([A-Z]+)(\d+)", r"$\1$\2", held)
