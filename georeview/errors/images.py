"""Images of the ground."""

from georeview.errors import BadValue, TooLarge, WrongKind


class NotAGeoTiff(WrongKind):
    """The content is no TIFF: ``file``."""

    code = "not_a_geotiff"


class ImageTooLarge(TooLarge):
    """The header names more pixels than are taken: ``file width height limit`` (millions)."""

    code = "image_too_large"


class TooManyBands(TooLarge):
    """The header names more bands than are taken: ``file n limit``."""

    code = "too_many_bands"


class ImageValuesWrong(BadValue):
    """The bands hold no plain numbers, or not all of one kind: ``file found``."""

    code = "image_values_wrong"


class ImageWithoutCrs(BadValue):
    """The image does not say where it lies: ``file``."""

    code = "image_without_crs"


class ImageRotated(BadValue):
    """The grid is turned and names no coordinate system: ``file``."""

    code = "image_rotated"


class ImageNotOrthorectified(BadValue):
    """Only a sensor model (RPC) or control points place the image: ``file``."""

    code = "image_not_orthorectified"


class ImageWithoutData(BadValue):
    """Every pixel is empty: ``file``."""

    code = "image_without_data"
