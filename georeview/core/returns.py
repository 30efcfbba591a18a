"""What goes back to the issuer: which of its columns takes what, and in whose words.

A return profile is data: it is proposed from what the incoming columns mean, edited by people, and
kept version by version. A value without a word of the issuer's leaves the cell as it came.
"""

import dataclasses
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from types import MappingProxyType

from georeview.core.plot import Mark, Review, Stage
from georeview.core.reasons import REASONS, VIOLATIONS
from georeview.errors import BadValue

ACCEPTED = frozenset(
    {
        Stage.RECTIFY_PLAN, Stage.RECTIFYING, Stage.COUNTY_ACCEPT, Stage.CITY_ACCEPT,
        Stage.WATCH, Stage.CLOSED,
    }
)  # fmt: skip
"""Stages of a plot on which the city has decided."""

VERDICTS: Mapping[str, str] = MappingProxyType(
    {
        "not_problem": "不是问题",
        "not_problem_historic": "不是问题(历史不碍洪)",
        "problem": "问题",
        "problem_historic": "问题(历史碍洪,挂账监管)",
    }
)
"""Determination → the official word."""

SEVERITIES: Mapping[str, str] = MappingProxyType(
    {"general": "一般", "serious": "较严重", "major": "重大"}
)
_NAMED = {code: known.zh for table in (REASONS, VIOLATIONS) for code, known in table.items()}

RETURN_FIELDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "verdict": VERDICTS,
        "reason": _NAMED,
        "code": MappingProxyType({}),
        "severity": SEVERITIES,
        "type_actual": MappingProxyType({}),
        "unit": MappingProxyType({}),
        "reviewer": MappingProxyType({}),
        "reviewed_on": MappingProxyType({}),
        "closed_on": MappingProxyType({}),
        "permit_no": MappingProxyType({}),
        "permit_authority": MappingProxyType({}),
        "photos": MappingProxyType({}),
        "photo_n": MappingProxyType({}),
        "note": MappingProxyType({}),
    }
)
"""What may go into a column → its values with the word each has where nobody says another."""

PROPOSED: Mapping[str, str] = MappingProxyType(
    {
        "review_stated": "verdict",
        "reviewer_stated": "reviewer",
        "review_date_stated": "reviewed_on",
        "photo_ref": "photos",
        "permit_no_stated": "permit_no",
        "note_issued": "note",
    }
)
"""What an incoming column means → what goes back into it."""

PHOTO_NAME = "{source_id}_{n}"
_PLACES = frozenset({"source_id", "n", "county", "code"})
_PLACE = re.compile(r"\{(\w*)\}")
_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
NAME_MAX = 120


@dataclass(frozen=True, slots=True)
class ReturnColumn:
    """One column of the issuer's that is filled.

    Attributes:
        column: Its header.
        field: One of ``RETURN_FIELDS``.
        words: Our value → the issuer's word, where it is not the official one.
        required: Whether it should hold something for every plot.
    """

    column: str
    field: str
    words: Mapping[str, str] = dataclasses.field(default_factory=dict)
    required: bool = False

    def says(self, value: str | None) -> str | None:
        """What stands in the cell for a value; nothing leaves the cell as it came."""
        if value is None:
            return None
        return self.words.get(value, RETURN_FIELDS[self.field].get(value, value)) or None


@dataclass(frozen=True, slots=True)
class ReturnProfile:
    """How plots of an issuer go back.

    Attributes:
        columns: The columns that are filled.
        photo_name: Pattern of the names of photos, without what stands behind the point.
    """

    columns: tuple[ReturnColumn, ...]
    photo_name: str = PHOTO_NAME


def proposed(meant: Mapping[str, str]) -> ReturnProfile:
    """What is proposed for a file whose columns mean these fields (field → header)."""
    columns = (
        ReturnColumn(meant[name], field, required=field == "verdict")
        for name, field in PROPOSED.items()
        if name in meant
    )
    return ReturnProfile(tuple(columns))


def check(profile: ReturnProfile, numbers: Set[str]) -> None:
    """Refuse a profile that cannot be followed.

    Args:
        profile: The profile.
        numbers: Columns that hold the plots' numbers; they are never written over.

    Raises:
        BadValue: A column comes twice or holds the numbers, a field is none of ours, or photos
            would share their names.
    """
    seen = set(numbers)
    for one in profile.columns:
        if one.column in seen or not one.column:
            raise BadValue(field="column", value=one.column[:80])
        if one.field not in RETURN_FIELDS:
            raise BadValue(field="field", value=one.field[:80])
        seen.add(one.column)
    places = set(_PLACE.findall(profile.photo_name))
    if not {"source_id", "n"} <= places <= _PLACES or len(profile.photo_name) > NAME_MAX:
        raise BadValue(field="photo_name", value=profile.photo_name[:80])


def values(review: Review, reviewer: str | None) -> dict[str, str | None]:
    """What a plot gives for each field but its photos; a pending plot gives nothing."""
    if review.mark == Mark.PENDING:
        return {}
    return {
        "verdict": review.determination,
        "reason": review.reason or review.violation,
        "code": review.reason or review.violation,
        "severity": review.severity,
        "type_actual": review.type_actual,
        "unit": review.marked_unit,
        "reviewer": reviewer,
        "closed_on": review.course.closed_on,
        "permit_no": review.permit_no,
        "permit_authority": review.permit_authority,
        "note": review.note,
    }


class PhotoNames:
    """Names for photos by a pattern: none twice, and none that a file system refuses."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._taken: set[str] = set()

    def of(self, facts: Mapping[str, str], n: int, suffix: str) -> str:
        """The name of the n-th photo of a plot.

        Args:
            facts: ``source_id``, ``county`` and ``code`` of the plot.
            n: From 1.
            suffix: With its point.
        """
        known = {**facts, "n": str(n)}
        filled = _PLACE.sub(lambda place: known.get(place[1], ""), self._pattern)
        stem = _FORBIDDEN.sub("_", filled).strip(" .")[:NAME_MAX] or "_"
        name, again = f"{stem}{suffix}", 1
        while name.lower() in self._taken:
            again += 1
            name = f"{stem}-{again}{suffix}"
        self._taken.add(name.lower())
        return name


def flaws(
    review: Review, profile: ReturnProfile, said: Mapping[str, str | None], *, missing: bool
) -> list[str]:
    """What is not as it should be before a plot goes back.

    Args:
        review: The plot's review.
        profile: How it goes back.
        said: Field → value.
        missing: Whether its mark lacks evidence.

    Returns:
        Codes: ``not_accepted``, ``no_evidence``, ``no_photo``, and ``empty:COLUMN``.
    """
    if review.stage in (Stage.MERGED, Stage.WITHDRAWN):
        return []
    found = [] if review.stage in ACCEPTED else ["not_accepted"]
    if missing and review.mark != Mark.PENDING:
        found.append("no_evidence")
    wants_photos = any(one.field in ("photos", "photo_n") for one in profile.columns)
    if wants_photos and not said.get("photos") and review.mark != Mark.PENDING:
        found.append("no_photo")
    empty = (one.column for one in profile.columns if one.required)
    by_column = {one.column: one for one in profile.columns}
    return [
        *found,
        *(
            f"empty:{name}"
            for name in empty
            if not by_column[name].says(said.get(by_column[name].field))
        ),
    ]


def as_json(profile: ReturnProfile) -> dict[str, object]:
    """As plain values."""
    columns = [
        {"column": c.column, "field": c.field, "words": dict(c.words), "required": c.required}
        for c in profile.columns
    ]
    return {"columns": columns, "photo_name": profile.photo_name}


def of_json(told: Mapping[str, object]) -> ReturnProfile:
    """A profile that was kept as plain values."""
    columns: Sequence[Mapping[str, object]] = told["columns"]  # type: ignore[assignment]
    return ReturnProfile(
        tuple(ReturnColumn(**column) for column in columns),  # type: ignore[arg-type]
        str(told["photo_name"]),
    )
