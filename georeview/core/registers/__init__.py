"""Registers beside the plots: who answers for which reach, findings, and referrals to enforcement.

An entry never goes away: each change is a further version of it, and the last one counts. A register
is data: fields, steps between states, who reads and who writes.
"""

from collections.abc import Mapping
from types import MappingProxyType

from georeview.core.registers.duties import DUTIES
from georeview.core.registers.findings import FINDINGS
from georeview.core.registers.referrals import REFERRALS
from georeview.core.registers.register import Content, Entry, Register, RegisterStep

__all__ = [
    "DUTIES",
    "FINDINGS",
    "REFERRALS",
    "REGISTERS",
    "Content",
    "Entry",
    "Register",
    "RegisterStep",
]

REGISTERS: Mapping[str, Register] = MappingProxyType(
    {register.id: register for register in (DUTIES, FINDINGS, REFERRALS)}
)
"""Every register, by its name in addresses."""
