"""A sample from its draw to what it says, in the ledger and in the league table."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from georeview.core.access import EVERYTHING
from georeview.core.ledger import Draft, Value
from georeview.core.plot import Review
from georeview.core.query import Filter
from georeview.errors import BadValue, Forbidden, NotFound
from georeview.errors.figures import NoNegatives, SameUnit
from georeview.services import Services
from georeview.storage.ports.ledger import Pending
from tests.builders import NOW, a_batch, an_actor
from tests.places import Place
from tests.services.doors import open_doors

CITY, COUNTY = an_actor("city", "5119"), an_actor("county", "511921")


@pytest.fixture
def doors(tmp_path: Path, place: Place) -> Iterator[Services]:
    with open_doors(tmp_path, store=place.address) as services:
        a_batch(services.store, 60)
        yield services


def close(doors: Services, n: int) -> list[str]:
    """Some plots are closed as negatives, the first of them by the city itself."""
    plots = [
        p.review
        for part in doors.store.plots.stream(EVERYTHING, Filter(batch="2023-1"))
        for p in part
    ][:n]
    for k, review in enumerate(plots):
        after: dict[str, Value] = {
            "stage": "closed",
            "outcome": "negative",
            "reason": "FP21" if k % 3 else "FP31",
            "mark": "false_positive",
            "determination": "not_problem",
            "marked_unit": CITY.unit if k == 0 else "unit-county",
        }
        draft = Draft(
            f"c{k}", review.plot_id, review.version, "accept_negative", "li", "u", "city",
            NOW.isoformat(), NOW.isoformat(), {}, {"stage": review.stage}, after,
        )  # fmt: skip
        doors.store.ledger.append([Pending(draft)])
    return [review.plot_id for review in plots]


def test_a_draw_is_told_by_the_ledger_and_moves_no_plot(doors: Services) -> None:
    closed = close(doors, 50)
    sample = doors.samples.draw(CITY, "2023-1", "seed")
    view = doors.samples.view(CITY, sample.sample_id)
    assert view.judged is None
    assert {one.drawn.plot_id for one in view.plots} <= set(closed)
    assert (len(view.plots), sum(s.size for s in view.strata)) == (30, 50)
    for one in view.plots:
        event = doors.plots.history(CITY, one.drawn.plot_id)[-1]
        body = json.loads(event.body)
        assert (event.action, body["sample_sha256"], body["seed"]) == (
            "sample", sample.sha256, "seed",
        )  # fmt: skip
        assert event.version == one.plot.review.version == 3
    assert list(doors.store.ledger.verify()) == []
    again = doors.samples.draw(CITY, "2023-1", "seed")
    assert again.content == sample.content
    assert [s.sample_id for s in doors.samples.all(CITY, "2023-1")] == [
        again.sample_id, sample.sample_id,
    ]  # fmt: skip


def test_second_looks_make_the_estimate(doors: Services) -> None:
    close(doors, 50)
    sample = doors.samples.draw(CITY, "2023-1", "seed")
    checker = an_actor("city", "5119", user="checker")
    other = type(checker)(checker.user, checker.name, "省抽查组", checker.grants)
    assert doors.figures.table(CITY).total["sample_error_rate"] is None
    plots = doors.samples.view(CITY, sample.sample_id).plots
    for k, one in enumerate(plots):
        result = "wrong_negative" if k == 0 else "not_checkable" if k == 1 else "agree"
        doors.samples.answer(other, sample.sample_id, one.drawn.plot_id, result, "看过")
    view = doors.samples.view(CITY, sample.sample_id)
    assert view.judged is not None
    assert (view.judged.n, view.judged.wrong) == (29, 1)
    assert sum(s.missing for s in view.strata) == 1
    assert view.judged.all_right < view.judged.all_wrong
    estimate = doors.figures.table(CITY).total["sample_error_rate"]
    assert estimate is not None
    assert estimate.n == 29  # type: ignore[union-attr]
    last = doors.plots.history(CITY, plots[0].drawn.plot_id)[-1]
    assert (last.action, json.loads(last.body)["result"]) == ("sample_result", "wrong_negative")


def test_who_marked_does_not_look_again(doors: Services) -> None:
    closed = close(doors, 4)
    sample = doors.samples.draw(CITY, "2023-1", "seed")
    with pytest.raises(SameUnit):
        doors.samples.answer(CITY, sample.sample_id, closed[0], "agree")
    doors.samples.answer(CITY, sample.sample_id, closed[1], "agree")
    for result, note in (("perhaps", None), ("agree", "x" * 2001), ("agree", "\x1f")):
        with pytest.raises(BadValue):
            doors.samples.answer(CITY, sample.sample_id, closed[1], result, note)
    with pytest.raises(NotFound):
        doors.samples.answer(CITY, sample.sample_id, "nowhere", "agree")


def test_samples_are_for_who_checks(doors: Services) -> None:
    with pytest.raises(NoNegatives):
        doors.samples.draw(CITY, "2023-1")
    close(doors, 4)
    sample = doors.samples.draw(CITY, "2023-1")
    with pytest.raises(Forbidden):
        doors.samples.draw(COUNTY, "2023-1")
    with pytest.raises(Forbidden):
        doors.samples.view(COUNTY, sample.sample_id)
    elsewhere = an_actor("city", "5101")
    assert doors.samples.all(elsewhere, "2023-1") == []
    for call in (
        lambda: doors.samples.view(elsewhere, sample.sample_id),
        lambda: doors.samples.draw(elsewhere, "2023-1"),
        lambda: doors.samples.view(CITY, "none"),
    ):
        with pytest.raises(NotFound):
            call()
    for seed in ("", " ", "x" * 81, "a\nb"):
        with pytest.raises(BadValue):
            doors.samples.draw(CITY, "2023-1", seed)


def test_what_vouches_for_negatives_accepted_together_is_a_draw_from_their_batch(
    doors: Services,
) -> None:
    closed = close(doors, 40)
    (other,) = a_batch(doors.store, 1, name="2022-1", seed=1)
    sample = doors.samples.draw(CITY, "2023-1", "seed").sample_id
    ready = [p for p in _open(doors) if p.plot_id not in closed][:1]
    for review in (*ready, doors.store.ledger.review(EVERYTHING, other.plot_id)):
        after: dict[str, Value] = {
            "stage": "city_check",
            "mark": "false_positive",
            "reason": "FP31",
            "determination": "not_problem",
            "mark_state": "submitted",
        }
        draft = Draft(
            f"s-{review.plot_id}", review.plot_id, review.version, "approve", "wang", "u", "county",
            NOW.isoformat(), NOW.isoformat(), {}, {"stage": review.stage}, after,
        )  # fmt: skip
        doors.store.ledger.append([Pending(draft)])
    targets = [(ready[0].plot_id, 3), (other.plot_id, 3)]

    def accepted(named: str) -> list[str]:
        parts = doors.bulk.take(CITY, "accept_negative", targets, {"sample": named})
        return [type(told.result).__name__ for part in parts for _, told in part]

    assert accepted("抽查-1") == ["SampleUnfit", "SampleUnfit"]
    assert accepted(sample) == ["Kept", "SampleUnfit"]


def _open(doors: Services) -> list[Review]:
    parts = doors.store.plots.stream(EVERYTHING, Filter(batch="2023-1"))
    return [plot.review for part in parts for plot in part]
