"""CQL2 filters."""

from georeview.errors import Malformed


class FilterUnreadable(Malformed):
    """A filter breaks off or goes on as CQL2 does not: ``at near``, the character, from 1."""

    code = "filter_unreadable"


class FilterTooLarge(Malformed):
    """A filter is longer, deeper or has more parts than is taken: ``what limit``."""

    code = "filter_too_large"


class FilterFieldUnknown(Malformed):
    """A filter names what plots cannot be filtered by: ``name possible``."""

    code = "filter_field_unknown"


class FilterOperatorUnknown(Malformed):
    """A filter asks in a way that is not taken, or not of this field: ``op field possible``."""

    code = "filter_operator_unknown"


class FilterValueWrong(Malformed):
    """A filter compares a field with what it never holds: ``name value possible``."""

    code = "filter_value_wrong"


class FilterShapeWrong(Malformed):
    """The shape of a filter is none, or not in degrees: ``value``."""

    code = "filter_shape_wrong"
