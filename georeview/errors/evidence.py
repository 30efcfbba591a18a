"""Photos and documents."""

from georeview.errors import TooLarge, WrongKind


class NotAPhotoOrPdf(WrongKind):
    """Evidence is neither a photo nor a PDF."""

    code = "not_a_photo_or_pdf"


class TooManyPixels(TooLarge):
    """A picture over the pixel limit: ``width height limit``."""

    code = "too_many_pixels"
