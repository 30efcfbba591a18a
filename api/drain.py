"""Leaving politely: what happens between the signal to stop and the end of the server."""

import asyncio
import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class Drain:
    """Whether this process is about to stop.

    From the signal on ``/readyz`` answers 503 and every answer closes its connection, while
    requests are still taken: whoever spreads them over several servers has time to notice, and no
    connection is left on which the next request could cross with the end. Then the server stops
    listening, answers what it has taken, and closes the store.

    Args:
        seconds: How long that goes on before the server hears of the signal.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._then: list[Callable[[], None]] = []
        self.begun = False

    def when_begun(self, then: Callable[[], None]) -> None:
        """Call back on the application's loop once it begins: what would never end, ends then."""
        self._then.append(then)

    def _begin(self) -> None:
        self.begun = True
        for then in self._then:
            then()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear the signal before the server does, for as long as the application runs."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        servers_own = signal.getsignal(signal.SIGTERM)

        def pass_on() -> None:
            signal.signal(signal.SIGTERM, servers_own)
            signal.raise_signal(signal.SIGTERM)

        def begin() -> None:
            # A service manager and a supervising process may both ask for it.
            if not self.begun:
                self._begin()
                loop.call_later(self._seconds, pass_on)

        def interrupted(number: int, frame: FrameType | None) -> None:
            # Somebody at a keyboard waits for it: nothing is drained.
            loop.call_soon_threadsafe(self._begin)
            if callable(at_keyboard):
                at_keyboard(number, frame)

        at_keyboard = signal.signal(signal.SIGINT, interrupted)
        signal.signal(signal.SIGTERM, lambda *_: loop.call_soon_threadsafe(begin))
        try:
            with _parents_end(loop, begin):
                yield
        finally:
            signal.signal(signal.SIGTERM, servers_own)
            signal.signal(signal.SIGINT, at_keyboard)


@contextmanager
def _parents_end(loop: asyncio.AbstractEventLoop, then: Callable[[], None]) -> Iterator[None]:
    """Hear when the process that supervises several servers is gone, however it went.

    Nobody would begin them again or tell them to stop, and they would hold the port.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        yield
        return

    def gone() -> None:
        loop.remove_reader(parent.sentinel)
        then()

    loop.add_reader(parent.sentinel, gone)
    try:
        yield
    finally:
        loop.remove_reader(parent.sentinel)
