"""A group of steps: judged in turn, each alone, in a few statements however many there are."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pytest

from georeview.core.access import EVERYTHING, Role, Scope
from georeview.core.ledger import Draft, Value
from georeview.core.procedure import Command
from georeview.core.requirements import Proof
from georeview.core.review import attachment, decide
from georeview.errors import BadValue, NotFound
from georeview.errors.review import StaleVersion
from georeview.storage.engine import Connection
from georeview.storage.keeping import Item, Keeper
from georeview.storage.ports.evidence import EvidenceFile
from georeview.storage.ports.layers import LayerFeature, LayerVersion
from georeview.storage.ports.ledger import (
    Asked,
    Idempotency,
    Kept,
    KeyClash,
    Known,
    Pending,
    Settled,
)
from georeview.storage.remembered import PlotMemory
from georeview.storage.store import DatabaseStore
from tests.builders import NOW, a_batch, a_mark, a_plot, a_shape, an_actor, kept, some_facts
from tests.places import Place

COUNTY = an_actor(Role.COUNTY, "511902")
KEY = Idempotency("u", "marks", "k-1", "body-a")


def judged(command: Command, known: Known) -> Draft:
    return decide(known.plot.review, command, COUNTY, Proof(), NOW)


def ask(plot_id: str, base: int = 2, mark: str = "confirmed", **more: Any) -> Asked:
    command = Command("mark", f"{plot_id}-{base}-{mark}", base, {"mark": mark})
    return Asked(plot_id, EVERYTHING, partial(judged, command), **more)


def settled(store: DatabaseStore, *asked: Asked) -> list[Settled]:
    found = store.ledger.settle(asked).result(timeout=20)
    assert all(isinstance(one, Settled) for one in found), found
    return found  # type: ignore[return-value]


@pytest.fixture
def plots(store: DatabaseStore) -> list[str]:
    return [plot.plot_id for plot in a_batch(store, 100)[::5]]


def test_a_step_is_kept_with_all_it_was_judged_by(store: DatabaseStore, plots: list[str]) -> None:
    (one,) = settled(store, ask(plots[0]))
    assert kept(one.result).event == store.ledger.history(EVERYTHING, plots[0])[-1]
    assert one.known.plot == store.plots.get(EVERYTHING, plots[0])
    assert one.known.plot.review.mark == "confirmed"


def test_the_second_on_a_plot_sees_what_the_first_left(
    store: DatabaseStore, plots: list[str]
) -> None:
    plot = plots[0]
    first, late, second = settled(store, ask(plot), ask(plot, 2, "rectified"), ask(plot, 3))
    assert kept(second.result).review.version == 4
    assert isinstance(late.result, StaleVersion)
    assert late.known.plot.review == kept(first.result).review
    assert [one.known.plot.review.version for one in (first, late, second)] == [3, 3, 4]
    assert second.known.plot == store.plots.get(EVERYTHING, plot)
    assert list(store.ledger.verify()) == []


def test_each_stands_or_falls_alone(store: DatabaseStore, plots: list[str]) -> None:
    def broken(_known: Known) -> Draft:
        raise ZeroDivisionError

    def unhashable(known: Known) -> Draft:
        return replace(ask(known.plot.given.plot_id).judge(known), unit="a\x1fb")

    steps = [
        ask(plots[0]),
        replace(ask(plots[1]), judge=broken),
        replace(ask(plots[2]), judge=unhashable),
        ask("nowhere"),
        replace(ask(plots[3]), scope=Scope(("511921",))),
        ask(plots[4], mark="nonsense"),
        ask(plots[5]),
    ]
    results = store.ledger.settle(steps).result(timeout=20)
    told = [type(getattr(one, "result", one)) for one in results]
    assert told == [Kept, ZeroDivisionError, ValueError, NotFound, NotFound, BadValue, Kept]
    assert [store.ledger.review(EVERYTHING, plot).version for plot in plots[:6]] == [
        3, 2, 2, 2, 2, 3,
    ]  # fmt: skip
    assert list(store.ledger.verify()) == []


def test_judged_and_asked_meet_in_one_group(store: DatabaseStore, plots: list[str]) -> None:
    plot = plots[0]
    state = store.ledger.review(EVERYTHING, plot)
    body: dict[str, Value] = {"evidence_id": "ev1", "kind": "E_PHOTO", "sha256": "ab" * 32}
    draft = attachment(state, "a1", COUNTY, body=body, observed_at=None, now=NOW)
    file = EvidenceFile(
        "ev1", plot, "ab" * 32, "E_PHOTO", "桥.jpg", "image/jpeg", 12, None,
        None, None, None, COUNTY.user, NOW.isoformat(),
    )  # fmt: skip
    photos: list[int] = []

    def judge(known: Known) -> Draft:
        photos.append(len(known.files))
        return ask(plot).judge(known)

    asked = replace(ask(plot), judge=judge)
    group: list[Item] = [Pending(draft, evidence=file), asked, a_mark(store, plots[1], COUNTY)]
    (results,) = store.engine.write(
        lambda connection: Keeper(PlotMemory()).keep(connection, [group])
    )
    assert photos == [1]
    assert isinstance(results[1], Settled)
    assert results[1].known == Known(
        store.plots.get(EVERYTHING, plot), (file,), results[1].known.around
    )
    assert isinstance(results[2], Kept)
    assert list(store.ledger.verify()) == []


# Repeats -----------------------------------------------------------------------------------------


def test_repeats_are_answered_and_not_judged_again(store: DatabaseStore, plots: list[str]) -> None:
    step = ask(plots[0], idempotency=KEY)
    other = replace(step, idempotency=replace(KEY, body_sha256="body-b"))
    first, again, clash = settled(store, step, step, other)
    settled(store, ask(plots[0], 3, "rectified"))
    later, reused = settled(store, step, other)
    assert [kept(one.result).repeated for one in (first, again, later)] == [False, True, True]
    assert isinstance(clash.result, KeyClash)
    assert isinstance(reused.result, KeyClash)
    for repeat in (again, later):
        assert kept(repeat.result).event == kept(first.result).event
        assert repeat.known.plot.review == kept(first.result).review
    assert len(store.ledger.history(EVERYTHING, plots[0])) == 4


def test_a_refused_step_uses_no_key(store: DatabaseStore, plots: list[str]) -> None:
    refused, done = settled(
        store, ask(plots[0], 1, idempotency=KEY), ask(plots[0], idempotency=KEY)
    )
    assert isinstance(refused.result, StaleVersion)
    assert not kept(done.result).repeated


# Reading and writing -----------------------------------------------------------------------------


@dataclass
class Counting:
    """A connection that counts what is sent through it."""

    inner: Connection
    sent: list[str] = field(default_factory=list)

    def execute(self, sql: str, params: Mapping[str, object] = {}, /) -> Any:
        self.sent.append(sql)
        return self.inner.execute(sql, params)

    def executemany(self, sql: str, params: Iterable[Mapping[str, object]], /) -> object:
        self.sent.append(sql)
        return self.inner.executemany(sql, params)

    def change(self, table: str, *given: Any) -> None:
        self.sent.append(table)
        self.inner.change(table, *given)

    def bulk(self, table: str, *given: Any) -> None:
        self.sent.append(table)
        self.inner.bulk(table, *given)


def statements(store: DatabaseStore, group: list[Asked]) -> int:
    keeper = Keeper(PlotMemory())

    def work(connection: Connection) -> int:
        counting = Counting(connection)
        (results,) = keeper.keep(counting, [group])  # type: ignore[arg-type]
        assert all(isinstance(one, Settled) and kept(one.result) for one in results)
        return len(counting.sent)

    return store.engine.write(work)


def test_a_group_costs_the_same_few_statements_whatever_its_size(
    store: DatabaseStore, plots: list[str]
) -> None:
    def group(some: list[str], base: int) -> list[Asked]:
        return [ask(p, base, idempotency=replace(KEY, key=f"{p}{base}")) for p in some]

    one, many = statements(store, group(plots[:1], 2)), statements(store, group(plots[1:], 2))
    assert one == many <= 11


def test_what_stands_beside_is_noticed_whoever_brought_it(
    store: DatabaseStore, place: Place, plots: list[str]
) -> None:
    seen: list[Mapping[str, str]] = []

    def judge(known: Known) -> Draft:
        seen.append(known.around.places)
        raise BadValue(field="x", value="x")

    look: Callable[[], object] = lambda: settled(store, replace(ask(plots[0]), judge=judge))  # noqa: E731
    look()
    other = place.store()
    for n, name in enumerate(("东城街道", "西城街道")):
        layer = LayerVersion(
            f"town-{n}", "town", "town", f"v{n}", None, "c.gpkg", f"{n}" * 64, "EPSG:4490", 50.0,
            1, (106.0, 31.0, 108.0, 33.0), NOW.isoformat(), "gis",
        )  # fmt: skip
        other.layers.add(layer, [LayerFeature(a_shape(1).wkb, "511902100", name, {})])
        look()
    other.close()
    assert seen == [{}, {"511902100": "东城街道"}, {"511902100": "西城街道"}]
    assert store.around().places == seen[-1]


@pytest.mark.parametrize("size", [1, 31, 33, 99])
def test_every_row_of_a_group_is_written_however_many_there_are(
    store: DatabaseStore, size: int
) -> None:
    every = [plot.plot_id for plot in a_batch(store, 500)[::5]]
    group = [ask(p, idempotency=replace(KEY, key=p)) for p in every[:size]]
    settled(store, *group)
    marked = [p for p in every if store.plots.get(EVERYTHING, p).review.mark == "confirmed"]
    assert marked == every[:size]
    assert list(store.ledger.verify()) == []
    assert all(kept(one.result).repeated for one in settled(store, *group))


# What is remembered of plots -----------------------------------------------------------------------


def test_a_plot_is_read_whole_once_and_then_remembered(
    store: DatabaseStore, plots: list[str]
) -> None:
    def reading(group: list[Asked]) -> list[str]:
        def work(connection: Connection) -> list[str]:
            counting = Counting(connection)
            Keeper(store.engine.remembered).keep(counting, [group])  # type: ignore[arg-type]
            return [sql for sql in counting.sent if "source_wkb" in sql]

        return store.engine.write(work)

    assert len(reading([ask(plots[0])])) == 1
    assert reading([ask(plots[0], 3)]) == []
    store.plots.get(EVERYTHING, plots[1])  # looked at before it is marked
    assert reading([ask(plots[1])]) == []


def test_what_another_process_keeps_is_noticed(
    store: DatabaseStore, place: Place, plots: list[str]
) -> None:
    settled(store, ask(plots[0]))
    other = place.store()
    (theirs,) = settled(other, ask(plots[0], 3, "rectified"))
    assert store.plots.get(EVERYTHING, plots[0]) == theirs.known.plot
    (ours,) = settled(store, ask(plots[0], 4, "confirmed"))
    assert kept(ours.result).review.version == 5
    other.facts.put([replace(some_facts(a_plot(0)), plot_id=plots[0], river="巴河")])
    other.close()
    (last,) = settled(store, ask(plots[0], 5))
    assert last.known.plot.facts is not None
    assert last.known.plot.facts.river == "巴河"


def test_a_group_that_was_undone_is_not_remembered(store: DatabaseStore, plots: list[str]) -> None:
    settled(store, ask(plots[0]))
    keeper = Keeper(store.engine.remembered)

    def broken(connection: Connection) -> None:
        keeper.keep(connection, [[ask(plots[0], 3, "rectified")]])
        raise OSError("the disk went away")

    with pytest.raises(OSError, match="went away"):
        store.engine.write(broken)
    assert store.plots.get(EVERYTHING, plots[0]).review.mark == "confirmed"
    (again,) = settled(store, ask(plots[0], 3, "false_positive"))
    assert kept(again.result).review.version == 4


def test_a_photo_beside_a_remembered_plot_is_counted(
    store: DatabaseStore, plots: list[str]
) -> None:
    before = store.plots.get(EVERYTHING, plots[0])
    photo = EvidenceFile(
        "e-1", plots[0], "a" * 64, "E_PHOTO", "a.jpg", "image/jpeg", 9, None, None, None, None,
        "u", NOW.isoformat(),
    )  # fmt: skip
    draft = attachment(before.review, "e-1", COUNTY, body={}, observed_at=None, now=NOW)
    store.ledger.append([Pending(draft, evidence=photo)])
    after = store.plots.get(EVERYTHING, plots[0])
    assert (after.photos, after.review) == (1, before.review)


def test_a_projection_made_anew_is_not_hidden_by_what_was_remembered(
    store: DatabaseStore, plots: list[str]
) -> None:
    def spoil(connection: Connection) -> None:
        connection.execute("UPDATE plot_state SET note = 'spoilt'")

    store.engine.write(spoil)
    assert store.plots.get(EVERYTHING, plots[0]).review.note == "spoilt"
    store.ledger.rebuild()
    assert store.plots.get(EVERYTHING, plots[0]).review.note is None
