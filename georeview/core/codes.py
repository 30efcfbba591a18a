"""Coded reasons for steps other than marks, as data: refusing, returning, reopening, measures."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Code:
    """One reason or measure.

    Attributes:
        code: Its code.
        zh: Wording.
        en: English.
        evidence: Kind of evidence it needs beside the plot, if any.
        field: Field of the step's body it needs, if any.
    """

    code: str
    zh: str
    en: str
    evidence: str | None = None
    field: str | None = None


def _table(*codes: Code) -> Mapping[str, Code]:
    return MappingProxyType({code.code: code for code in codes})


REFUSALS = _table(
    Code("RF1", "不在本县范围", "not in our county", evidence="E_FACT"),
    Code(
        "RF2",
        "跨县界,主要部分在外县",
        "on the county line, larger share elsewhere",
        evidence="E_FACT",
    ),
    Code("RF3", "水域由其他单位管理", "water body managed by another unit", evidence="E_DOC"),
    Code("RF4", "与另一图斑相同", "same as another plot", field="target"),
    Code("RF5", "位置无法使用", "position unusable", field="text"),
)
"""Why a county or a township does not take a plot."""

RETURNS = _table(
    Code("RT1", "缺照片或照片不是本图斑", "photo missing or not of the plot"),
    Code("RT2", "许可缺失、过期或非此地", "permit missing, expired or for another place"),
    Code("RT3", "原因与事实不符", "reason does not fit the facts"),
    Code("RT4", "在范围内却称范围外", "inside the area but called outside"),
    Code("RT5", "类别或严重程度有误", "wrong class or severity"),
    Code("RT6", "整改不彻底", "rectification incomplete"),
    Code("RT7", "照片不晚于申报日期", "photo not later than the claim"),
    Code("RT8", "文字说明不足", "text insufficient"),
    Code("RT9", "其他", "other", field="text"),
)
"""Why a review or a rectification is sent back."""

REOPENINGS = _table(
    Code("RO1", "抽查发现", "sample finding"),
    Code("RO2", "部、流域或省级发现", "finding of the issuer or the province"),
    Code("RO3", "暗访", "unannounced visit"),
    Code("RO4", "反弹", "relapse"),
    Code("RO5", "群众举报", "public report"),
    Code("RO6", "后续批次重复下发", "repeat plot in a later batch"),
    Code("RO7", "许可到期", "permit expired"),
    Code("RO8", "界线变更", "boundary changed"),
)
"""Why a plot that was done with is taken up again."""

MEASURES = _table(
    Code("M1", "拆除", "demolish"),
    Code("M2", "清理", "clear"),
    Code("M3", "停止并恢复原状", "stop and restore the ground"),
    Code("M4", "清除林木或作物", "remove trees or crops"),
    Code("M5", "补办手续", "regularise (permit granted later)"),
    Code("M6", "生态修复", "ecological repair"),
    Code("M9", "其他", "other"),
)
"""What is done about a problem."""
