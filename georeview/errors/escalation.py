"""Steps issued to counties."""

from georeview.errors import RuleBroken


class AlreadyIssued(RuleBroken):
    """The county was given this step under this number before: ``document_no``."""

    code = "already_issued"


class NotProposed(RuleBroken):
    """The figures do not bear out the reason that is named: ``basis``."""

    code = "not_proposed"


class AlreadyAnswered(RuleBroken):
    """The answer has been recorded: ``on``."""

    code = "already_answered"
