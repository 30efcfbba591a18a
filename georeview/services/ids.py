"""Identifiers of our own."""

import secrets
from collections.abc import Iterator
from datetime import datetime

TOGETHER = 1000
"""Identifiers made from one piece of randomness."""


def new_id() -> str:
    """An identifier nobody can guess, sortable by nothing."""
    return secrets.token_hex(12)


def new_ids() -> Iterator[str]:
    """As many such identifiers as are wanted; randomness is asked for a thousand at a time."""
    while True:
        block = secrets.token_hex(12 * TOGETHER)
        yield from (block[at : at + 24] for at in range(0, len(block), 24))


def new_plot_ids(n: int, now: datetime) -> list[str]:
    """Identifiers for plots that come in together, rising, and nobody can guess.

    Every index of plots and events grows at its end while a file is taken in, and what lies
    together in a file lies together in the store. Thirteen random digits are left.

    Args:
        n: How many.
        now: Server time; later calls give greater ones.
    """
    moment = f"p_{int(now.timestamp() * 1000):011x}"
    block = secrets.token_hex(7 * n)
    return sorted(moment + block[at : at + 13] for at in range(0, len(block), 14))
