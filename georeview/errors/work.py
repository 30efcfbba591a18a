"""Long work, imports and drafts on their way."""

from georeview.errors import BadValue, GeoreviewError, RuleBroken, Unavailable, VersionMismatch


class JobLost(VersionMismatch):
    """Another worker holds the job now; what this one wrote was not kept."""

    code = "job_lost"


class JobOver(RuleBroken):
    """The job is over, or not: ``state`` does not allow what was asked for."""

    code = "job_over"


class JobBroke(GeoreviewError):
    """Every try ended in a defect; the log says where."""

    code = "job_broke"


class JobAbandoned(GeoreviewError):
    """The worker was gone before the job was over, too many times: ``attempts``."""

    code = "job_abandoned"


class Stopped(Unavailable):
    """Work was asked to stop before it was done."""

    code = "stopped"


class ImportNotReady(RuleBroken):
    """Files can be taken in once they have been looked through without a refusal: ``state``."""

    code = "import_not_ready"


class NotTakenIn(RuleBroken):
    """Files that have not been taken in cannot be taken back: ``state``."""

    code = "not_taken_in"


class AlreadyRetracted(RuleBroken):
    """A file is taken back once: ``file``, ``at``."""

    code = "already_retracted"


class BuiltUpon(RuleBroken):
    """A later file changed plots of this one, and must be taken back first: ``file``, ``later``."""

    code = "built_upon"


class ReviewBegun(RuleBroken):
    """Plots of the file have been reviewed: ``file``, ``n`` and the first of their ``plots``."""

    code = "review_begun"


class ImportOver(RuleBroken):
    """Files that are being taken in, or have been, are looked at in no other way any more."""

    code = "import_over"


class DraftOver(ImportOver):
    """A version of a layer that is being published, or has been, never changes."""

    code = "draft_over"


class FileTwice(BadValue):
    """Two files of one upload have the same name: ``field value``."""

    code = "file_twice"


class ResultsNotReady(RuleBroken):
    """A list of results can be committed once it has been looked through: ``state``."""

    code = "results_not_ready"


class ResultsOver(RuleBroken):
    """A list that is being taken in, or has been, is read in no other way any more."""

    code = "results_over"


class ColumnsNotNamed(BadValue):
    """A list does not say of which plots it speaks, or what it says of them: ``field value``."""

    code = "columns_not_named"


class OneListOnly(BadValue):
    """Several lists, or none, came at once: ``field value``."""

    code = "one_list_only"


class WordUnknown(BadValue):
    """A cell says what nobody has explained: ``field value``."""

    code = "word_unknown"


class RowTwice(BadValue):
    """Several rows speak of one plot: ``rows``."""

    code = "row_twice"


class RowGone(BadValue):
    """The file itself calls the row deleted."""

    code = "row_gone"
