"""Registers beside the plots: what they refuse."""

from georeview.errors import RuleBroken, VersionMismatch


class EntryMoved(VersionMismatch):
    """Somebody else changed the entry meanwhile: ``who at``."""

    code = "entry_moved"


class StepNotOpen(RuleBroken):
    """The entry's state does not allow the step: ``action state``."""

    code = "step_not_open"


class NotConfirmed(RuleBroken):
    """Only a confirmed plot is referred to enforcement: ``plot``."""

    code = "not_confirmed"
