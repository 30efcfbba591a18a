"""Telling people by mail."""

from georeview.errors import BadValue, RuleBroken, Unavailable


class MailNotSet(RuleBroken):
    """No mail server is set."""

    code = "mail_not_set"


class MailServerAway(Unavailable):
    """The mail server cannot be reached or does not let us in: ``why``."""

    code = "mail_server_away"


class MailAddressRefused(BadValue):
    """The mail server takes no message for an address: ``address``."""

    code = "mail_address_refused"
