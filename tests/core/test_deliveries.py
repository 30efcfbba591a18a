"""Another delivery, and taking a file back: what they do to a review, and what they leave alone."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from georeview.core.access import Actor, Grant, Role
from georeview.core.deliveries import GIVES, OF_FILES, Delivery
from georeview.core.ledger import GENESIS, Draft, keep
from georeview.core.plot import Review
from georeview.core.replay import apply, moves_sight

NOW = datetime(2023, 5, 4, 1, 2, 3, tzinfo=UTC)
GIS = Actor("gu", "顾", "信息中心", (Grant(Role.GIS, "5119"),))
DELIVERY = Delivery(GIS, Role.GIS, NOW)
FRESH = Review("p", version=2, seq=9, stage="at_county", area="511923", county="511923")
MARKED = replace(FRESH, version=3, stage="in_review", mark="confirmed", township="511923001")


def after(state: Review, *drafts: Draft) -> Review:
    for draft in drafts:
        version, seq = state.version + 1, state.seq + 1
        state = apply(state, keep(draft, seq=seq, version=version, prev_hash=GENESIS))
    return state


def test_an_update_moves_the_version_and_nothing_else_of_a_pending_plot() -> None:
    done = after(FRESH, DELIVERY.revised(FRESH, "e", {}))
    assert done == replace(FRESH, version=3, seq=10)


def test_a_mark_is_kept_and_to_be_looked_at_again() -> None:
    done = after(MARKED, DELIVERY.revised(MARKED, "e", {}))
    assert done == replace(MARKED, version=4, seq=10, second_look="revised")


@pytest.mark.parametrize(
    ("was", "left"),
    [({"second_look": None}, None), ({"stage": "in_review"}, "revised")],
)
def test_putting_back_takes_only_its_own_flag(was: dict[str, str | None], left: str | None) -> None:
    flagged = replace(MARKED, second_look="revised")
    done = after(flagged, DELIVERY.restored(flagged, "e", {}, was))
    assert (done.second_look, done.mark) == (left, "confirmed")


@pytest.mark.parametrize("county", [None, "511921"])
def test_what_was_taken_back_begins_again(county: str | None) -> None:
    gone = after(FRESH, DELIVERY.retracted(FRESH, "e", "file-0"))
    assert (gone.stage, gone.area) == ("withdrawn", "511923")
    drafts = DELIVERY.again(gone, ("a", "b"), area="5119", county=county, body={"row": 3})
    done = after(gone, *drafts)
    assert [draft.action for draft in drafts] == ["import", "dispatch"][: len(drafts)]
    assert (done.stage, done.county, done.area) == (
        ("imported", None, "5119") if county is None else ("at_county", county, county)
    )


def test_who_looks_at_tiles_is_told_of_every_move() -> None:
    gone = after(FRESH, DELIVERY.retracted(FRESH, "e", "file-0"))
    (back,) = DELIVERY.again(gone, ("a", "b"), area="511923", county=None, body={})
    moves = [
        DELIVERY.revised(FRESH, "e", {}),
        DELIVERY.retracted(FRESH, "e", "file-0"),
        DELIVERY.restored(FRESH, "e", {}, {}),
        back,
    ]
    kept = [keep(draft, seq=1, version=1, prev_hash=GENESIS) for draft in moves]
    assert all(moves_sight(event.action, event.before, event.after) for event in kept)
    assert not moves_sight("mark", '{"stage":"at_county"}', '{"note":"\\"area\\":"}')


def test_no_step_of_a_file_is_a_review() -> None:
    assert GIVES < OF_FILES
    assert "mark" not in OF_FILES
    assert "attach" not in OF_FILES
