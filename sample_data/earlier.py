"""The batch of the year before: places that come again, and a few that only look as if they did.

210 plots: 60 return with an equal shape, 40 with a moved one (0.3 to 0.9 of both in common), 20
carry the number of a later plot with a suffix and lie elsewhere, 90 do not return. Twelve of those
that return were problems.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import shapely
from shapely.affinity import translate

from . import flaws, truth
from .chance import stream
from .geography import to_degrees
from .ground import Ground
from .places import find
from .plots import Plot

BATCH = "2022年第一批(合成示例)"
EQUAL_N, MOVED_N, TRAP_N, GONE_N = 60, 40, 20, 90
PROBLEM_N, STILL_N = 12, 8
LEAST_IOU, MOST_IOU = 0.3, 0.9
BEFORE, AFTER = "20210316", "20220118"
_HARMLESS = {flaws.WRONG_TYPE, flaws.IN_MU}
_RESTORED = ("FP41", "FP44", "FP45")
_WAS = truth.Case("PR32", "problem", "general", truth.HEAP)
"""What a place was that has been put right since."""


@dataclass(frozen=True, slots=True)
class Past:
    """A plot of the earlier batch.

    Attributes:
        plot: The plot as issued then.
        kind: ``equal``, ``moved``, ``trap`` or ``gone``.
        again: Number of the plot that has to do with it a year later, else empty.
    """

    plot: Plot
    kind: str
    again: str


def earlier(batch: Sequence[Plot], ground: Ground, seed: int) -> list[Past]:
    """The plots of the year before, by county, then by number.

    Args:
        batch: The later batch as issued.
        ground: What is left of the ground; new plots are taken from it.
        seed: The seed of the sample.
    """
    sound = [plot for plot in batch if set(plot.flaws) <= _HARMLESS and not plot.slot.window]
    rng = stream(seed, "earlier")
    sound = [sound[n] for n in rng.permutation(len(sound))]
    chosen = _returning(sound)
    suffixed = [plot for plot in batch if plot.source_id.startswith("00")][:TRAP_N]
    models = [plot for plot in sound if plot not in chosen and plot.slot.case.code.startswith("FP")]
    found = [
        *(Past(plot, "equal", plot.source_id) for plot in chosen[:EQUAL_N]),
        *(Past(_moved(plot, seed), "moved", plot.source_id) for plot in chosen[EQUAL_N:]),
        *_elsewhere(ground, models[:TRAP_N], "trap", [plot.source_id for plot in suffixed], seed),
        *_elsewhere(ground, models[TRAP_N : TRAP_N + GONE_N], "gone", [""] * GONE_N, seed),
    ]
    return list(_numbered(found))


def _returning(sound: Sequence[Plot]) -> list[Plot]:
    """Plots that come again, twelve of which were problems: eight are so again, four no more."""

    def some(most: int, *codes: str) -> list[Plot]:
        return [plot for plot in sound if plot.slot.case.code.startswith(codes)][:most]

    still = [p for p in some(29, "PR") if p.slot.case.determination == "problem"][:STILL_N]
    restored = [_as(plot, _WAS) for plot in some(PROBLEM_N - STILL_N, *_RESTORED)]
    taken = {plot.number for plot in (*still, *restored)}
    rest = [p for p in some(len(sound), "FP") if p.number not in taken and p.slot.band == "in"]
    return [*still, *restored, *rest][: EQUAL_N + MOVED_N]


def _as(plot: Plot, case: truth.Case) -> Plot:
    return replace(plot, slot=replace(plot.slot, case=case))


def _moved(plot: Plot, seed: int) -> Plot:
    """The same plot drawn a little beside, so that a good part of both is common."""
    rng, shape = stream(seed, "moved", plot.number), plot.place.shape
    wanted = rng.uniform(LEAST_IOU + 0.08, MOST_IOU - 0.05)
    angle = rng.uniform(0, 2 * math.pi)
    east, north = math.cos(angle), math.sin(angle)
    low, high = 0.0, float(shape.length)
    for _ in range(40):
        middle = (low + high) / 2
        moved = translate(shape, east * middle, north * middle)
        low, high = (middle, high) if _iou(shape, moved) > wanted else (low, middle)
    return replace(plot, place=replace(plot.place, shape=translate(shape, east * low, north * low)))


def _elsewhere(
    ground: Ground, models: Sequence[Plot], kind: str, again: Sequence[str], seed: int
) -> Iterator[Past]:
    """Plots like others on ground of their own."""
    for model, number in zip(models, again, strict=True):
        rng = stream(seed, kind, model.number)
        slot = replace(model.slot, band="in" if model.slot.band == "in" else "out")
        place = find(ground, slot, model.place.shape.area, rng)
        ground.take(place.shape)
        yield Past(replace(model, slot=slot, place=place), kind, number)


def _numbered(found: Sequence[Past]) -> Iterator[Past]:
    sequence: dict[str, int] = {}
    for past in sorted(found, key=lambda past: past.plot.slot.county):
        county = past.plot.slot.county
        sequence[county] = sequence.get(county, 0) + 1
        number = f"SC{county}-2022-{sequence[county]:06d}"
        if past.kind == "trap":
            number = f"{past.again}-1"
        spot = shapely.transform(past.plot.place.shape, to_degrees).representative_point()
        row = {
            **past.plot.row,
            "TBBH": number,
            "PC": BATCH,
            "TBLX": past.plot.slot.case.type_actual,
            "QSX": BEFORE,
            "HSX": AFTER,
            "JD": round(spot.x, 7),
            "WD": round(spot.y, 7),
            "JCMJ": round(past.plot.place.shape.area, 2),
            "BZ": "合成示例数据",
        }
        yield replace(past, plot=replace(past.plot, source_id=number, row=row))


def _iou(one: shapely.Geometry, other: shapely.Geometry) -> float:
    common = one.intersection(other).area
    return float(common / (one.area + other.area - common))
