"""Routes on the busiest way, with what they depend on called by hand."""

from fastapi import Request, Response
from fastapi.routing import APIRoute

from api.asgi import Receive, Scope, Send
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
