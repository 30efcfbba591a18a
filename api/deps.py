"""What routes are given: the services, who asks, and what the headers and the body say."""

from collections.abc import Iterator
from typing import Annotated, Any, Generic, TypeVar, cast

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError

from api import BASE
from api.asgi import headers_of
from api.callers import who_calls
from api.watch import seen_of
from georeview import texts
from georeview.core.access import Action, Actor, need
from georeview.errors import Malformed
from georeview.errors.http import NotJson, UnknownParameter
from georeview.services import Services

Model = TypeVar("Model", bound=BaseModel)


def services(request: Request) -> Services:
    """The services of this app."""
    return cast("Services", request.app.state.services)


async def _doors(request: Request) -> Services:
    return services(request)


Doors = Annotated[Services, Depends(_doors)]


async def actor(request: Request) -> Actor:
    """Who asks, as ``who_calls`` finds out.

    Raises:
        NotSignedIn: Nobody is signed in, or the key opens nothing.
    """
    who = await who_calls(request)
    seen_of(request.scope).user = who.user
    return who


Who = Annotated[Actor, Depends(actor)]


class Needs:
    """A route's right: checked from the headers alone, before any body is read."""

    def __init__(self, action: Action) -> None:
        self.action = action

    async def __call__(self, who: Who) -> None:
        """Refuse unless the person has the right anywhere; where, the service judges."""
        need(who, self.action)


class NeedsOnPlot(Needs):
    """A right on the plot of the address: what is not visible is missing before it is forbidden."""

    def __call__(self, plot_id: str, who: Who, doors: Doors) -> None:  # type: ignore[override]
        """Refuse unless the person sees the plot and has the right on it."""
        doors.review.need_on(who, self.action, plot_id)


async def language(request: Request) -> texts.Lang:
    """The language to answer in."""
    return texts.pick(headers_of(request.scope).get("accept-language"))


Language = Annotated[texts.Lang, Depends(language)]


# Queries -----------------------------------------------------------------------------------------


async def known_query(request: Request) -> None:
    """Hold a request to the parameters its address knows.

    One that is ignored in silence would answer another question than the one asked.

    Raises:
        UnknownParameter: There is another one.
    """
    if not request.scope["query_string"]:
        return
    route = request.scope["route"]
    known = set(_parameters(route.dependant)) if isinstance(route, APIRoute) else set()
    for name in request.query_params:
        if name not in known:
            raise UnknownParameter(
                name=name[:80], known=", ".join(sorted(known)) or "-", field=name[:80]
            )


def _parameters(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _parameters(inner)


# Bodies ------------------------------------------------------------------------------------------


async def json_object(request: Request) -> dict[str, Any]:
    """The body as a JSON object; an empty body is an empty object.

    Raises:
        NotJson: It says that it is something else.
        Malformed: It is not one.
    """
    raw = await request.body()
    kind = (
        headers_of(request.scope).get("content-type", "application/json").partition(";")[0].strip()
    )
    if raw and kind.lower() != "application/json":
        raise NotJson
    try:
        body = orjson.loads(raw) if raw.strip() else {}
    except orjson.JSONDecodeError as error:
        raise Malformed from error
    if not isinstance(body, dict):
        raise Malformed
    return body


JsonObject = Annotated[dict[str, Any], Depends(json_object)]


class JsonBody(Generic[Model]):
    """A body of one shape; read by a dependency, and so after the rights of the route."""

    def __init__(self, model: type[Model]) -> None:
        self.model = model

    async def __call__(self, body: JsonObject) -> Model:
        """The body as a value of the model.

        Raises:
            RequestValidationError: It does not fit.
        """
        try:
            return self.model.model_validate(body)
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=False, include_input=False)
            told = [{**item, "loc": ("body", *item["loc"])} for item in found]
            raise RequestValidationError(told) from error

    def described(self) -> dict[str, Any]:
        """The body for the OpenAPI document."""
        schema = self.model.model_json_schema()
        inside = schema.pop("$defs", {})
        return described(_spelled_out(schema, inside), schema["examples"][0])


def _spelled_out(value: Any, inside: dict[str, Any]) -> Any:
    """A schema with what it refers to put in place: the document has no room of its own for it."""
    if isinstance(value, list):
        return [_spelled_out(item, inside) for item in value]
    if not isinstance(value, dict):
        return value
    if name := str(value.get("$ref", "")).removeprefix("#/$defs/"):
        return _spelled_out(inside[name], inside)
    return {key: _spelled_out(item, inside) for key, item in value.items()}


def described(schema: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    """OpenAPI description of a JSON body."""
    content = {"application/json": {"schema": schema, "example": example}}
    return {"requestBody": {"content": content, "required": True}}


def signed_in(tag: str, *rights: Action) -> APIRouter:
    """A router under the base path, for whoever is signed in and has the rights.

    It carries its whole address, for a router that is included is kept and searched twice.
    """
    needed = [Depends(Needs(right)) for right in rights]
    return APIRouter(
        prefix=BASE, tags=[tag], dependencies=[Depends(actor), Depends(known_query), *needed]
    )
