"""Everybody who listens to this process: one look at the store for all of them, a line to each.

The look is taken each second while somebody listens and never otherwise. Who listens is looked up
again before anything is told, so that whoever was shut out hears nothing more.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool

from api.drain import Drain
from api.shapes import Json, here
from georeview.core.access import Actor, Scope
from georeview.core.locks import Lock
from georeview.errors import GeoreviewError
from georeview.errors.store import Draining, LiveFull
from georeview.services import Services
from georeview.services.live import Looked, line, page_of
from georeview.services.plots import seen_by

log = logging.getLogger("georeview.live")

LOOK_SECONDS = 1.0
BEAT_SECONDS = 15.0
"""How often a stream says that it is alive, and how far the ledger has been looked at."""

QUEUE_MAX = 256
"""Lines that wait for a page; one that is slower is let go and comes again where it was."""


@dataclass(eq=False, slots=True)
class Listener:
    """A page that listens.

    Attributes:
        token: The session it listens by.
        actor: Whose page it is.
        scope: What that person sees.
        page: What its presence is kept under.
        at: Number of the last event it need not be told.
        lines: What waits to be sent; ``None`` ends it.
        told: The plot it shows, who was said to be there, and who to hold it.
        gone: A plot that it saw and sees no more.
    """

    token: str
    actor: Actor
    scope: Scope
    page: str
    at: int
    lines: "asyncio.Queue[bytes | None]" = field(default_factory=lambda: asyncio.Queue(QUEUE_MAX))
    told: tuple[str, list[str], Lock | None] | None = None
    gone: str | None = None

    def say(self, text: bytes) -> None:
        """Send a line; whoever does not keep up is let go."""
        try:
            self.lines.put_nowait(text)
        except asyncio.QueueFull:
            self.end()

    def saw(self, plot_id: str, kind: str) -> None:
        """Note whether the plot is still one it sees."""
        if kind == "left_scope":
            self.gone = plot_id
        elif plot_id == self.gone:
            self.gone = None

    def end(self) -> None:
        """Send what waits no more, and end."""
        while not self.lines.empty():
            self.lines.get_nowait()
        self.lines.put_nowait(None)


class Live:
    """The listeners of one process, on one loop."""

    def __init__(self, services: Services, drain: Drain) -> None:
        self._services = services
        self._drain = drain
        self._listeners: set[Listener] = set()
        self._looking: asyncio.Task[None] | None = None
        self._seq = 0
        drain.when_begun(self.close)

    def close(self) -> None:
        """End every stream."""
        for listener in self._listeners:
            listener.end()
        if self._looking is not None:
            self._looking.cancel()

    async def join(
        self, token: str, actor: Actor, page: str, since: int | None
    ) -> AsyncIterator[bytes]:
        """Begin to listen.

        Args:
            token: The session.
            actor: Whose it is.
            page: Which page listens.
            since: Number of the last event it knows; from now on when ``None``.

        Raises:
            LiveFull: As many listen as may.
            Draining: The process is about to stop.
        """
        if self._drain.begun:
            raise Draining
        listener = Listener(token, actor, seen_by(actor), page_of(actor, page), 0)
        head = await run_in_threadpool(self._services.live.head)
        if len(self._listeners) >= self._services.settings.live_max:
            raise LiveFull
        self._listeners.add(listener)
        if self._looking is None or self._looking.done():
            self._seq = head
            self._looking = asyncio.create_task(self._look_on())
        # From here on every look is heard: what came before is asked for once.
        joined = self._seq
        listener.at = max(joined, since or 0)
        return self._stream(listener, joined if since is None else since, joined)

    async def _stream(self, listener: Listener, since: int, joined: int) -> AsyncIterator[bytes]:
        try:
            missed: list[Json] | None = []
            if since < joined:
                after = self._services.live.after
                missed = await run_in_threadpool(after, listener.actor, since, joined)
            yield b"retry: 3000\n\n"
            if missed is None:
                yield message("reload", {"seq": joined}, joined)
            for said in missed or ():
                yield message("change", said, said["seq"])
            yield message("at", {"seq": listener.at}, listener.at)
            while (waiting := await listener.lines.get()) is not None:
                yield waiting
        finally:
            self._listeners.discard(listener)

    # Looking -------------------------------------------------------------------------------------

    async def _look_on(self) -> None:
        try:
            await self._look_each_second()
        except Exception:
            log.exception("live.failed")
        finally:
            # Whatever ended it: pages that hear nothing more come again.
            for listener in self._listeners:
                listener.end()

    async def _look_each_second(self) -> None:
        beat = monotonic()
        while self._listeners:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                looked = await run_in_threadpool(self._services.live.look, self._seq)
                await self._check()
            except GeoreviewError as error:
                log.warning("live.unseen", extra={"code": error.code})
                continue
            self._tell(looked)
            if monotonic() >= beat:
                beat = monotonic() + BEAT_SECONDS
                for listener in self._listeners:
                    at = max(self._seq, listener.at)
                    listener.say(message("at", {"seq": at}, at))

    async def _check(self) -> None:
        """Let go of whoever is not signed in any more; others see what they see now."""
        asked = list(self._listeners)
        if not asked:  # the last one has gone while the store was looked at
            return
        actors = self._services.sessions.actors
        found = await run_in_threadpool(actors, [listener.token for listener in asked])
        for listener, actor in zip(asked, found, strict=True):
            try:
                if isinstance(actor, GeoreviewError):
                    raise actor
                listener.actor, listener.scope = actor, seen_by(actor)
            except GeoreviewError:
                self._listeners.discard(listener)
                listener.end()

    def _tell(self, looked: Looked) -> None:
        self._seq = max(self._seq, looked.head)
        lines = _Lines(looked)
        for listener in list(self._listeners):
            if looked.changes is None and listener.at < looked.head:
                listener.say(message("reload", {"seq": looked.head}, looked.head))
            for seq, plot_id, kind, text in lines.of(listener.scope):
                if seq > listener.at:
                    listener.say(text)
                    listener.saw(plot_id, kind)
            listener.at = max(listener.at, looked.head)
            self._tell_who(listener, looked)

    @staticmethod
    def _tell_who(listener: Listener, looked: Looked) -> None:
        """Who else is at the plot a page shows, when that is another than was said."""
        plot_id = looked.pages.get(listener.page)
        if plot_id is None or plot_id == listener.gone:
            listener.told = None
            return
        others = looked.here[plot_id].others(listener.actor.user)
        # That somebody is still there is no news.
        now = (plot_id, [one.user for one in others.people], others.lock)
        if now != listener.told:
            listener.say(message("here", {"plot_id": plot_id, **here(others)}))
        listener.told = now


class _Lines:
    """What a look tells, made once for all who see the same."""

    def __init__(self, looked: Looked) -> None:
        self._changes = looked.changes or ()
        self._made: dict[Scope, Sequence[tuple[int, str, str, bytes]]] = {}

    def of(self, scope: Scope) -> Sequence[tuple[int, str, str, bytes]]:
        """Number, plot, kind and line of each change that a scope sees."""
        if scope not in self._made:
            kinds = [(change.kind(scope), change) for change in self._changes]
            self._made[scope] = [
                (told.event.seq, told.event.plot_id, kind,
                 message("change", line(kind, told), told.event.seq))
                for kind, told in kinds if kind is not None
            ]  # fmt: skip
        return self._made[scope]


def message(event: str, said: dict[str, Any], seq: int | None = None) -> bytes:
    """One message of the stream."""
    name = b"" if seq is None else b"id: %d\n" % seq
    return b"%sevent: %s\ndata: %s\n\n" % (name, event.encode(), orjson.dumps(said))
