"""The work list of an area as a workbook: rows to review, to be filled in offline and sent back.

What is sent back is read without any mapping: the list names our plots with the version each was
given out in, and its cells offer the words that are understood.
"""

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from georeview.core.access import Action, Actor, need, scope_of
from georeview.core.plot import Stage
from georeview.core.query import Filter
from georeview.core.reasons import REASONS, VIOLATIONS
from georeview.errors import NotFound
from georeview.errors.files import TooManyRows
from georeview.services.plots import PlotService, dues_of
from georeview.storage.ports.plots import Plot
from georeview.storage.ports.store import Store

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

OPEN = (Stage.IMPORTED, Stage.AT_COUNTY, Stage.AT_TOWN, Stage.IN_REVIEW)
"""Stages in which there is something to review."""

MOST_ROWS = 5_000
"""As many as a list may bring back."""

MARKS = ("不属实", "属实", "已整改")
SEVERITIES = ("一般", "较严重", "重大")
MODES = ("内业", "现场")

_GIVEN = (
    ("内部编号", 4), ("版本", 6), ("图斑编号", 26), ("下发类型", 14), ("县(区)", 10),
    ("乡镇", 12), ("河流", 12), ("面积(平方米)", 12), ("与管理线关系", 12), ("复核期限", 12),
)  # fmt: skip
_ASKED = (
    ("标记", 10), ("原因代码", 26), ("实际类型", 14), ("严重程度", 10), ("实测面积", 12),
    ("许可文号", 20), ("许可机关", 16), ("许可日期", 12), ("许可有效期至", 12),
    ("复核方式", 10), ("复核日期", 12), ("复核说明", 40),
)  # fmt: skip
_DATES = ("许可日期", "许可有效期至", "复核日期")
_BANDS = {"in": "线内", "out": "线外", "critical": "临界", "unknown": "无管理线"}
_HEADERS = (*_GIVEN, *_ASKED)
_AT = {name: at for at, (name, _) in enumerate(_HEADERS)}
_HOW = (
    "只填黄色的列;灰色的列请勿改动,“内部编号”和“版本”用来对上图斑。",
    "“标记”和“原因代码”从下拉列表中选;不填“标记”的行回填时不作改动。",
    "只填“原因代码”时,按代码所属认定为不属实(FP)或属实(PR)。",
    "日期写成 2023-05-04 的样子;照片以图斑编号命名(如 编号_1.jpg),与本表放进同一个 zip。",
    "填好后在“成果导入”页上传,先看预览再提交;期间在系统中已改动的图斑会单独列出。",
)


class WorklistService:
    """Work lists."""

    def __init__(self, store: Store, plots: PlotService) -> None:
        self._store = store
        self._plots = plots

    def workbook(self, actor: Actor, batch: str, county: str | None = None) -> bytes:
        """The plots of a batch that the actor may mark and that wait for it, as a workbook.

        Args:
            actor: Who asks.
            batch: Of which batch.
            county: Only those of a county or township.

        Raises:
            Forbidden: The actor marks nothing.
            NotFound: The actor sees nothing of the batch.
            TooManyRows: They are more than a list may bring back.
        """
        need(actor, Action.MARK)
        scope = scope_of(actor, Action.MARK)
        if batch not in {known.name for known in self._store.plots.batches(scope)}:
            raise NotFound(what=batch)
        town = county is not None and len(county) > len("511921")
        where = Filter(
            batch=batch,
            county=None if town else county,
            township=county if town else None,
            stages=OPEN,
        )
        plots = [plot for part in self._store.plots.stream(scope, where) for plot in part]
        if len(plots) > MOST_ROWS:
            raise TooManyRows(file=batch, n=len(plots), limit=MOST_ROWS)
        return _written(batch, plots, self._plots.place_names())


def _written(batch: str, plots: Sequence[Plot], places: Any) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet, codes = book.add_worksheet("复核清单"), book.add_worksheet("字段说明")
        given = {"bg_color": "#E6E9E8", "num_format": "@", "border": 1, "border_color": "#C9CFCD"}
        asked = given | {"bg_color": "#FFF9DB"}
        forms = {
            "head": book.add_format({"bold": True, "bottom": 2, "text_wrap": True}),
            "given": book.add_format(given),
            "asked": book.add_format(asked),
            "day": book.add_format(asked | {"num_format": "yyyy-mm-dd"}),
        }
        for at, (name, width) in enumerate(_HEADERS):
            sheet.write_string(0, at, name, forms["head"])
            sheet.set_column(at, at, width, None, {"hidden": name == "内部编号"})
        for row, plot in enumerate(plots, 1):
            _row(sheet, row, plot, places, forms)
        _offers(sheet, codes, len(plots))
        sheet.freeze_panes(1, _AT["图斑编号"] + 1)
        sheet.autofilter(0, 0, max(len(plots), 1), len(_HEADERS) - 1)
        _explain(codes, batch)
    return out.getvalue()


def _row(sheet: "Worksheet", row: int, plot: Plot, places: Any, forms: dict[str, Any]) -> None:
    for at, value in enumerate(_given(plot, places)):
        sheet.write_string(row, at, value, forms["given"])
    said = _said(plot)
    for name, _ in _ASKED:
        form = forms["day" if name in _DATES else "asked"]
        if name in said:
            sheet.write_string(row, _AT[name], said[name], form)
        else:
            sheet.write_blank(row, _AT[name], None, form)


def _given(plot: Plot, places: Any) -> Iterator[str]:
    review, facts = plot.review, plot.facts
    yield plot.given.plot_id
    yield str(review.version)
    yield plot.given.source_id
    yield str(plot.given.fields.get("type_issued") or "")
    yield places.get(review.county, review.county or "")
    yield places.get(review.township, review.township or "")
    yield (facts and facts.river) or ""
    yield f"{facts.area_m2:.1f}" if facts and facts.area_m2 is not None else ""
    yield _BANDS.get((facts and facts.band) or "unknown", "")
    yield dues_of(plot)["review_due_on"] or ""


def _said(plot: Plot) -> dict[str, str]:
    """What has been said of a plot already, in the words of the list."""
    review = plot.review
    words = dict(zip(("false_positive", "confirmed", "rectified"), MARKS, strict=True))
    severe = dict(zip(("general", "serious", "major"), SEVERITIES, strict=True))
    code = review.reason or review.violation
    found = {
        "标记": words.get(review.mark),
        "原因代码": code and _offer(code),
        "实际类型": review.type_actual,
        "严重程度": severe.get(review.severity or ""),
        "实测面积": review.area_m2,
        "许可文号": review.permit_no,
        "许可机关": review.permit_authority,
        "许可日期": review.permit_date,
        "许可有效期至": review.permit_valid_to,
        "复核方式": dict(zip(("desk", "site"), MODES, strict=True)).get(review.review_mode or ""),
        "复核说明": review.note,
    }
    return {name: value for name, value in found.items() if value}


def _offer(code: str) -> str:
    known = REASONS.get(code) or VIOLATIONS[code]
    return f"{code} {known.zh}"


def _offers(sheet: "Worksheet", codes: "Worksheet", rows: int) -> None:
    """What the cells offer; the codes stand on the other sheet, for a list in a cell is short."""
    every = [*REASONS, *VIOLATIONS]
    for at, code in enumerate(every):
        codes.write_string(at + 1, 0, _offer(code))
    lists: dict[str, Any] = {
        "标记": list(MARKS),
        "原因代码": f"='字段说明'!$A$2:$A${len(every) + 1}",
        "严重程度": list(SEVERITIES),
        "复核方式": list(MODES),
    }
    last = max(rows, 1)
    for name, source in lists.items():
        sheet.data_validation(1, _AT[name], last, _AT[name], {"validate": "list", "source": source})


def _explain(codes: "Worksheet", batch: str) -> None:
    codes.write_string(0, 0, "原因代码")
    codes.set_column(0, 0, 44)
    codes.set_column(2, 2, 90)
    for at, line in enumerate((batch, *_HOW)):
        codes.write_string(at, 2, line)
