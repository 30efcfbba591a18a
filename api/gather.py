"""What arrives together goes on together: many requests, one call, one way back to the loop.

The disk takes as long for one mark as for fifty, and waking a thread costs more than looking up a
session. So requests leave what they want here and wait; one call is on its way at a time, and takes
along everything that has come in since the last one left.

The larger a group, the less each of it costs. Whoever has just been answered often asks again at
once, and whoever is being looked up in the gather before this one is about to come here: a group
waits for those, a few turns of the loop, and twice as many share a commit.
"""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from georeview.errors.store import TooMuchAtOnce

WAITING_MAX = 4096
"""What may wait for its turn; whoever comes then is asked to come again."""

T = TypeVar("T")
R = TypeVar("R")


@dataclass(slots=True)
class _Seat(Generic[T]):
    """Somebody who waits, and on which loop."""

    thing: T
    loop: asyncio.AbstractEventLoop
    answer: "asyncio.Future[Any]"


@dataclass(frozen=True, slots=True)
class _Listener:
    """Somebody to be told, on a loop of theirs, once so many have been answered."""

    number: int
    loop: asyncio.AbstractEventLoop
    then: Callable[[], None]


class Gather(Generic[T, R]):
    """A place where requests meet.

    Args:
        call: Deals with several things at once; gives one answer for each, in their order. An
            answer that is an exception is raised where it is awaited.
        most: Things in one call.
        before: Where those who come here have been just before, if a group is to wait for them.
    """

    def __init__(
        self,
        call: Callable[[Sequence[T]], Future[Any]],
        most: int,
        before: "Gather[Any, Any] | None" = None,
    ) -> None:
        self._call = call
        self._most = most
        self._before = before
        self._gate = threading.Lock()
        self._waiting: list[_Seat[T]] = []
        self._calling = False
        self._away = False
        self._came = self._answered = 0
        self._listening: list[_Listener] = []

    async def __call__(self, thing: T) -> R:
        """Have one thing dealt with.

        Raises:
            TooMuchAtOnce: Too many are waiting; this one was not taken.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[R] = loop.create_future()
        with self._gate:
            if len(self._waiting) >= WAITING_MAX:
                raise TooMuchAtOnce
            self._waiting.append(_Seat(thing, loop, answer))
            self._came += 1
            first = not self._calling
            self._calling = True
        if first:
            # At the end of this turn of the loop, with all whose request was read in it.
            loop.call_soon(self._gather)
        return await answer

    def once_answered(self, then: Callable[[], None]) -> None:
        """Call back on this loop when all who are here now have been answered and have gone on.

        Whoever comes later is not waited for, so that it happens however many keep coming.
        """
        with self._gate:
            if self._answered < self._came:
                loop = asyncio.get_running_loop()
                self._listening.append(_Listener(self._came, loop, then))
                return
        then()

    # Leaving -------------------------------------------------------------------------------------

    def _gather(self) -> None:
        """Leave, but not without those who are on the way here."""
        if self._before is None or len(self._waiting) >= self._most:
            self._leave()
        else:
            self._before.once_answered(self._leave)

    def _leave(self) -> None:
        with self._gate:
            self._calling = False
            group = self._next_group()
        self._send(group)

    def _next_group(self) -> list[_Seat[T]]:
        """Those whose turn it is; none while others are away. Called with the gate held."""
        if self._away:
            return []
        group, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        self._away = bool(group)
        return group

    def _send(self, group: list[_Seat[T]]) -> None:
        if not group:
            return
        try:
            done = self._call([seat.thing for seat in group])
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it
            done = Future()
            done.set_exception(error)
        done.add_done_callback(lambda done: self._back(group, done))

    # Coming back ---------------------------------------------------------------------------------

    def _back(self, group: list[_Seat[T]], done: Future[Any]) -> None:
        """Send a full group on its way first; one that waits for others leaves after the answers."""
        with self._gate:
            self._away = False
            full = self._before is None or len(self._waiting) >= self._most
            following = self._next_group() if full else []
        self._send(following)
        error = done.exception()
        results = [error] * len(group) if error else done.result()
        loops: dict[asyncio.AbstractEventLoop, list[tuple[_Seat[T], Any]]] = defaultdict(list)
        for seat, result in zip(group, results, strict=True):
            loops[seat.loop].append((seat, result))
        for loop, own in loops.items():
            try:
                loop.call_soon_threadsafe(self._home, loop, own)
            except RuntimeError:  # the loop is closed: nobody waits there any more
                self._count(len(own))
                self._leave()

    def _home(self, loop: asyncio.AbstractEventLoop, own: list[tuple[_Seat[T], Any]]) -> None:
        _answer(own)
        self._count(len(own))
        if self._before is not None:
            # In the next turn they send their answers; what they ask then is read in the one after.
            loop.call_soon(loop.call_soon, self._again)

    def _count(self, answered: int) -> None:
        """Tell those who listen, a turn later: by then who was answered has gone on."""
        with self._gate:
            self._answered += answered
            told = [one for one in self._listening if one.number <= self._answered]
            self._listening = [one for one in self._listening if one.number > self._answered]
        for one in told:
            try:
                one.loop.call_soon_threadsafe(one.then)
            except RuntimeError:  # the loop is closed; others may wait on another
                one.then()

    def _again(self) -> None:
        """Those who came while others were away are next."""
        with self._gate:
            if self._calling or not self._waiting:
                return
            self._calling = True
        self._gather()


def _answer(own: list[tuple[_Seat[T], Any]]) -> None:
    """Answer those of one loop; who has gone meanwhile needs no answer."""
    for seat, result in own:
        if seat.answer.done():
            continue
        if isinstance(result, BaseException):
            seat.answer.set_exception(result)
        else:
            seat.answer.set_result(result)
