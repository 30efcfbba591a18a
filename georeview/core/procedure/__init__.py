"""The procedure as data: every step a person can take, phase by phase."""

from collections.abc import Mapping
from types import MappingProxyType

from georeview.core.access import GRANTS, Role
from georeview.core.plot import Stage
from georeview.core.procedure import correcting, dispatching, rectifying, reviewing, verifying
from georeview.core.procedure.step import Case, Command, Step

__all__ = ["BULK", "OFFERED", "STEPS", "TRANSITIONS", "Case", "Command", "Step"]

STEPS: tuple[Step, ...] = (
    *dispatching.STEPS,
    *reviewing.STEPS,
    *verifying.STEPS,
    *rectifying.STEPS,
    *correcting.STEPS,
)
"""Every step, in the order of the procedure."""

TRANSITIONS: Mapping[str, tuple[Step, ...]] = MappingProxyType(
    {
        action: tuple(step for step in STEPS if step.action == action)
        for action in dict.fromkeys(step.action for step in STEPS)
    }
)
"""Action → its steps; several where roles take it from different stages."""

OFFERED: Mapping[tuple[Role, str], tuple[Step, ...]] = MappingProxyType(
    {
        (role, stage.value): tuple(
            step for step in STEPS if role in step.takers() and stage in step.stages(role)
        )
        for role in GRANTS
        for stage in Stage
    }
)
"""What a role may do with a plot in a stage."""

BULK = frozenset(step.action for step in STEPS if step.bulk)
"""Actions that many plots may be put through at once."""
