"""Requests meet, go on together, and each gets its own answer."""

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from api import gather
from api.gather import Gather
from georeview.errors.store import TooMuchAtOnce


class Calls:
    """A call that is answered when the test says so."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.futures: list[Future[list[object]]] = []

    def __call__(self, things: Sequence[int]) -> Future[list[object]]:
        self.groups.append(list(things))
        self.futures.append(Future())
        return self.futures[-1]

    def answer(self, n: int = -1) -> None:
        self.futures[n].set_result([thing * 10 for thing in self.groups[n]])


async def turns() -> None:
    """Let everything that can go on go on."""
    for _ in range(5):
        await asyncio.sleep(0)


def test_what_comes_while_a_call_is_away_goes_together_in_the_next() -> None:
    async def scene() -> None:
        calls = Calls()
        meet: Gather[int, int] = Gather(calls, most=3)
        first = asyncio.create_task(meet(0))
        await turns()
        tasks = [asyncio.create_task(meet(n)) for n in range(1, 6)]
        await turns()
        assert calls.groups == [[0]]
        calls.answer()
        assert calls.groups == [[0], [1, 2, 3]]
        calls.answer()
        calls.answer()
        assert await asyncio.gather(first, *tasks) == [0, 10, 20, 30, 40, 50]
        assert calls.groups == [[0], [1, 2, 3], [4, 5]]

    asyncio.run(scene())


def test_what_comes_in_one_turn_of_the_loop_goes_together_at_once() -> None:
    async def scene() -> None:
        calls = Calls()
        meet: Gather[int, int] = Gather(calls, most=9)
        tasks = [asyncio.create_task(meet(n)) for n in range(3)]
        await turns()
        assert calls.groups == [[0, 1, 2]]
        calls.answer()
        assert await asyncio.gather(*tasks) == [0, 10, 20]

    asyncio.run(scene())


def test_an_answer_that_is_an_exception_is_raised_for_its_own_only() -> None:
    def call(things: Sequence[int]) -> Future[list[object]]:
        done: Future[list[object]] = Future()
        done.set_result([ValueError(n) if n % 2 else n for n in things])
        return done

    async def scene() -> list[object]:
        meet: Gather[int, int] = Gather(call, most=3)
        return await asyncio.gather(*(meet(n) for n in range(3)), return_exceptions=True)

    zero, one, two = asyncio.run(scene())
    assert (zero, two) == (0, 2)
    assert isinstance(one, ValueError)


def test_a_call_that_fails_fails_for_all_of_it_and_the_next_goes_on() -> None:
    async def scene() -> None:
        calls = Calls()
        meet: Gather[int, int] = Gather(calls, most=9)
        tasks = [asyncio.create_task(meet(n)) for n in range(3)]
        await turns()
        later = asyncio.create_task(meet(7))
        await turns()
        calls.futures[0].set_exception(OSError("no disk"))
        calls.answer()
        assert await later == 70
        told = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(one) for one in told] == [OSError, OSError, OSError]

    asyncio.run(scene())


def test_a_call_that_cannot_begin_is_an_answer_too() -> None:
    def closed(_things: Sequence[int]) -> Future[list[object]]:
        raise OSError("closed")

    async def scene() -> None:
        meet: Gather[int, int] = Gather(closed, most=1)
        for _ in range(2):
            with pytest.raises(OSError, match="closed"):
                await meet(1)

    asyncio.run(scene())


def test_more_than_may_wait_is_refused_and_what_was_taken_is_dealt_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gather, "WAITING_MAX", 4)

    async def scene() -> None:
        calls = Calls()
        meet: Gather[int, int] = Gather(calls, most=9)
        first = asyncio.create_task(meet(0))
        await turns()
        tasks = [first, *(asyncio.create_task(meet(n)) for n in range(1, 7))]
        await turns()
        calls.answer()
        calls.answer()
        told = await asyncio.gather(*tasks, return_exceptions=True)
        assert told[:5] == [0, 10, 20, 30, 40]
        assert [type(one) for one in told[5:]] == [TooMuchAtOnce, TooMuchAtOnce]

    asyncio.run(scene())


def test_who_has_gone_is_not_answered_and_others_are() -> None:
    async def scene() -> None:
        calls = Calls()
        meet: Gather[int, int] = Gather(calls, most=9)
        tasks = [asyncio.create_task(meet(n)) for n in range(3)]
        await turns()
        tasks[1].cancel()
        await turns()
        calls.answer()
        told = await asyncio.gather(*tasks, return_exceptions=True)
        assert told[0::2] == [0, 20]
        assert isinstance(told[1], asyncio.CancelledError)

    asyncio.run(scene())


def test_requests_on_several_loops_meet() -> None:
    groups: list[int] = []

    def work(things: Sequence[int]) -> list[int]:
        groups.append(len(things))
        return [-thing for thing in things]

    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(4) as loops:
        meet: Gather[int, int] = Gather(lambda things: one.submit(work, things), most=9)
        gate = threading.Event()
        held = one.submit(gate.wait, 20)

        async def several(first: int) -> list[int]:
            return list(await asyncio.gather(*(meet(first + n) for n in range(5))))

        answers = [loops.submit(asyncio.run, several(5 * n)) for n in range(4)]
        gate.set()
        assert held.result()
        found = [n for answer in answers for n in answer.result(timeout=20)]
    assert found == [-n for n in range(20)]
    assert sum(groups) == 20


def test_a_group_waits_for_those_who_are_on_the_way_and_for_nobody_else() -> None:
    async def scene() -> None:
        looks, steps = Calls(), Calls()
        door: Gather[int, int] = Gather(looks, most=2)
        meet: Gather[int, int] = Gather(steps, most=9, before=door)

        async def come(n: int) -> int:
            return await meet(await door(n))

        early = [asyncio.create_task(come(n)) for n in (1, 2)]
        await turns()
        late = [asyncio.create_task(come(n)) for n in (3, 4)]
        await turns()
        looks.answer(0)
        await turns()
        # 3 and 4 were at the door when 1 and 2 came in; 5 was not.
        later = asyncio.create_task(come(5))
        await turns()
        assert (looks.groups, steps.groups) == ([[1, 2], [3, 4]], [])
        looks.answer(1)
        await turns()
        assert (looks.groups, steps.groups) == ([[1, 2], [3, 4], [5]], [[10, 20, 30, 40]])
        steps.answer()
        assert await asyncio.gather(*early, *late) == [100, 200, 300, 400]
        looks.answer(2)
        await turns()
        steps.answer()
        assert await later == 500

    asyncio.run(scene())


def test_who_came_while_a_group_was_away_leaves_after_its_answers_and_with_who_asks_again() -> None:
    async def scene() -> None:
        looks, steps = Calls(), Calls()
        door: Gather[int, int] = Gather(looks, most=9)
        meet: Gather[int, int] = Gather(steps, most=9, before=door)
        first = asyncio.create_task(meet(1))
        await turns()
        second = asyncio.create_task(meet(2))
        await turns()

        async def asks_again() -> int:
            await first
            return await meet(await door(3))

        again = asyncio.create_task(asks_again())
        steps.answer()
        await turns()
        assert (looks.groups, steps.groups) == ([[3]], [[1]])
        looks.answer()
        await turns()
        assert steps.groups == [[1], [2, 30]]
        steps.answer()
        assert await asyncio.gather(second, again) == [20, 300]

    asyncio.run(scene())


def test_a_full_group_waits_for_nobody() -> None:
    async def scene() -> None:
        looks, steps = Calls(), Calls()
        door: Gather[int, int] = Gather(looks, most=9)
        meet: Gather[int, int] = Gather(steps, most=2, before=door)
        waits = asyncio.create_task(door(7))
        await turns()
        tasks = [asyncio.create_task(meet(n)) for n in range(4)]
        await turns()
        assert steps.groups == [[0, 1]]
        steps.answer()
        assert steps.groups == [[0, 1], [2, 3]]
        steps.answer()
        assert await asyncio.gather(*tasks) == [0, 10, 20, 30]
        looks.answer()
        await waits

    asyncio.run(scene())
