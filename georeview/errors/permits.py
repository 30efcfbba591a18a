"""The register of permits: what cannot be written into it."""

from georeview.errors import RuleBroken, VersionMismatch


class PermitKnown(RuleBroken):
    """The register has this number already: ``number name``."""

    code = "permit_known"


class PermitChanged(VersionMismatch):
    """Somebody else has changed the entry meanwhile: ``number``."""

    code = "permit_changed"


class PermitWithdrawn(RuleBroken):
    """The entry was withdrawn; it is not changed any more: ``number``."""

    code = "permit_withdrawn"
