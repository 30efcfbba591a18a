"""Which plots are spoilt on purpose, and how: decided from the slots alone, before any drawing."""

from collections.abc import Callable, Sequence

from . import truth
from .chance import stream
from .truth import Slot

TINY, SLIVER, POINT, DUPLICATE = "tiny", "sliver", "point", "duplicate"
SELF_CROSSING, REVERSED = "self_crossing", "reversed_ring"
REPEATED, SPIKE, ZERO_WIDTH = "repeated_vertices", "spike", "zero_width"
MULTIPART, HEIGHT = "multipart", "z"
WRONG_COUNTY, SWAPPED = "county_stated_wrong", "dates_swapped"
RARE_NAME, LONG_NOTE = "rare_name", "long_note"
WRONG_TYPE, IN_MU = "wrong_type", "area_in_mu"

BY_BAND = {
    "straddle": "two_counties",
    "corner": "three_counties",
    "far": "far",
    "no_county": "no_county",
    "line_error": "layer_v1",
}

_SOFT = frozenset({truth.HEAP, truth.POND, truth.WOOD, truth.MINING})


def _any(slot: Slot) -> bool:
    return slot.band in {"in", "out"}


def _of(*kinds: str) -> Callable[[Slot], bool]:
    return lambda slot: slot.case.type_actual in kinds


_PLANTED: tuple[tuple[str, int, Callable[[Slot], bool]], ...] = (
    (POINT, 5, _of(truth.GAUGE)),
    (SLIVER, 4, _of(truth.SHADOW)),
    (TINY, 7, _of(truth.HOUSE, truth.INTAKE)),
    (SELF_CROSSING, 8, _of(*_SOFT)),
    (MULTIPART, 10, _of(truth.HEAP, truth.POND, truth.CROP, truth.PARK)),
    (REVERSED, 4, _any),
    (REPEATED, 3, _any),
    (SPIKE, 3, _of(truth.PARK, truth.CROP, truth.HOUSE, truth.BRIDGE)),
    (ZERO_WIDTH, 2, _any),
    (HEIGHT, 6, _any),
    (WRONG_COUNTY, 15, _any),
    (SWAPPED, 4, _any),
    (RARE_NAME, 6, _of(truth.BRIDGE)),
    (LONG_NOTE, 5, _any),
)
DUPLICATE_PAIRS = 3


def assign(slots: Sequence[Slot], seed: int) -> tuple[dict[int, str], dict[int, int]]:
    """Choose the plots to spoil; nobody gets two flaws, and no true problem gets one.

    Args:
        slots: All slots.
        seed: The seed of the sample.

    Returns:
        Flaw by slot number, and for exact duplicates the slot whose outline each repeats.
    """
    free = [
        number
        for number, slot in enumerate(slots)
        if slot.band in {"in", "out"} and not slot.window and slot.case.code.startswith("FP")
    ]
    stream(seed, "flaws").shuffle(free)
    chosen: dict[int, str] = {}
    for name, count, suits in _PLANTED:
        fitting = [number for number in free if suits(slots[number])][:count]
        chosen.update(dict.fromkeys(fitting, name))
        free = [number for number in free if number not in chosen]
    return chosen, _twins(slots, free)


def _twins(slots: Sequence[Slot], free: Sequence[int]) -> dict[int, int]:
    """Pairs of bridges in one county: the later repeats the earlier."""
    twins: dict[int, int] = {}
    waiting: dict[str, int] = {}
    for number in free:
        slot = slots[number]
        if slot.case.code != "FP21" or len(twins) == DUPLICATE_PAIRS:
            continue
        if slot.county in waiting:
            twins[number] = waiting.pop(slot.county)
        else:
            waiting[slot.county] = number
    return twins
