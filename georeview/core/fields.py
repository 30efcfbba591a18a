"""The field dictionary: what a plot's columns are called, coming in and going out.

``PLOT_FIELDS`` names every field an incoming file may carry, with the headers seen for it;
``EXPORT_FIELDS`` names every column that leaves, with its short dBASE name and width.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "area", "date", "degrees", "bank", "yesno"]


@dataclass(frozen=True, slots=True)
class Field:
    """One incoming field.

    Attributes:
        name: Canonical name, as stored.
        kind: How its text is read.
        aliases: Headers that mean it, upper case after NFKC.
    """

    name: str
    kind: Kind
    aliases: tuple[str, ...]


def _field(name: str, kind: Kind, aliases: str) -> Field:
    return Field(name, kind, tuple(aliases.split()))


PLOT_FIELDS: tuple[Field, ...] = (
    _field(
        "source_id",
        "text",
        "TBBH JCBH QDNM TBH BH ID TBID SRC_ID 图斑编号 监测编号 编号 图斑号 地块编号 TBBM 图斑编码 图斑ID WTBH 问题编号",
    ),
    _field("batch_no", "text", "PC PCH BATCH 批次 批次号 PCMC 批次名称 下发批次"),
    _field(
        "type_issued",
        "text",
        "TBLX QTYPE LX DWLX TYPE TYPE_ISS 图斑类型 地物类型 问题类型 疑似类型 WTLX 图斑类别 地物类别 疑似问题类型",
    ),
    _field("change_type", "text", "BHLX QDTYPE 变化类型"),
    _field(
        "img_before", "date", "QSX QSXSJ IMG_BEF 前时相 QSXRQ 前时相时间 前时相日期 前期影像时间"
    ),
    _field(
        "img_after",
        "date",
        "HSX HSXSJ IMG_AFT 后时相 YXSJ 影像时间 拍摄时间 HSXRQ 后时相时间 后时相日期 后期影像时间 影像日期 拍摄日期",
    ),
    _field("img_source", "text", "SJY YXLY WX 数据源 卫星 影像来源 卫星名称"),
    _field(
        "area_stated",
        "area",
        "JCMJ TBMJ QAREA MJ AREA SHAPE_AREA 图斑面积 监测面积 面积 地块面积 ZDMJ 占地面积",
    ),
    _field(
        "adcode_stated",
        "text",
        "XZQDM XZDM QXDM XZQH 行政区代码 县代码 XZQHDM 行政区划代码 县区代码 县级代码",
    ),
    _field(
        "county_stated",
        "text",
        "XZQMC QX XMC XZQY 县区 所在县 XIAN 县区名称 区县 区县名称 县名 县名称 行政区名称",
    ),
    _field("town_stated", "text", "XZ XZMC 乡镇 所在乡镇 XIANG 乡镇名称 乡镇街道"),
    _field("village_stated", "text", "CUN CMC 村 村名 村名称 所在村 行政村"),
    _field("address", "text", "XXDZ DZ WZ 详细地址 位置 地址 地点 详细位置 具体位置"),
    _field("lon", "degrees", "JD LON ZXJD 经度 中心经度 LNG LONGITUDE 东经 X"),
    _field("lat", "degrees", "WD LAT ZXWD 纬度 中心纬度 LATITUDE 北纬 Y"),
    _field(
        "river_stated",
        "text",
        "HLMC HHMC RIVER 河流名称 河湖名称 HDMC 河流 河湖 河道名称 所在河流 所属河流",
    ),
    _field("river_code_stated", "text", "HLDM HHDM 河流代码"),
    _field("bank_stated", "bank", "AB 岸别 左右岸"),
    _field("in_area_stated", "yesno", "SFFWN 是否范围内 是否在管理范围内"),
    _field("project_name", "text", "XMMC PRNM 项目名称 工程名称"),
    _field("permit_no_stated", "text", "PFWH XKWH 批复文号 许可文号 批准文号 许可证号"),
    _field("builder", "text", "JSDW DPOZ 建设单位"),
    _field("authority", "text", "PFJG SEAA 批复机构 PFDW 批准机关 审批单位"),
    _field(
        "review_stated", "text", "FHQK FHJG RST BYD 复核情况 复核结果 复核状态 核查情况 核查结果"
    ),
    _field("reviewer_stated", "text", "XCFHR FHR 复核人 HCR 核查人"),
    _field("review_date_stated", "date", "FHSJ DATE 复核时间 HCSJ 核查时间 核查日期 复核日期"),
    _field("photo_ref", "text", "ZPBH ZP 照片编号 ZPMC 照片名称"),
    _field("note_issued", "text", "BZ NOTE REMARK 备注 说明 情况说明"),
)

PERSONAL_FIELDS: frozenset[str] = frozenset({"reviewer_stated"})
"""Incoming fields that name a person: kept, and left out of exports."""

NULL_WORDS: frozenset[str] = frozenset(
    {"", "/", "\\", "-", "--", "—", "——", "无", "NULL", "<NULL>", "<空>", "N/A", "#N/A", "NAN"}
)
"""Values that mean nothing was given (blanks and NULs stripped, plain width, capitals)."""

AREA_UNITS_M2: Mapping[str, float] = {"m2": 1.0, "mu": 10_000 / 15, "ha": 10_000.0, "km2": 1e6}
"""One stated unit in square metres; 15 亩 are one hectare."""

AREA_WORDS: Mapping[str, str] = {
    "M2": "m2", "平方米": "m2", "平米": "m2", "MU": "mu", "亩": "mu", "市亩": "mu", "HA": "ha",
    "HM2": "ha", "公顷": "ha", "KM2": "km2", "平方公里": "km2", "平方千米": "km2",
}  # fmt: skip
"""How a unit is written behind a number (plain width, capitals) → the unit."""

Column = Literal["text", "integer", "real", "date"]


@dataclass(frozen=True, slots=True)
class ExportField:
    """One column that leaves.

    Attributes:
        name: Canonical long name: a key of the row handed to an exporter.
        short: dBASE name, ASCII, at most 10 bytes.
        kind: Type of the values: ``str``, ``int``, ``float`` or ISO date text; ``None`` anywhere.
        width: Bytes in dBASE (characters of a number, sign and point counted).
        decimals: Digits after the point for ``real``.
        zh: Meaning, for the codebook.
        en: The same in English.
    """

    name: str
    short: str
    kind: Column
    width: int
    decimals: int
    zh: str
    en: str


def _out(name: str, short: str, spec: str, zh: str, en: str) -> ExportField:
    letter, _, size = spec.partition(" ")
    width, _, decimals = size.partition(".")
    kinds: dict[str, Column] = {"C": "text", "D": "date", "N": "real" if decimals else "integer"}
    return ExportField(name, short, kinds[letter], int(width or 8), int(decimals or 0), zh, en)


EXPORT_FIELDS: tuple[ExportField, ...] = (
    _out("plot_id", "PLOT_ID", "C 36", "内部编号", "internal id"),
    _out("source_id", "SRC_ID", "C 80", "图斑编号", "plot number as issued"),
    _out("batch", "BATCH", "C 40", "批次", "batch"),
    _out("parent", "PARENT", "C 36", "拆分或合并来源", "split or merge parent"),
    _out("lineage", "LINEAGE", "C 36", "同一地点图斑组", "lineage group"),
    _out("repeat_n", "REPEAT_N", "N 4", "以往出现次数", "times seen before"),
    _out("type_issued", "TYPE_ISS", "C 60", "下发类型", "issued type"),
    _out("type_actual", "TYPE_ACT", "C 60", "实际类型", "actual type"),
    _out("mark", "MARK", "C 16", "标记", "mark"),
    _out("mark_state", "MARK_ST", "C 10", "标记状态", "mark state"),
    _out("determination", "DETERM", "C 24", "判定", "determination"),
    _out("stage", "STAGE", "C 16", "阶段", "stage"),
    _out("outcome", "OUTCOME", "C 20", "销号结果", "outcome when closed"),
    _out("reason", "REASON", "C 8", "原因代码", "FP or PR (violation) code"),
    _out("disorder", "DISORDER", "C 2", "四乱类别", "four disorders: 1-4, 9"),
    _out("severity", "SEVERITY", "C 8", "严重程度", "severity"),
    _out("permit_no", "PERMIT", "C 80", "许可文号", "permit number"),
    _out("permit_valid_to", "PERMIT_TO", "D", "许可有效期至", "permit valid to"),
    _out("county", "ADCODE", "C 6", "县级行政区代码", "holder county"),
    _out("county_name", "COUNTY", "C 30", "县(区)", "county name"),
    _out("township", "TOWNCODE", "C 9", "乡镇代码", "township code"),
    _out("township_name", "TOWN", "C 45", "乡镇", "township name"),
    _out("multi_county", "MULTI_CNTY", "N 1", "跨县", "touches more than one county"),
    _out("county_share", "CNTY_SHR", "N 6.4", "所属县面积占比", "share in holder county"),
    _out("area_m2", "AREA_M2", "N 14.2", "椭球面积(平方米)", "geodesic area, m²"),
    _out("area_stated_m2", "AREA_STAT", "N 14.2", "下发面积(平方米)", "stated area in m²"),
    _out("in_m2", "IN_M2", "N 14.2", "管理范围内面积(平方米)", "area inside management area"),
    _out("in_share", "IN_SHR", "N 6.4", "管理范围内占比", "share inside"),
    _out("protect_share", "PROT_SHR", "N 6.4", "保护范围内占比", "share in protection area"),
    _out("band", "BAND", "C 10", "与管理线关系", "in, critical, out, unknown"),
    _out("edge_m", "EDGE_M", "N 10.1", "距管理线(米,线内为负)", "signed distance to the line"),
    _out("zone", "ZONE", "C 10", "主要岸线功能区", "main shoreline zone"),
    _out("zone_share", "ZONE_SHR", "N 6.4", "该功能区占比", "its share"),
    _out("water_share", "WATER_SHR", "N 6.4", "水面占比", "share on water"),
    _out("river", "RIVER", "C 45", "河流", "river"),
    _out("river_code", "RIVERCODE", "C 20", "河流代码", "river code"),
    _out("bank", "BANK", "C 4", "岸别", "L, R, both"),
    _out("chainage_m", "CHAIN_M", "N 12.1", "桩号(米)", "chainage"),
    _out("river_m", "RIV_DIST_M", "N 10.1", "距河道中心线(米)", "distance to centreline"),
    _out("layer_version", "LAYER_VER", "C 40", "管理线版本", "boundary version"),
    _out("lon", "LON", "N 11.7", "经度", "longitude of a point on the plot, EPSG:4490"),
    _out("lat", "LAT", "N 10.7", "纬度", "latitude of the same"),
    _out("img_before", "IMG_BEF", "D", "前时相", "before image"),
    _out("img_after", "IMG_AFT", "D", "后时相", "after image"),
    _out("ndvi_change", "NDVI_CHG", "N 7.3", "NDVI 变化", "change of NDVI"),
    _out("ndwi_change", "NDWI_CHG", "N 7.3", "NDWI 变化", "change of NDWI"),
    _out("marked_unit", "REV_BY", "C 45", "复核单位", "unit that marked"),
    _out("marked_on", "REV_AT", "D", "复核日期", "date marked"),
    _out("review_due_on", "REV_DUE", "D", "复核期限", "review due"),
    _out("rectify_due_on", "REC_DUE", "D", "整改期限", "rectification due"),
    _out("rectified_on", "RECT_AT", "D", "整改完成日期", "date rectified"),
    _out("closed_on", "CLOSE_AT", "D", "销号日期", "date closed"),
    _out("overdue_days", "OVERDUE", "N 5", "超期工作日", "overdue working days"),
    _out("overdue_kind", "OVD_KIND", "C 12", "超期状态", "overdue state"),
    _out("return_n", "RET_N", "N 3", "退回次数", "returns"),
    _out("photo_n", "PHOTO_N", "N 4", "照片数", "photos"),
    _out("measure", "MEASURE", "C 4", "整改措施代码", "code of the measure"),
    _out("note", "NOTE", "C 254", "备注", "note"),
    _out("as_of", "ASOF", "C 20", "截至时间", "as-of time"),
    _out("version", "VERSION", "N 9", "版本", "plot version"),
    _out("hash", "HASH", "C 64", "台账哈希", "ledger hash of the plot's last event"),
)
"""Columns in export order. ``CUT`` is added by formats that have to cut texts.

The set is fixed for whoever reads the files; what a step that a plot has not taken would fill is
empty.
"""
