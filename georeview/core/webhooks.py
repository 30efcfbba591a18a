"""Deliveries to other systems after Standard Webhooks: how they are signed, and tried again."""

import base64
import binascii
import hashlib
import hmac
from datetime import datetime, timedelta

SECRET_PREFIX = "whsec_"  # noqa: S105 - marks a secret, is none
BACK_OFF = tuple(
    timedelta(minutes=n) for n in (0.5, 5, 30, 2 * 60, 5 * 60, 10 * 60, 14 * 60, 20 * 60, 24 * 60)
)
"""Waits before each further try; after the last, about three days on, nobody is there."""

GONE = 410
"""What a receiver answers that wants no more."""


def secret_of(random: bytes) -> str:
    """A secret as it is handed out."""
    return SECRET_PREFIX + base64.b64encode(random).decode("ascii")


def signature(secret: str, message_id: str, at: datetime, payload: bytes) -> str:
    """What ``webhook-signature`` says of one message.

    Raises:
        ValueError: The secret is none of ours.
    """
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("not a webhook secret") from error
    signed = f"{message_id}.{int(at.timestamp())}.".encode() + payload
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode("ascii")


def headers(secret: str, message_id: str, at: datetime, payload: bytes) -> dict[str, str]:
    """The headers of one message; its id is the same at every try."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature(secret, message_id, at, payload),
        "content-type": "application/json",
        "user-agent": "georeview-webhooks",
    }


def next_try(failures: int, now: datetime, status: int | None) -> datetime | None:
    """When to try again after so many failures in a row, ``None`` when it is given up.

    Args:
        failures: This one included.
        now: The present instant.
        status: What was answered, if anything was.
    """
    if status == GONE or failures > len(BACK_OFF):
        return None
    return now + BACK_OFF[failures - 1]
