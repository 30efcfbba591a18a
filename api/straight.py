"""Routes on the busiest way, with what they depend on called by hand."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from api.deps import Needs, actor, known_query
from api.sent import as_sent


class StepRoute(APIRoute):
    """A route that takes a step of the workflow.

    FastAPI works out for every request anew what its handler depends on, which takes a mark as long
    as judging and keeping it. What these routes depend on is declared like everywhere, for the
    OpenAPI document and the tests of rights; here it is called, in the same order: who, what of,
    with which right, and only then the body.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, made once when the application is put together."""
        needs = [d.dependency for d in self.dependencies if isinstance(d.dependency, Needs)]

        async def handle(request: Request) -> Response:
            who = await actor(request)
            await known_query(request)
            for need in needs:
                await need(who)
            sent = await as_sent(request)
            given = request.path_params
            answer: Response = await self.endpoint(request=request, who=who, sent=sent, **given)
            return answer

        return handle
