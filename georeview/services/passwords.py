"""Passwords: how they are kept, checked and made up."""

import secrets
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from georeview.errors import BadValue, TooOften

PASSWORD_MIN = 10
CHECKS_AT_ONCE = 2
CHECK_WAIT_S = 5
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""What nobody takes for something else when it is read out or copied by hand."""


class Checker:
    """Checks passwords, a few at a time: each takes 64 MB and a core, and the work must go on."""

    def __init__(self) -> None:
        self._free = BoundedSemaphore(CHECKS_AT_ONCE)

    def matches(self, stored: str | None, password: str) -> bool:
        """Whether a password is the one; takes as long where there is none to compare with.

        Raises:
            TooOften: Too many are being checked.
        """
        if not self._free.acquire(timeout=CHECK_WAIT_S):
            raise TooOften(seconds=CHECK_WAIT_S)
        try:
            PasswordHasher().verify(stored or _unusable(), password)
        except VerificationError:
            return False
        else:
            return stored is not None
        finally:
            self._free.release()


def kept(password: str) -> str:
    """A password as it is kept.

    Raises:
        BadValue: It is too short.
    """
    if len(password) < PASSWORD_MIN:
        raise BadValue(field="password", value=f"< {PASSWORD_MIN}")
    return PasswordHasher().hash(password)


def one_time() -> str:
    """A password for the first sign-in: 79 bits, in groups that can be read out."""
    groups = ("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


@cache
def _unusable() -> str:
    """A hash nobody knows the password of: an unknown name then takes as long as a known one."""
    return PasswordHasher().hash(secrets.token_urlsafe(32))
