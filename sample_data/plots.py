"""The plots of the batch, each on the ground its slot asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from . import flaws, shapes, truth
from .chance import stream
from .ground import Ground
from .places import TINY_M2, Place, find


@dataclass(frozen=True, slots=True)
class Plot:
    """One plot as issued, with the truth about it.

    Attributes:
        number: Place in the recipe; chance about this plot is drawn by it.
        slot: What it is and where it had to lie.
        place: Where it lies; the outline may have been spoilt on purpose.
        flaws: Names of the planted defects.
        source_id: Plot number as issued.
        row: Columns of the issued file.
        reverse: Ring stored in the wrong direction.
        height_m: Z of its vertices.
        note: Full note where dBASE has no room for it.
    """

    number: int
    slot: truth.Slot
    place: Place
    flaws: tuple[str, ...] = ()
    source_id: str = ""
    row: Mapping[str, object] = field(default_factory=dict)
    reverse: bool = False
    height_m: float = 0.0
    note: str = ""

    @property
    def change(self) -> str:
        """What the image pair shows: ``appeared``, ``cleared`` or ``none``."""
        code = self.slot.case.code
        if code in _MAY_BE_NEW and self.slot.window:
            return "appeared" if self.number % 2 else "none"
        if not code.startswith("PR"):
            return "none"
        return "cleared" if self.slot.window and code in _CLEARED else "appeared"


_MAY_BE_NEW = frozenset({"FP21", "FP22", "FP24", "FP26", "FP27"})  # permitted, half of them new
_CLEARED = frozenset({"PR31", "PR41"})  # seen on the earlier image, gone on the later one


def place_all(ground: Ground, seed: int, *, window_only: bool = False) -> list[Plot]:
    """Find ground for every slot: those on the images first, so that they depend on no other.

    Args:
        ground: The surveyed ground.
        seed: The seed of the sample.
        window_only: Only the plots on the images.

    Returns:
        Plots in recipe order, without attributes, outlines not yet spoilt.
    """
    slots = truth.slots(seed)
    spoilt, twins = flaws.assign(slots, seed)
    found: dict[int, Plot] = {}
    order = sorted(range(len(slots)), key=lambda n: (not slots[n].window, slots[n].band == "in", n))
    for number in order:
        slot = slots[number]
        if number in twins or (window_only and not slot.window):
            continue
        flaw = spoilt.get(number, "")
        place = _place(ground, slot, number, flaw, seed)
        ground.take(place.shape)
        names = [flaw, flaws.BY_BAND.get(slot.band, "")]
        found[number] = Plot(number, slot, place, tuple(filter(None, names)))
    if not window_only:
        for number, first in twins.items():
            found[first] = replace(found[first], flaws=(flaws.DUPLICATE,))
            found[number] = replace(found[first], number=number, slot=slots[number])
    return [found[number] for number in sorted(found)]


def _place(ground: Ground, slot: truth.Slot, number: int, flaw: str, seed: int) -> Place:
    rng = stream(seed, "plot", number)
    size = shapes.area(rng, slot.case)
    if flaw == flaws.TINY:
        size = float(rng.uniform(48, TINY_M2 - 10))
    elif flaw in {flaws.MULTIPART, flaws.SELF_CROSSING}:
        size = max(size, 500.0)
    elif flaw == flaws.SLIVER:
        size = float(rng.uniform(700, 1100))
        slot = replace(slot, case=replace(slot.case, type_actual=shapes.SLIVER))
    return find(ground, slot, size, rng)
