"""The one place that reads a clock: everything else is given the time."""

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

Clock = Callable[[], dt.datetime]
"""Gives the present instant, aware, in UTC."""

SHANGHAI = ZoneInfo("Asia/Shanghai")
"""The time zone of every date a person sees; the store keeps UTC."""


def system_clock() -> dt.datetime:
    """Read the machine's clock: aware, UTC."""
    return dt.datetime.now(dt.UTC)
