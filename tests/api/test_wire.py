"""An answer leaves whole: its head and its body in one packet."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from uvicorn import Config
from uvicorn.server import ServerState

from api.asgi import App, Receive, Scope, Send
from api.wire import Protocol

Ask = Callable[[bytes], Awaitable[bytes]]


class Counted:
    """A connection that counts what is handed to the system."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self.writes: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.writes.append(data)
        self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


@asynccontextmanager
async def connected(
    app: App,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter, list[Counted]]]:
    config, state, seen = Config(app, lifespan="off", log_config=None), ServerState(), []
    config.load()

    class Watched(Protocol):
        def connection_made(self, transport: Any) -> None:
            seen.append(Counted(transport))
            super().connection_made(seen[-1])  # type: ignore[arg-type]

    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Watched(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        yield reader, writer, seen
        writer.close()
        await writer.wait_closed()


def answering(*parts: bytes, close: bool = False, more: asyncio.Event | None = None) -> App:
    size = str(sum(map(len, parts))).encode()
    headers = [(b"content-length", size), *([(b"connection", b"close")] if close else [])]

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for part in parts[:-1]:
            await send({"type": "http.response.body", "body": part, "more_body": True})
            if more is not None:
                await more.wait()
        await send({"type": "http.response.body", "body": parts[-1]})

    return app


GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


def test_head_and_body_of_an_answer_are_one_write() -> None:
    async def scene() -> None:
        async with connected(answering(b"small")) as (reader, writer, seen):
            for n in (1, 2):
                writer.write(GET)
                head = await reader.readuntil(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 200")
                assert await reader.readexactly(5) == b"small"
                assert len(seen[0].writes) == n

    asyncio.run(scene())


def test_what_is_there_leaves_while_the_rest_is_awaited() -> None:
    async def scene() -> None:
        more = asyncio.Event()
        async with connected(answering(b"first", b"rest", more=more)) as (reader, writer, _):
            writer.write(GET)
            await reader.readuntil(b"\r\n\r\n")
            assert await reader.readexactly(5) == b"first"
            more.set()
            assert await reader.readexactly(4) == b"rest"

    asyncio.run(scene())


def test_the_last_answer_of_a_connection_arrives_before_it_is_closed() -> None:
    async def scene() -> None:
        async with connected(answering(b"one", b"two", b"three", close=True)) as (
            reader,
            writer,
            _,
        ):
            writer.write(GET)
            assert (await reader.read()).endswith(b"\r\n\r\nonetwothree")

    asyncio.run(scene())
