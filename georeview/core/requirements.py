"""What a mark still needs before it can be submitted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from georeview.core.deadlines import Calendar, weekdays
from georeview.core.plot import Mark, Review
from georeview.core.reasons import (
    EVIDENCE_KINDS,
    PHOTOS_FOR_CONFIRMED,
    PHOTOS_FOR_RECTIFIED,
    REASONS,
    Reason,
)
from georeview.texts import Lang, say


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known about a plot beside its review.

    Attributes:
        evidence: How many files of each kind are attached.
        facts: Whether overlay facts with a management boundary are there.
        image_pair: Whether dated images from before and after cover the plot.
        band: Position against the management line (in, critical, out, unknown).
        permits: Numbers of registered permits that belong to the place.
        suggestion: FP code the facts suggest first, if any.
        county: County of the largest share, if any.
        photos: Days on which the site photos were taken, or came in where they do not say.
        dues: Clock → the batch's due date, where it has one.
        hard: Whether only the province extends beyond those.
        calendar: Which days people work.
    """

    evidence: Mapping[str, int] = field(default_factory=dict)
    facts: bool = False
    image_pair: bool = False
    band: str | None = None
    permits: frozenset[str] = frozenset()
    suggestion: str | None = None
    county: str | None = None
    photos: tuple[str, ...] = ()
    dues: Mapping[str, str | None] = field(default_factory=dict)
    hard: bool = False
    calendar: Calendar = weekdays

    def photos_since(self, day: str) -> int:
        """How many site photos are of this day or later."""
        return sum(taken >= day for taken in self.photos)

    def count(self, kind: str) -> int:
        """How many pieces of this kind there are, those that arise by themselves included."""
        automatic = (kind == "E_FACT" and self.facts) or (kind == "E_IMG" and self.image_pair)
        return self.evidence.get(kind, 0) + int(automatic)


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is still missing.

    Attributes:
        item: ``evidence`` or ``field``.
        any_of: Kinds or field names; one of them is enough.
        n: How many are needed.
    """

    item: str
    any_of: tuple[str, ...]
    n: int = 1


@lru_cache(maxsize=1024)
def describe(lacking: tuple[Missing, ...], lang: Lang) -> str:
    """All missing things in one phrase for a person."""
    joint = say("missing.or", lang)
    phrases = []
    for thing in lacking:
        if thing.item == "evidence":
            names = [EVIDENCE_KINDS[kind][0 if lang == "zh-CN" else 1] for kind in thing.any_of]
        else:
            names = [say(f"missing.field.{name}", lang) for name in thing.any_of]
        amount = f" ×{thing.n}" if thing.n > 1 and thing.item == "evidence" else ""
        phrases.append(joint.join(names) + amount)
    return say("missing.and", lang).join(phrases)


def missing(review: Review, proof: Proof) -> tuple[Missing, ...]:
    """All that the mark needs to be submitted and does not have."""
    if review.mark == Mark.FALSE_POSITIVE:
        return tuple(_for_negative(review, proof))
    if review.mark == Mark.CONFIRMED:
        return tuple(_for_problem(review, proof, PHOTOS_FOR_CONFIRMED))
    if review.mark == Mark.RECTIFIED:
        return tuple(_for_problem(review, proof, PHOTOS_FOR_RECTIFIED))
    return (Missing("field", ("mark",)),)


def _for_negative(review: Review, proof: Proof) -> Iterator[Missing]:
    reason = REASONS.get(review.reason or "")
    if reason is None:
        yield Missing("field", ("reason",))
        return
    for group in _groups(reason, proof):
        if not any(_met(kind, review, proof) for kind in group):
            yield Missing("evidence", group)
    for name in reason.fields:
        if not getattr(review, name):
            yield Missing("field", (name,))
    if len(review.note or "") < reason.note_min:
        yield Missing("field", ("note",), reason.note_min)


def _groups(reason: Reason, proof: Proof) -> Iterator[tuple[str, ...]]:
    yield from reason.evidence
    # Outside is proven by the facts alone only where the line's own uncertainty cannot matter.
    if reason.code == "FP31" and proof.band != "out":
        yield ("E_PHOTO",)


def _met(kind: str, review: Review, proof: Proof) -> bool:
    if kind == "E_PERMIT" and (review.permit_id or review.permit_no in proof.permits):
        return True
    return proof.count(kind) > 0


def _for_problem(review: Review, proof: Proof, photos: int) -> Iterator[Missing]:
    if proof.count("E_FACT") == 0:
        yield Missing("evidence", ("E_FACT",))
    if proof.count("E_PHOTO") < photos:
        yield Missing("evidence", ("E_PHOTO",), photos - proof.count("E_PHOTO"))
    if review.determination == "problem_historic":
        for kind in ("E_FLOOD", "E_HISTORY"):
            if proof.count(kind) == 0:
                yield Missing("evidence", (kind,))
    if not review.violation:
        yield Missing("field", ("violation",))
    if not (review.area_m2 or review.volume_m3):
        yield Missing("field", ("area_m2", "volume_m3"))
    if not review.note:
        yield Missing("field", ("note",))
