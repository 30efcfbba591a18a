"""What the issuer wrote about each plot: numbers, types, dates, places, areas and notes."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyproj
import shapely

from . import flaws, truth
from .boundaries import Feature
from .chance import stream
from .defects import spoil
from .geography import County, to_degrees
from .plots import Plot
from .shapefile import Column

BATCH = "2023年第一批(合成示例)"
BEFORE, AFTER = "20220305", "20230211"  # dates of the two sample images
MU_M2 = 10_000 / 15
MU_COUNTY = "511922"  # states its areas in 亩
WRONG_TYPE_N, NUMERIC_IDS, ZERO_IDS = 90, 30, 25
NOTE_BYTES = 254

COLUMNS = (
    Column("TBBH", "C", 40),
    Column("PC", "C", 40),
    Column("TBLX", "C", 40),
    Column("QSX", "C", 10),
    Column("HSX", "C", 10),
    Column("SJY", "C", 20),
    Column("JCMJ", "N", 14, 2),
    Column("XZQDM", "C", 6),
    Column("XZQMC", "C", 30),
    Column("XZMC", "C", 45),
    Column("CMC", "C", 30),
    Column("HLMC", "C", 30),
    Column("AB", "C", 4),
    Column("XMMC", "C", 80),
    Column("JD", "N", 12, 7),
    Column("WD", "N", 11, 7),
    Column("BZ", "C", NOTE_BYTES),
)

_VILLAGES = ("示例新桥村", "示例河口村", "示例两河村", "示例石滩村", "示例柏林村", "示例清江村")
_RARE = ("𠮷家渡大桥", "䃅石河大桥", "𠮷祥便民桥", "䃅子滩人行桥", "𠮷安桥", "䃅溪河桥")
_LONG = (
    "该图斑位于河道管理范围线内侧,影像显示地表覆盖较前时相发生变化,边界清晰,"
    "请结合现场照片、许可资料及历史影像逐项核对,重点说明建设时间、批准文号、占用岸线长度"
    "以及是否影响行洪安全,并补充上下游各五十米范围内的佐证材料;"
)
_GEOD = pyproj.Geod(a=6378137.0, rf=298.257222101)


def issue(
    plots: Sequence[Plot], counties: Sequence[County], towns: Sequence[Feature], seed: int
) -> list[Plot]:
    """Number the plots, fill their columns and spoil the outlines that are to be spoilt.

    Args:
        plots: Placed plots, all 1,299.
        counties: For names.
        towns: The township layer, EPSG:4490.
        seed: The seed of the sample.

    Returns:
        The batch in the order of the issued file: by county, then by number.
    """
    names = {county.adcode: county.name for county in counties}
    cells = shapely.STRtree([town.shape for town in towns])
    issued_types = _issued_types(plots, seed)
    rare = iter(_RARE)
    out = []
    for plot, source_id in _numbered(plots, seed):
        rng = stream(seed, "row", plot.number)
        issued = issued_types.get(plot.number, plot.slot.case.type_actual)
        row = _row(plot, names, towns, cells, rng)
        row |= {"TBBH": source_id, "TBLX": issued}
        if flaws.RARE_NAME in plot.flaws:
            row["XMMC"] = next(rare)
        note = (_LONG * 3)[:200] if flaws.LONG_NOTE in plot.flaws else ""
        if note:
            row["BZ"] = note
        named = replace(
            plot, source_id=source_id, row=row, note=note, flaws=_all_flaws(plot, issued)
        )
        out.append(spoil(named, seed))
    return out


def _all_flaws(plot: Plot, issued: str) -> tuple[str, ...]:
    more = [flaws.WRONG_TYPE] if issued != plot.slot.case.type_actual else []
    more += [flaws.IN_MU] if plot.slot.county == MU_COUNTY and flaws.POINT not in plot.flaws else []
    return (*plot.flaws, *more)


def _numbered(plots: Sequence[Plot], seed: int) -> list[tuple[Plot, str]]:
    """Plots by county in drawn order, with their numbers; some issuers number differently."""
    shuffled = [plots[n] for n in stream(seed, "order").permutation(len(plots))]
    shuffled.sort(key=lambda plot: plot.slot.county)
    odd = stream(seed, "odd ids").permutation(len(plots)).tolist()
    numeric, zeros = set(odd[:NUMERIC_IDS]), set(odd[NUMERIC_IDS : NUMERIC_IDS + ZERO_IDS])
    out, last, sequence = [], "", 0
    for at, plot in enumerate(shuffled):
        county = plot.slot.county
        sequence = sequence + 1 if county == last else 1
        last = county
        source_id = f"SC{county}-2023-{sequence:06d}"
        if at in numeric:
            source_id = f"{county}2023{sequence:09d}"
        elif at in zeros:
            source_id = f"00{county}{sequence:06d}"
        out.append((plot, source_id))
    return out


def _issued_types(plots: Sequence[Plot], seed: int) -> dict[int, str]:
    """The wrong issued type of 90 plots: all of FP46 (wrong interpretation) and drawn ones."""
    rng = stream(seed, "wrong type")
    drawn = [plots[n] for n in rng.permutation(len(plots))]
    drawn.sort(key=lambda plot: plot.slot.case.code != "FP46")
    return {
        plot.number: str(
            rng.choice([name for name in truth.ISSUED_TYPES if name != plot.slot.case.type_actual])
        )
        for plot in drawn[:WRONG_TYPE_N]
    }


def _row(
    plot: Plot,
    names: dict[str, str],
    towns: Sequence[Feature],
    cells: shapely.STRtree,
    rng: np.random.Generator,
) -> dict[str, object]:
    shape = shapely.transform(plot.place.shape, to_degrees)
    spot = shape.representative_point()
    county = plot.slot.county
    if flaws.WRONG_COUNTY in plot.flaws:
        county = str(rng.choice([code for code in names if code != county]))
    town = towns[int(cells.nearest(spot))]
    kind = plot.slot.case.type_actual
    before, after = (BEFORE, AFTER) if plot.slot.window else _dates(rng)
    if flaws.SWAPPED in plot.flaws:
        before, after = after, before
    return {
        "PC": BATCH,
        "QSX": before,
        "HSX": after,
        "SJY": "GF-1(合成示例)",
        "JCMJ": _stated_area(plot, shape, rng),
        "XZQDM": county,
        "XZQMC": names[county],
        "XZMC": town.fields["name"],
        "CMC": str(rng.choice(_VILLAGES)),
        "HLMC": plot.place.river,
        "AB": "左岸" if plot.place.side > 0 else "右岸",
        "XMMC": f"示例{plot.place.river}{kind}" if kind in _NAMED else None,
        "JD": round(spot.x, 7),
        "WD": round(spot.y, 7),
        "BZ": "合成示例数据" if rng.random() < 0.9 else "/",
    }


_NAMED = frozenset({truth.BRIDGE, truth.WEIR, truth.WHARF, truth.PIPE, truth.ROAD})


def _dates(rng: np.random.Generator) -> tuple[str, str]:
    before = np.datetime64("2021-12-01") + int(rng.integers(0, 110))
    after = np.datetime64("2022-12-05") + int(rng.integers(0, 100))
    return str(before).replace("-", ""), str(after).replace("-", "")


def _stated_area(plot: Plot, shape: shapely.Polygon, rng: np.random.Generator) -> float | None:
    if flaws.POINT in plot.flaws:
        return None
    area_m2 = abs(_GEOD.geometry_area_perimeter(shape)[0]) * (1 + 0.008 * rng.standard_normal())
    return round(area_m2 / (MU_M2 if plot.slot.county == MU_COUNTY else 1), 2)
