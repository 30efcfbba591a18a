"""Figures, samples and reports."""

from georeview.errors import BadValue, GeoreviewError, NotFound, RuleBroken, Unavailable


class AsOfInFuture(BadValue):
    """Figures are asked for as of a day that has not come: ``value``, and ``today``."""

    code = "as_of_in_future"


class StillCounting(Unavailable):
    """A worker counts what figures rest on: ``done`` events ``of`` so many."""

    code = "still_counting"


class NothingPublished(NotFound):
    """No table of the batch was published by then: ``what`` is the batch."""

    code = "nothing_published"


class NoNegatives(RuleBroken):
    """There is nothing to draw from: no negative of the batch is closed: ``batch``."""

    code = "no_negatives"


class SameUnit(RuleBroken):
    """A second look is taken by another unit than the one that marked: ``unit``."""

    code = "same_unit"


class ReportForm(BadValue):
    """A report cannot be written as a file of this name: ``value possible``."""

    code = "report_form"


class NothingToReport(RuleBroken):
    """There is nothing the report could tell of: ``what`` names the batch or county."""

    code = "nothing_to_report"


class FontMissing(Unavailable):
    """The machine has no font with Chinese characters to set pages with."""

    code = "font_missing"


class ReportFailed(GeoreviewError):
    """The pages of a report could not be set."""

    code = "report_failed"
