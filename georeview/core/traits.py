"""What figures are broken down by beside a plot's standing, as far as its events say it."""

from collections.abc import Mapping
from dataclasses import dataclass

from georeview.core.ledger import Value
from georeview.core.plot import Mark

Told = tuple[str, str, str]
"""Township, code and reviewer; empty where there is none."""


def code_of(mark: str, reason: str | None, violation: str | None) -> str:
    """The one code a plot is counted under: why it is no problem, or which problem it is."""
    if mark == Mark.FALSE_POSITIVE:
        return reason or ""
    return "" if mark == Mark.PENDING else violation or ""


@dataclass(slots=True)
class Traits:
    """What the events of a plot say of it beside its standing, followed one by one."""

    township: str = ""
    mark: str = Mark.PENDING.value
    reason: str = ""
    violation: str = ""
    marked_by: str = ""
    assignee: str = ""

    def take(self, changes: Mapping[str, Value]) -> None:
        """Follow what an event changes."""
        for name in self.__slots__:
            if name in changes:
                value = changes[name]
                setattr(self, name, "" if value is None else str(value))

    def told(self) -> Told:
        """Township, code, and who reviews it: whoever marked it, before that whoever was given it."""
        code = code_of(self.mark, self.reason, self.violation)
        return self.township, code, self.marked_by or self.assignee
