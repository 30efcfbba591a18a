"""The application: services, guard, routes and pages put together."""

import gc
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware

from api import openapi, pages, problems, routes
from api.asgi import App, Receive, Scope, Send
from api.callers import callers
from api.drain import Drain
from api.gather import Gather
from api.live import Live
from api.proxies import Known
from api.security import Guard
from api.straight import Straight
from api.watch import Watch
from georeview import __version__, settings
from georeview.clock import Clock, system_clock
from georeview.metrics import Metrics
from georeview.services import open_services
from georeview.services.memory import give_back
from georeview.storage.writer import GROUP_MAX

GARBAGE = 10_000
"""New objects after which the collector looks for cycles; a mark makes hundreds and none of them."""

DESCRIPTION = """Review of satellite suspect plots on rivers (河湖遥感疑似图斑复核).

Sign in with `POST /api/v1/session`; the cookie goes with every later request. A change of a plot
names the version it is based on in `If-Match` and may carry an `Idempotency-Key`. Refusals are
`application/problem+json` in the language of `Accept-Language`."""


class Application(FastAPI):
    """FastAPI with ours around its routes, where it has layers that a mark passes for nothing.

    What they do is done here: the guard answers defects and limits bodies, the watch tells.

    Attributes:
        around: Puts ours around what answers requests.
    """

    around: Callable[[App], App]

    def build_middleware_stack(self) -> App:
        """What a request passes, from without."""
        routed = AsyncExitStackMiddleware(self.router)
        return self.around(ExceptionMiddleware(routed, self.exception_handlers))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or self.middleware_stack is None:
            await super().__call__(scope, receive, send)
            return
        scope["app"] = self
        await self.middleware_stack(scope, receive, send)


def create_app(given: settings.Settings | None = None, clock: Clock = system_clock) -> Application:
    """Build the application.

    Args:
        given: Settings; from the environment when not given.
        clock: Where the time comes from.

    Raises:
        Unavailable: The store cannot be opened.
    """
    chosen = given or settings.load(os.environ)
    metrics, drain = Metrics(), Drain(chosen.drain_seconds)
    services = open_services(chosen, clock, metrics)

    readers = ThreadPoolExecutor(1, thread_name_prefix="georeview-sign-ins")

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        pages.prepare(chosen)
        # What is there by now stays: the collector need not walk over it again and again.
        gc.collect()
        give_back()
        gc.freeze()
        gc.set_threshold(GARBAGE)
        with drain.listening():
            yield
        readers.shutdown()
        services.close()

    app = Application(
        title="georeview",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # Nobody listens: what is told of a request, the watch tells.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.services = services
    app.state.sign_ins = Gather(lambda sent: readers.submit(callers, services, sent), GROUP_MAX)
    app.state.steps = Gather(services.review.settle, GROUP_MAX, app.state.sign_ins)
    app.state.metrics, app.state.drain = metrics, drain
    app.state.live = Live(services, drain)
    app.state.near = Known(chosen.metrics_from)
    problems.install(app)
    # Taken over one by one: a router that is included is kept and searched twice.
    app.router.routes[:0] = routes.STEPS.routes
    for router in (routes.SIGN_IN, *routes.API, *routes.ROOT):
        app.router.routes += router.routes
    pages.install(app)
    openapi.install(app)
    app.around = lambda routed: Watch(
        Guard(Straight(routed, routes.STEPS.routes), chosen), chosen, metrics, drain
    )
    return app
