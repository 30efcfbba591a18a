"""Files that go out."""

from georeview.errors import BadValue, GeoreviewError, RuleBroken, TooLarge


class ExportOption(BadValue):
    """A format, or what it cannot be written in: ``option value possible``."""

    code = "export_option"


class NothingToExport(BadValue):
    """No plot meets the filter in the area of whoever asks."""

    code = "nothing_to_export"


class ExportTooLarge(TooLarge):
    """More than the format holds: ``format what found limit``."""

    code = "export_too_large"


class ExportDiffers(GeoreviewError):
    """The reopened file is not what went in: ``what`` (rows, columns, shapes, values) ``plot column``."""

    code = "export_differs"


class ExportFailed(GeoreviewError):
    """The writer broke, or needed more than it may."""

    code = "export_failed"


class OutNotWritable(BadValue):
    """The file cannot be put where it was asked for: ``out``."""

    code = "out_not_writable"


class ReturnIncomplete(RuleBroken):
    """Plots are not as they should be before they go back, and nobody said that this is known: ``n``."""

    code = "return_incomplete"


class NothingToReturn(RuleBroken):
    """The batch came in no shapefile whose bytes are kept: ``files``."""

    code = "nothing_to_return"
