"""Reason and violation codes with the evidence each one asks for, as data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

EVIDENCE_KINDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "E_FACT": ("叠加事实表", "overlay fact sheet"),
        "E_IMG": ("前后时相影像对", "dated image pair"),
        "E_PHOTO": ("现场照片", "site photo"),
        "E_PERMIT": ("许可文件", "permit"),
        "E_CONSENT": (
            "规划同意书或水行政主管部门说明",
            "planning consent or water-authority statement",
        ),
        "E_STATE": ("县级盖章说明", "stamped county statement"),
        "E_FLOOD": ("碍洪意见", "flood-obstruction opinion"),
        "E_HISTORY": ("历史证明(旧影像或文件)", "proof of age"),
        "E_BOUND": ("界线示意图", "boundary sketch"),
        "E_DOC": ("其他文件", "other document"),
    }
)
"""Kind of evidence → Chinese, English. ``E_FACT`` and ``E_IMG`` also arise by themselves."""

AUTOMATIC_KINDS = frozenset({"E_FACT"})
"""Kinds that nobody can upload."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a plot is not a problem.

    Attributes:
        code: FP code.
        zh: Official Chinese wording.
        en: English.
        evidence: Every group must be met; a group is met by any one of its kinds.
        determination: What the reviewer proposes with it.
        fields: Fields of the mark that must be given.
        note_min: Least length of the note in characters.
        short_zh: Label of its chip.
        short_en: The same in English.
    """

    code: str
    zh: str
    en: str
    evidence: tuple[tuple[str, ...], ...]
    determination: str = "not_problem"
    fields: tuple[str, ...] = ()
    note_min: int = 0
    short_zh: str = ""
    short_en: str = ""


def _groups(text: str) -> tuple[tuple[str, ...], ...]:
    """``"E_CONSENT|E_STATE E_PHOTO"`` → ``(("E_CONSENT", "E_STATE"), ("E_PHOTO",))``."""
    return tuple(tuple(group.split("|")) for group in text.split())


_PERMIT = ("permit_no", "permit_authority", "permit_date")
_DATED_PERMIT = (*_PERMIT, "permit_valid_to")


def _reasons() -> Iterator[Reason]:
    def row(code: str, zh: str, en: str, evidence: str, short: str, **more: object) -> Reason:
        short_zh, short_en = short.split("/")
        return Reason(
            code,
            zh,
            en,
            _groups(evidence),
            short_zh=short_zh,
            short_en=short_en,
            **more,  # type: ignore[arg-type]
        )

    yield row(
        "FP11", "拦河闸坝(橡胶坝)", "sluice, weir, rubber dam", "E_CONSENT E_PHOTO", "拦河闸坝/Weir"
    )
    yield row(
        "FP12", "水文设施", "hydrometric facility", "E_CONSENT|E_STATE E_PHOTO", "水文设施/Gauge"
    )
    yield row(
        "FP13",
        "堤防护岸等其他水利工程",
        "dike, bank protection, other works",
        "E_CONSENT|E_STATE E_PHOTO",
        "水利工程/Works",
    )
    yield row(
        "FP21",
        "桥梁(已许可)",
        "bridge with permit",
        "E_PERMIT E_PHOTO",
        "桥梁/Bridge",
        fields=_PERMIT,
    )
    yield row(
        "FP22",
        "码头渡口(已许可)",
        "wharf, ferry with permit",
        "E_PERMIT E_PHOTO",
        "码头渡口/Wharf",
        fields=_PERMIT,
    )
    yield row(
        "FP23",
        "跨穿河管线(已许可)",
        "crossing pipe or cable",
        "E_PERMIT E_PHOTO",
        "管线/Pipe",
        fields=_PERMIT,
    )
    yield row(
        "FP24",
        "临河道路(已许可)",
        "riverside road",
        "E_PERMIT E_PHOTO",
        "临河道路/Road",
        fields=_PERMIT,
    )
    yield row(
        "FP25",
        "取排水口(已许可)",
        "intake or outlet",
        "E_PERMIT E_PHOTO",
        "取排水口/Intake",
        fields=_PERMIT,
    )
    yield row(
        "FP26",
        "其他已许可项目",
        "other permitted project",
        "E_PERMIT E_PHOTO",
        "其他许可/Permitted",
        fields=_PERMIT,
    )
    yield row(
        "FP27",
        "临时工程(许可期内)",
        "temporary works in permit time",
        "E_PERMIT E_PHOTO",
        "临时工程/Temporary",
        fields=_DATED_PERMIT,
    )
    yield row(
        "FP28",
        "许可采砂",
        "licensed sand mining",
        "E_PERMIT E_PHOTO",
        "许可采砂/Mining",
        fields=_DATED_PERMIT,
    )
    yield row("FP31", "管理范围外", "outside the management area", "E_FACT", "范围外/Outside")
    yield row(
        "FP32",
        "仅边缘压线,地物在外",
        "only the outline touches, object outside",
        "E_FACT E_PHOTO|E_IMG",
        "仅压线/Touches",
    )
    yield row(
        "FP41", "自然滩地/沙洲", "natural bar, gravel, bare bank", "E_IMG|E_PHOTO", "自然滩地/Bar"
    )
    yield row(
        "FP42", "阴影/云/影像误差", "shadow, cloud, image error", "E_IMG", "影像误差/Artefact"
    )
    yield row("FP43", "水位或季节变化", "water level or season", "E_IMG|E_PHOTO", "水位季节/Season")
    yield row(
        "FP44",
        "农作物(非高秆)/原有耕地",
        "low crop, existing field",
        "E_PHOTO E_STATE",
        "农作物/Crop",
    )
    yield row(
        "FP45",
        "自然植被/林木防护林",
        "natural or protective vegetation",
        "E_PHOTO",
        "自然植被/Vegetation",
    )
    yield row(
        "FP46",
        "无变化/解译错误",
        "no change, wrong interpretation",
        "E_IMG|E_PHOTO",
        "解译错误/No change",
        fields=("type_actual",),
    )
    yield row(
        "FP51", "防汛应急临时设施", "emergency flood works", "E_STATE E_PHOTO", "应急设施/Emergency"
    )
    yield row(
        "FP61",
        "历史不碍洪",
        "historic, not obstructing",
        "E_FLOOD E_HISTORY E_PHOTO E_STATE",
        "历史不碍洪/Historic",
        determination="not_problem_historic",
    )
    yield row("FP99", "其他", "other", "E_PHOTO E_STATE", "其他/Other", note_min=10)


REASONS: Mapping[str, Reason] = MappingProxyType({r.code: r for r in _reasons()})
"""Every FP code."""

CHIPS: tuple[str, ...] = ("FP21", "FP31", "FP41", "FP13", "FP42", "FP44", "FP24", "FP61", "FP99")
"""Reasons on the keys 1-9, in that order; a batch may have its own order later."""


@dataclass(frozen=True, slots=True)
class Violation:
    """What kind of problem a plot is: one of the four disorders, finer."""

    code: str
    disorder: str
    zh: str
    en: str


def _violations() -> Iterator[Violation]:
    table = """
    PR11 围垦湖泊 | reclaiming a lake
    PR12 未经省级以上政府批准围垦河道 | reclaiming a river without provincial approval
    PR13 非法侵占水域、滩地(含围网养殖) | occupying water or flats, net farming
    PR14 种植阻碍行洪林木、高秆作物 | trees or tall crops obstructing floods
    PR15 填堵故道、缩减沟汊、废除围堤 | filling old channels, cutting ditches, removing dikes
    PR21 未经许可采砂 | sand mining without permit
    PR22 不按许可要求采砂 | sand mining against the permit
    PR23 禁采区、禁采期采砂 | sand mining in closed area or season
    PR24 未经批准取土 | earth taking without approval
    PR25 爆破、钻探、挖筑鱼塘等 | blasting, drilling, digging ponds
    PR31 乱扔乱堆垃圾 | litter heaps
    PR32 倾倒、填埋、贮存、堆放固体废物 | dumping, burying or storing solid waste
    PR33 弃置、堆放阻碍行洪的物体 | objects obstructing floods
    PR41 岸线占而不用、多占少用、滥占滥用 | shoreline misuse
    PR42 未经许可建设涉河项目 | project without permit
    PR43 不按许可要求建设涉河项目 | project against its permit
    PR44 修建阻碍行洪的建筑物、构筑物 | building obstructing floods
    PR90 其他 | other
    """
    for line in table.strip().splitlines():
        code, _, rest = line.strip().partition(" ")
        zh, _, en = rest.partition(" | ")
        yield Violation(code, code[2], zh, en)


VIOLATIONS: Mapping[str, Violation] = MappingProxyType({v.code: v for v in _violations()})
"""Every PR code; the classes follow 办河湖〔2018〕245号."""

DISORDERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "1": ("乱占", "occupying"),
        "2": ("乱采", "mining"),
        "3": ("乱堆", "dumping"),
        "4": ("乱建", "building"),
        "9": ("其他", "other"),
    }
)
"""The four disorders (四乱), in the order of the digit keys after ``C``."""

PHOTOS_FOR_CONFIRMED = 2
PHOTOS_FOR_RECTIFIED = 2
