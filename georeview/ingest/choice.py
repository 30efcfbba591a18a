"""Which of several layers of a file is meant."""

from collections.abc import Iterable, Mapping

from georeview.errors.files import LayerUnclear, NoRows
from georeview.ingest.report import Flag

EVERY_LAYER = "*"
"""What asks for all layers of a file, each as a file of its own."""

NAMED = 40
"""Layers named in a sentence."""


def one_of(ranks: Mapping[str, int], wanted: str | None, file: str) -> tuple[str, tuple[Flag, ...]]:
    """The layer that is meant, and a note on others that hold rows.

    Args:
        ranks: Layer → how likely it holds plots; nought means that it holds no row.
        wanted: What the user says.
        file: Name for the sentence.

    Raises:
        LayerUnclear: Several are equally likely, or there is none of that name.
        NoRows: Not one holds a row.
    """
    full = [name for name, rank in ranks.items() if rank]
    if wanted is not None:
        if wanted not in ranks:
            raise LayerUnclear(file=file, layers=listed(full or ranks))
        return wanted, ()
    best = [name for name in full if ranks[name] == max(ranks.values())]
    if not best:
        raise NoRows(file=file)
    if len(best) > 1:
        raise LayerUnclear(file=file, layers=listed(full))
    others = [name for name in full if name != best[0]]
    return best[0], (Flag("layers_left", {"layers": listed(others)}),) if others else ()


def listed(names: Iterable[str]) -> str:
    """Names for a sentence."""
    shown = [name[:60] for name in names]
    more = "" if len(shown) <= NAMED else f", … (+{len(shown) - NAMED})"
    return ", ".join(shown[:NAMED]) + more
