"""Every refusal there is: a stable code and the facts of the case.

The sentence for a person stands in ``georeview/texts/<language>.toml`` under
``error.<code>``; ``api/problems.py`` gives each family its HTTP status and
``georeview/cli`` its exit code. The refusals themselves stand beside, a module a subject; here are
their families, by what the caller can do about it:

    GeoreviewError
    ├── Malformed           not readable as what it claims to be
    ├── NotSignedIn         who is asking is not known
    ├── Forbidden           known, but may not
    ├── NotFound            not there, or not visible to whoever asks
    ├── RuleBroken          against the rules of the workflow
    ├── VersionMismatch     somebody else was first
    │   └── VersionMissing  the change names no version
    ├── TooLarge            over a stated limit
    ├── WrongKind           a kind of file or body that is not taken
    ├── BadValue            readable, but a value is impossible
    ├── TooOften            slow down
    └── Unavailable         try again later
"""

from typing import ClassVar


class GeoreviewError(Exception):
    """Something asked for was refused.

    Args:
        **facts: What the sentence needs: plain text and numbers, fit for a person to read.
            Never a path of the server, SQL, or a secret.
    """

    code: ClassVar[str] = "refused"

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code, facts)
        self.facts: dict[str, object] = facts


class Malformed(GeoreviewError):
    """The input cannot be read as what it claims to be."""

    code = "malformed"


class NotSignedIn(GeoreviewError):
    """Nobody is signed in, or the session has ended."""

    code = "not_signed_in"


class Forbidden(GeoreviewError):
    """The person is known and may not do this."""

    code = "forbidden"


class NotFound(GeoreviewError):
    """The thing is not there, or not visible to whoever asks."""

    code = "not_found"


class RuleBroken(GeoreviewError):
    """The rules of the workflow do not allow this now."""

    code = "rule_broken"


class VersionMismatch(GeoreviewError):
    """The thing has changed since the caller looked."""

    code = "version_mismatch"


class VersionMissing(VersionMismatch):
    """A change must name the version it is based on."""

    code = "version_missing"


class TooLarge(GeoreviewError):
    """Over a stated limit."""

    code = "too_large"


class WrongKind(GeoreviewError):
    """A kind of file or body that is not taken here."""

    code = "wrong_kind"


class BadValue(GeoreviewError):
    """Readable, but a value is not possible."""

    code = "bad_value"


class TooOften(GeoreviewError):
    """Too many tries in too short a time."""

    code = "too_often"


class Unavailable(GeoreviewError):
    """The store or a part of the service cannot answer now."""

    code = "unavailable"
