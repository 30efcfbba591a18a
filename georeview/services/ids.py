"""Identifiers of our own."""

import secrets
from datetime import datetime


def new_id() -> str:
    """An identifier nobody can guess, sortable by nothing."""
    return secrets.token_hex(12)


def new_plot_ids(n: int, now: datetime) -> list[str]:
    """Identifiers for plots that come in together, rising, and nobody can guess.

    Every index of plots and events grows at its end while a file is taken in, and what lies
    together in a file lies together in the store. Thirteen random digits are left.

    Args:
        n: How many.
        now: Server time; later calls give greater ones.
    """
    moment = int(now.timestamp() * 1000)
    return sorted(f"p_{moment:011x}{secrets.token_hex(7)[1:]}" for _ in range(n))
