"""The busiest way: to routes that call by hand what they depend on, past the framework's search."""

from collections.abc import Sequence

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Match

from api.asgi import App, Receive, Scope, Send
from api.deps import Needs, actor, known_query
from api.sent import as_sent


class StepRoute(APIRoute):
    """A route that takes a step of the workflow.

    FastAPI works out for every request anew what its handler depends on, which takes a mark as long
    as judging and keeping it. What these routes depend on is declared like everywhere, for the
    OpenAPI document and the tests of rights; here it is called, in the same order: who, what of,
    with which right, and only then the body.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)
            return
        request = Request(scope, receive)
        who = await actor(request)
        await known_query(request)
        for dependency in self.dependencies:
            if isinstance(dependency.dependency, Needs):
                await dependency.dependency(who)
        sent = await as_sent(request)
        given = request.path_params
        answer: Response = await self.endpoint(request=request, who=who, sent=sent, **given)
        await answer(scope, receive, send)


class Straight:
    """Stands behind the guard and takes steps to their route at once.

    Everything else goes on to the framework, whose handlers of exceptions, stacks and routers cost
    a mark as much as judging it. What a step is refused for, the guard answers.
    """

    def __init__(self, app: App, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http" and scope["method"] == "POST":
            for route in self._routes:
                match, found = route.matches(scope)
                if match is Match.FULL:
                    scope.update(found)
                    await route.handle(scope, receive, send)
                    return
        await self._app(scope, receive, send)
