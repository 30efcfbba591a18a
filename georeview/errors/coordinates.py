"""Coordinate systems that are unread, missing, contradicted or out of place."""

from georeview.errors import BadValue, Malformed


class CrsNotReadable(Malformed):
    """A coordinate system is neither ``EPSG:n`` nor inline WKT: ``text``."""

    code = "crs_not_readable"


class CrsNotAccepted(BadValue):
    """A coordinate system that is not taken: ``name``."""

    code = "crs_not_accepted"


class CrsOldDatum(BadValue):
    """A datum without a valid transformation to CGCS2000: ``name``."""

    code = "crs_old_datum"


class CrsMissing(BadValue):
    """The file names no coordinate system: ``candidates`` that would fit, or a dash."""

    code = "crs_missing"


class CrsUntold(BadValue):
    """The file names no coordinate system and its numbers, ``x y``, fit none in use here."""

    code = "crs_untold"


class CrsContradicted(BadValue):
    """The coordinates do not fit the system the file names: ``declared candidates``."""

    code = "crs_contradicted"


class ZonePrefixMissing(CrsContradicted):
    """The file names a system whose eastings begin with the zone, and they do not."""

    code = "zone_prefix_missing"


class ZonePrefixExtra(CrsContradicted):
    """The eastings begin with the zone, and the system the file names knows of none."""

    code = "zone_prefix_extra"


class CrsWrongZone(CrsContradicted):
    """The coordinates fit another zone, or meridian, than the file names."""

    code = "crs_wrong_zone"


class CrsIsDegrees(CrsContradicted):
    """The file names a projected system, and the coordinates are degrees."""

    code = "crs_is_degrees"


class CrsIsMetres(CrsContradicted):
    """The file names degrees, and the coordinates are metres."""

    code = "crs_is_metres"


class AxesSwapped(BadValue):
    """North stands where east should be: ``crs``; ``offer`` reads it the other way round."""

    code = "axes_swapped"


class OutsideArea(BadValue):
    """Read in its system the data lie outside the expected area: ``crs lon lat``."""

    code = "outside_area"
