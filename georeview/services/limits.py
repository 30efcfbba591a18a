"""Caps of the settings in the units others count in."""

from georeview.sandbox import Limits
from georeview.settings import Settings


def read_limits(settings: Settings) -> Limits:
    """What a reader of a file from outside may use."""
    return Limits(seconds=settings.read_seconds, memory_mb=settings.read_memory_mb)


def upload_bytes(settings: Settings) -> int:
    """The largest file taken in."""
    return settings.max_upload_mb * 2**20


def image_limits(settings: Settings) -> Limits:
    """What converting an image may use; large scenes take minutes, never more memory."""
    return Limits(seconds=settings.image_seconds, memory_mb=settings.read_memory_mb)
