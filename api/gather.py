"""What arrives together goes on together: many requests, one call, one way back to the loop.

The disk takes as long for one mark as for fifty, and waking a thread costs more than looking up a
session. So requests leave what they want here and wait; one call is on its way at a time, and takes
along everything that has come in since the last one left.
"""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from georeview.errors import TooMuchAtOnce

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


class Gather(Generic[T, R]):
    """A place where requests meet.

    Args:
        call: Deals with several things at once; gives one answer for each, in their order. An
            answer that is an exception is raised where it is awaited.
        most: Things in one call.
    """

    def __init__(self, call: Callable[[Sequence[T]], Future[Any]], most: int) -> None:
        self._call = call
        self._most = most
        self._gate = threading.Lock()
        self._waiting: list[_Seat[T]] = []
        self._calling = False
        self._away = False

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
            first = not self._calling
            self._calling = True
        if first:
            # At the end of this turn of the loop, with all whose request was read in it.
            loop.call_soon(self._leave)
        return await answer

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

    def _back(self, group: list[_Seat[T]], done: Future[Any]) -> None:
        """Send the next on their way first, so that the disk never waits for answers."""
        with self._gate:
            self._away = False
            following = self._next_group()
        self._send(following)
        error = done.exception()
        results = [error] * len(group) if error else done.result()
        loops: dict[asyncio.AbstractEventLoop, list[tuple[_Seat[T], Any]]] = defaultdict(list)
        for seat, result in zip(group, results, strict=True):
            loops[seat.loop].append((seat, result))
        for loop, own in loops.items():
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(_answer, own)


def _answer(own: list[tuple[_Seat[T], Any]]) -> None:
    """Answer those of one loop; who has gone meanwhile needs no answer."""
    for seat, result in own:
        if seat.answer.done():
            continue
        if isinstance(result, BaseException):
            seat.answer.set_exception(result)
        else:
            seat.answer.set_result(result)
