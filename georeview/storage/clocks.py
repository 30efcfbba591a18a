"""The due date that lists filter and sort by, moved with the steps that move it."""

from collections.abc import Mapping, Sequence

from georeview.core.plot import Review
from georeview.storage.engine import Connection, listed, statement
from georeview.storage.records import RISK_LENGTH, STATE, due_of, review_of
from georeview.storage.where import among

DUES = """SELECT s.plot_id, b.review_due, b.rectify_due
FROM plot_state s JOIN batch b ON b.name = s.batch WHERE"""
KEEP = """UPDATE plot_state SET due_on = :due_on, stopped_on = :stopped_on,
    risk = substr(risk, 1, CAST(:facts_part AS INTEGER)) || ' ' || :due_on || ' ' || source_id
WHERE plot_id = :plot_id"""
EVERY = statement(
    "SELECT", listed(STATE, "s."), ", s.due_on, s.stopped_on, b.review_due, b.rectify_due",
    "FROM plot_state s JOIN batch b ON b.name = s.batch ORDER BY s.plot_id",
)  # fmt: skip
_SOME = ("2000-01-01", "2000-01-02")


def keep_clocks(
    connection: Connection, before: Mapping[str, Review], after: Sequence[Review]
) -> None:
    """Write the due dates of plots whose clock may have moved; a mark moves none.

    Args:
        connection: The transaction.
        before: The reviews before.
        after: Those that changed, after.
    """
    moved = [review for review in after if _may_move(before[review.plot_id], review)]
    if not moved:
        return
    where = among("s.plot_id", [review.plot_id for review in moved])
    rows = connection.execute(statement(DUES, where.sql), where.params)
    dues = {plot_id: (review_due, rectify_due) for plot_id, review_due, rectify_due in rows}
    connection.executemany(KEEP, [_row(review, *dues[review.plot_id]) for review in moved])


def put_right(connection: Connection) -> int:
    """Write the dates of plots whose clock says another than what is kept; older versions left some.

    Returns:
        How many were wrong.
    """
    wrong = []
    for row in connection.stream(EVERY):
        review, kept, dues = review_of(row[:-4]), row[-4:-2], row[-2:]
        if kept != due_of(review, *dues):
            wrong.append(_row(review, *dues))
    connection.executemany(KEEP, wrong)
    return len(wrong)


def _may_move(before: Review, after: Review) -> bool:
    if before.course_text is not after.course_text and before.course_text != after.course_text:
        return True
    return before.stage != after.stage and due_of(before, *_SOME) != due_of(after, *_SOME)


def _row(review: Review, review_due: str | None, rectify_due: str | None) -> dict[str, object]:
    due_on, stopped_on = due_of(review, review_due, rectify_due)
    return {
        "plot_id": review.plot_id,
        "due_on": due_on,
        "stopped_on": stopped_on,
        "facts_part": RISK_LENGTH,
    }
