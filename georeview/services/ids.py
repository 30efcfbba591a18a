"""Identifiers of our own."""

import os
import secrets
from datetime import datetime

TOGETHER = 256
"""Identifiers made from one piece of randomness: asking the kernel for it takes as long as hashing
an event."""

_spare: list[str] = []

# Two processes must not give the same ones.
os.register_at_fork(after_in_child=_spare.clear)


def new_id() -> str:
    """An identifier nobody can guess, sortable by nothing."""
    try:
        return _spare.pop()
    except IndexError:
        block = secrets.token_hex(12 * TOGETHER)
        first, *rest = (block[at : at + 24] for at in range(0, len(block), 24))
        _spare.extend(rest)
        return first


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
