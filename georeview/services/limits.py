"""Caps of the settings in the units others count in."""

from collections.abc import Sequence
from pathlib import Path

from georeview.errors import TooLarge
from georeview.sandbox import Limits
from georeview.settings import Settings


def read_limits(settings: Settings) -> Limits:
    """What a reader of a file from outside may use."""
    return Limits(seconds=settings.read_seconds, memory_mb=settings.read_memory_mb)


def image_limits(settings: Settings) -> Limits:
    """What converting an image may use; a large scene takes minutes, never more memory."""
    return Limits(seconds=settings.image_seconds, memory_mb=settings.read_memory_mb)


def upload_bytes(settings: Settings) -> int:
    """The largest file taken in."""
    return settings.max_upload_mb * 2**20


def need_size(settings: Settings, files: Sequence[Path]) -> None:
    """Refuse a file, with its parts, before a byte of it is read.

    Raises:
        TooLarge: It is over the limit.
    """
    if sum(file.stat().st_size for file in files) > upload_bytes(settings):
        raise TooLarge(limit=f"{settings.max_upload_mb} MB")
