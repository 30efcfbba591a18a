"""What is true about each plot of the batch: the planted verdicts, county by county."""

from collections.abc import Sequence
from dataclasses import dataclass

from .chance import stream

COUNTY_PLOTS = {"511902": 262, "511903": 188, "511921": 371, "511922": 268, "511923": 210}

BRIDGE, WEIR, GAUGE, WORKS = "桥梁", "拦河闸坝(橡胶坝)", "水文设施", "其他水利工程"
HOUSE, POND, WHARF, PIPE = "临河房屋", "坑塘养殖", "码头渡口", "跨穿河管线"
ROAD, INTAKE, PARK, SITE = "临河道路", "取排水口", "滨河公园", "施工临时工程"
MINING, HEAP, BAR, WATER = "采砂", "堆放物", "滩地", "水面变化"
CROP, WOOD, SHADOW = "种植", "林地", "阴影或影像误差"
ISSUED_TYPES = (
    BRIDGE, WEIR, GAUGE, WORKS, HOUSE, POND, WHARF, PIPE, ROAD, INTAKE, SITE, MINING, HEAP, CROP,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """What one plot truly is.

    Attributes:
        code: Reason code (FP) or violation code (PR).
        determination: The official four values.
        severity: Of a problem, else empty.
        type_actual: What stands or lies there.
        size: Area limits in m² that the severity rule implies; (0, 0) for none.
    """

    code: str
    determination: str
    severity: str
    type_actual: str
    size: tuple[float, float] = (0, 0)


@dataclass(frozen=True, slots=True)
class Slot:
    """A case given to a county; ``window`` puts it on the images, ``band`` on or off the line."""

    case: Case
    county: str
    band: str
    window: bool = False


_NEGATIVES: tuple[tuple[str, int, tuple[str, ...]], ...] = (
    ("FP21", 430, (BRIDGE,)),
    ("FP13", 150, (WORKS,)),
    ("FP31", 150, (HOUSE, HEAP, POND, CROP, HOUSE)),
    ("FP24", 120, (ROAD,)),
    ("FP41", 60, (BAR,)),
    ("FP11", 45, (WEIR,)),
    ("FP23", 45, (PIPE,)),
    ("FP25", 40, (INTAKE,)),
    ("FP26", 30, (PARK,)),
    ("FP44", 30, (CROP,)),
    ("FP32", 25, (HOUSE,)),
    ("FP42", 20, (SHADOW,)),
    ("FP22", 15, (WHARF,)),
    ("FP43", 15, (WATER,)),
    ("FP27", 12, (SITE,)),
    ("FP12", 10, (GAUGE,)),
    ("FP45", 10, (WOOD,)),
    ("FP46", 10, (CROP, HOUSE)),
    ("FP28", 8, (MINING,)),
    ("FP51", 5, (SITE,)),
)

_SMALL, _MEDIUM, _LARGE = (150, 900), (1100, 3500), (5200, 7000)
# code, determination, severity, type, size, county of each (a star: on the images)
_PROBLEMS: tuple[tuple[str, str, str, str, tuple[float, float], str], ...] = (
    ("PR13", "problem", "general", POND, _SMALL, "511923* 511921"),
    ("PR13", "problem", "major", POND, _LARGE, "511902"),
    ("PR14", "problem", "general", CROP, _SMALL, "511903"),
    ("PR14", "problem", "serious", CROP, _MEDIUM, "511923*"),
    ("PR14", "problem_historic", "general", WOOD, _SMALL, "511922"),
    ("PR21", "problem", "serious", MINING, _MEDIUM, "511923* 511921"),
    ("PR21", "problem", "major", MINING, _MEDIUM, "511923*"),
    ("PR25", "problem", "general", POND, _SMALL, "511922"),
    ("PR31", "problem", "general", HEAP, _SMALL, "511923* 511902 511921"),
    ("PR32", "problem", "general", HEAP, _MEDIUM, "511923* 511903 511922"),
    ("PR33", "problem", "general", HEAP, _SMALL, "511923* 511921"),
    ("PR33", "problem_historic", "general", HEAP, _SMALL, "511902"),
    ("PR41", "problem", "general", SITE, _MEDIUM, "511923* 511902 511921"),
    ("PR41", "problem_historic", "general", SITE, _SMALL, "511903"),
    ("PR42", "problem", "major", HOUSE, _MEDIUM, "511923*"),
    ("PR44", "problem", "serious", HOUSE, _SMALL, "511923* 511902 511921"),
    ("PR44", "problem_historic", "serious", HOUSE, _SMALL, "511922 511921"),
)

HISTORIC_N = 40
CRITICAL = {"FP32": 25, "FP31": 16, "FP24": 6, "FP13": 5, "FP44": 4, "PR": 4}
FAR_N, NO_COUNTY_N, LINE_ERROR_N, CORNER_N = 9, 2, 6, 2
STRADDLE = {"511902": 4, "511903": 2, "511921": 2, "511922": 2, "511923": 2}
_ON_IMAGES = {
    "FP21": 6, "FP13": 4, "FP24": 3, "FP31": 5, "FP41": 4, "FP11": 1, "FP23": 1, "FP25": 2,
    "FP26": 2, "FP44": 2, "FP42": 1, "FP22": 1, "FP43": 1, "FP61": 2, "FP27": 1,
}  # fmt: skip


def slots(seed: int) -> list[Slot]:
    """All 1,299 plots to be placed.

    Args:
        seed: The seed of the sample.

    Returns:
        Slots with exact counts by county, code and severity; 60 of them critical.
    """
    room = dict(COUNTY_PLOTS)
    placed = [_problem(case, home) for case, home in _problem_cases()]
    rest = _negative_cases(seed)
    for code, count in _ON_IMAGES.items():
        chosen = [case for case in rest if case.code == code][:count]
        for case in chosen:
            rest.remove(case)
            band = "out" if code == "FP31" else "in"
            placed.append(Slot(case, "511923", band, window=True))
    for slot in placed:
        room[slot.county] -= 1
    homes = [code for code, count in room.items() for _ in range(count)]
    stream(seed, "homes").shuffle(homes)
    placed += [Slot(case, home, "in") for case, home in zip(rest, homes, strict=True)]
    return _bands(placed)


def _problem_cases() -> list[tuple[Case, str]]:
    return [
        (Case(code, determination, severity, kind, size), home)
        for code, determination, severity, kind, size, homes in _PROBLEMS
        for home in homes.split()
    ]


def _problem(case: Case, home: str) -> Slot:
    return Slot(case, home.removesuffix("*"), "in", window=home.endswith("*"))


def _negative_cases(seed: int) -> list[Case]:
    rng = stream(seed, "negatives")
    cases = [
        Case(code, "not_problem", "", kinds[number % len(kinds)])
        for code, count, kinds in _NEGATIVES
        for number in range(count)
    ]
    cases += [
        Case("FP61", "not_problem_historic", "", (HOUSE, SITE)[number % 2])
        for number in range(HISTORIC_N)
    ]
    order = rng.permutation(len(cases))
    return [cases[number] for number in order]


def _bands(placed: Sequence[Slot]) -> list[Slot]:
    """Say of every slot where it lies to the management line."""
    left = dict(CRITICAL)
    special = {
        "corner": CORNER_N,
        "far": FAR_N - CORNER_N,
        "no_county": NO_COUNTY_N,
        "line_error": LINE_ERROR_N,
        **STRADDLE,
    }
    out = []
    for slot in placed:
        code, band = slot.case.code, slot.band
        key = "PR" if code.startswith("PR") else code
        if not slot.window:
            if code == "FP31":
                band = (
                    _corner(special, slot)
                    or _take(special, "far", "")
                    or _no_county(special, slot)
                    or "out"
                )
            if code == "FP13" and slot.county in {"511903", "511921"}:
                band = _take(special, "line_error", "") or band
            if code == "FP24" and not left[code] and _take(special, slot.county, ""):
                band = "straddle"
            if band in {"in", "out"} and left.get(key, 0) and slot.case.size != _LARGE:
                left[key] -= 1
                band = "critical"
        out.append(Slot(slot.case, slot.county, band, slot.window))
    return out


def _corner(special: dict[str, int], slot: Slot) -> str:
    """Three counties meet only where 巴州 is one of them."""
    return _take(special, "corner", "") if slot.county == "511902" else ""


def _no_county(special: dict[str, int], slot: Slot) -> str:
    return _take(special, "no_county", "") if slot.county == "511923" else ""


def _take(counts: dict[str, int], name: str, otherwise: str) -> str:
    if counts[name]:
        counts[name] -= 1
        return name
    return otherwise
