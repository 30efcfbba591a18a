"""Steps of the procedure: what the rules refuse."""

from georeview.errors import BadValue, RuleBroken, TooLarge, VersionMismatch


class StaleVersion(VersionMismatch):
    """The plot was changed by someone else meanwhile: ``plot who at``."""

    code = "stale_version"


class ActionNotAllowed(RuleBroken):
    """The stage does not allow the action: ``action stage``."""

    code = "action_not_allowed"


class EvidenceIncomplete(RuleBroken):
    """Submitting needs more: ``missing``."""

    code = "evidence_incomplete"


class PlotLocked(RuleBroken):
    """Somebody else is reviewing the plot just now: ``plot who unit until``."""

    code = "plot_locked"


class OtherUnit(RuleBroken):
    """Only the unit that marked may go on with it: ``unit``."""

    code = "other_unit"


class NothingToUndo(RuleBroken):
    """There is no own mark to take back, or someone has acted since."""

    code = "nothing_to_undo"


class PermitOver(RuleBroken):
    """A reason that holds as long as a permit does, and the permit has run out: ``number valid_to``."""

    code = "permit_over"


class PermitUnfit(BadValue):
    """Nothing of the register that a plot could rest on: ``field value``."""

    code = "permit_unfit"


class RecordSettled(RuleBroken):
    """Nothing of this name waits beside the plot any more: ``plot``."""

    code = "record_settled"


class FieldMissing(BadValue):
    """A step needs a field that is not given: ``field``."""

    code = "field_missing"


class DateImpossible(BadValue):
    """A day lies before or after what is possible: ``field value first last``."""

    code = "date_impossible"


class TargetUnfit(BadValue):
    """A plot cannot be merged into this one: ``field value``."""

    code = "target_unfit"


class PartsUnfit(BadValue):
    """Parts are not the plot: ``missing_m2 beyond_m2 overlap_m2``."""

    code = "parts_unfit"


class LineMisses(BadValue):
    """A line does not cut the plot in two."""

    code = "line_misses"


class PartsAlike(RuleBroken):
    """All parts lie in one county: ``county``."""

    code = "parts_alike"


class PartsGoneOn(RuleBroken):
    """Parts have gone on since the split: ``plots``."""

    code = "parts_gone_on"


class PersonUnfit(BadValue):
    """Somebody who cannot do this on this plot: ``field value``."""

    code = "person_unfit"


class SampleUnfit(BadValue):
    """No sample of this name was drawn from the plot's batch: ``field value``."""

    code = "sample_unfit"


class FourEyes(RuleBroken):
    """The same person may not decide twice: ``action who``."""

    code = "four_eyes"


class SecondNeeded(RuleBroken):
    """Somebody else was named as the second person: ``who``."""

    code = "second_needed"


class AlreadySubmitted(RuleBroken):
    """Once submitted, a plot is neither refused nor sent back: ``action``."""

    code = "already_submitted"


class RefusalLate(RuleBroken):
    """The days for refusing are over: ``last``."""

    code = "refusal_late"


class RefusalFinal(RuleBroken):
    """The city has decided for good which county has it."""

    code = "refusal_final"


class RefusedBefore(RuleBroken):
    """A county has refused already: ``county``."""

    code = "refused_before"


class MarkUnfit(RuleBroken):
    """The mark does not go with this step: ``action mark``."""

    code = "mark_unfit"


class SeverityUnfit(RuleBroken):
    """Serious problems need more: ``action severity``."""

    code = "severity_unfit"


class NeverReturned(RuleBroken):
    """Overruling comes after a return only."""

    code = "never_returned"


class FinishLate(RuleBroken):
    """The planned day is after the due date: ``finish due``."""

    code = "finish_late"


class HardDate(RuleBroken):
    """Beyond the ministry's date only the province extends: ``due``."""

    code = "hard_date"


class ClockAsItIs(RuleBroken):
    """A clock is stopped already, or not stopped: ``action``."""

    code = "clock_as_it_is"


class NothingProposed(RuleBroken):
    """There is nothing to confirm or decline."""

    code = "nothing_proposed"


class BulkUnfit(RuleBroken):
    """Not fit to be taken with many others: ``action``."""

    code = "bulk_unfit"


class TooManyAtOnce(TooLarge):
    """More plots than one request may change: ``most``."""

    code = "too_many_at_once"


class KeyReused(BadValue):
    """The same idempotency key came with another body."""

    code = "key_reused"
