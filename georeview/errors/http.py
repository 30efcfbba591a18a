"""Requests that no route ever sees."""

from georeview.errors import BadValue, Forbidden, Malformed, WrongKind


class ForeignRequest(Forbidden):
    """A change asked for by a page of another site."""

    code = "foreign_request"


class UnknownParameter(Malformed):
    """A query parameter this address does not know: ``name known``."""

    code = "unknown_parameter"


class NotJson(WrongKind):
    """The body is not sent as JSON."""

    code = "not_json"


class BodyTooSlow(Malformed):
    """The body did not arrive in time: ``seconds``."""

    code = "body_too_slow"


class UnknownHost(BadValue):
    """The request names a host this server does not answer to: ``host``."""

    code = "unknown_host"


class BadVersionHeader(Malformed):
    """``If-Match`` is not a version we gave out: ``value``."""

    code = "bad_version_header"
