"""People, keys and receivers: who is asking, and what cannot be done to whom."""

from georeview.errors import BadValue, Forbidden, NotSignedIn, RuleBroken


class BadCredentials(NotSignedIn):
    """Name and password do not match."""

    code = "bad_credentials"


class BadKey(NotSignedIn):
    """The key is none of ours, was revoked, or has come to its end."""

    code = "bad_key"


class PersonUnknown(BadValue):
    """Who is named for a system is nobody who may sign in: ``user``."""

    code = "person_unknown"


class PersonMissing(Forbidden):
    """A system writes about plots for a named person only, and nothing else."""

    code = "person_missing"


class KeyKnown(RuleBroken):
    """There is, or was, a key of that name: ``name``."""

    code = "key_known"


class AddressRefused(BadValue):
    """The address is unknown, or lies where nobody outside may send us: ``host``."""

    code = "address_refused"


class TooManyWebhooks(RuleBroken):
    """One may have so many: ``n``."""

    code = "too_many_webhooks"


class PasswordToChange(Forbidden):
    """The password was given by somebody else, and only opens the way to a new one."""

    code = "password_to_change"


class PersonKnown(RuleBroken):
    """There is an account of that name already: ``user``."""

    code = "person_known"


class NobodyNamed(RuleBroken):
    """No name is on record of the plot, or none any more: ``plot``."""

    code = "nobody_named"


class OwnAccount(RuleBroken):
    """One's own roles, password and state are for somebody else to change."""

    code = "own_account"
