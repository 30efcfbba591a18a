"""The pages themselves and the files they are made of.

The review page holds nothing of a user or a plot: it is Folium's map and our shell, rendered once
per version and language; only the nonce, the language and the theme are put in per request.
"""

import hashlib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import orjson
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import FileResponse, HTMLResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.staticfiles import StaticFiles

from api.deps import Doors
from api.openapi_page import operations
from georeview import __version__, texts
from georeview.errors import NotFound
from georeview.settings import Settings
from georeview.webmap import assets, page, styles

router = APIRouter(include_in_schema=False)

_TEMPLATES = Path(__file__).parent / "templates"
_THEMES = {"light", "dark"}
_IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable"}


def static_root() -> Path:
    """Our own scripts, styles and icons: beside the package, or inside an installed one."""
    checkout = Path(__file__).parent.parent / "static"
    return checkout if checkout.is_dir() else Path(str(resources.files("georeview"))) / "_static"


def prepare(settings: Settings) -> None:
    """Check the packaged assets and have the map ready before the first visitor comes.

    Raises:
        RuntimeError: A packaged asset is not the one that was reviewed.
    """
    assets.verify()
    page.render_in_child(settings.home / "cache")


def install(app: FastAPI) -> None:
    """Add the pages and their files to the app."""
    app.include_router(router)
    app.mount("/static", _Revalidated(directory=static_root()), name="static")


class _Revalidated(StaticFiles):
    """Modules import each other by plain names, so browsers ask each time and mostly get 304."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "no-cache"
        return response


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(default=True, default_for_string=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _versioned(path: str) -> str:
    """The address of a static file with the start of its hash."""
    digest = hashlib.sha256((static_root() / path).read_bytes()).hexdigest()
    return f"/static/{path}?v={digest[:8]}"


def _language(request: Request) -> texts.Lang:
    """The language somebody chose, else the browser's."""
    chosen = request.cookies.get("lang")
    for lang in texts.LANGS:
        if lang == chosen:
            return lang
    return texts.pick(request.headers.get("accept-language"))


def _render(request: Request, template: str, **context: Any) -> HTMLResponse:
    lang = _language(request)
    theme = request.cookies.get("theme", "")

    def say(key: str, **facts: object) -> str:
        return texts.say(key, lang, **facts)

    html = (
        _environment()
        .get_template(template)
        .render(
            lang=lang,
            theme=theme if theme in _THEMES else "",
            nonce=request.scope["nonce"],
            version=__version__,
            asset=_versioned,
            leaflet=assets.URL,
            t=say,
            **context,
        )
    )
    return HTMLResponse(html, headers={"Cache-Control": "no-cache", "Vary": "Cookie"})


def _json_block(value: object) -> str:
    """JSON that can stand inside a script element."""
    return orjson.dumps(value).decode("utf-8").replace("<", "\\u003c")


@router.get("/")
def workbench(request: Request, doors: Doors) -> HTMLResponse:
    """The review page."""
    parts = page.render_in_child(doors.settings.home / "cache")
    config = {"version": __version__, "lang": _language(request), "langs": texts.LANGS}
    return _render(
        request,
        "page.html",
        map_html=parts.html,
        map_script=parts.script,
        config=_json_block(config),
    )


@router.get("/sign-in")
def sign_in(request: Request, doors: Doors) -> HTMLResponse:
    """Name and password; in the demo also one button per sample person."""
    samples = [
        {
            "role": person.grants[0].role.value,
            "name": person.name,
            "unit": person.unit,
        }
        for person in doors.people.samples()
        if person.grants
    ]
    return _render(request, "sign_in.html", samples=samples)


@router.get("/licences")
def licences(request: Request) -> HTMLResponse:
    """What is used of others, with their licences."""
    return _render(request, "licences.html", packages=assets.licences())


@router.get("/docs")
def docs(request: Request) -> HTMLResponse:
    """The API, described by its own OpenAPI document; no foreign script."""
    document = request.app.openapi()
    return _render(request, "docs.html", document=document, operations=operations(document))


@router.get("/assets/palette.css")
def palette_css() -> Response:
    """Colours of marks as CSS custom properties, from the one palette."""
    headers = {"Cache-Control": "no-cache"}
    return Response(styles.palette_css(), media_type="text/css", headers=headers)


@router.get("/assets/leaflet/{version}/{name:path}")
def leaflet(version: str, name: str) -> Response:
    """Leaflet's own files, from its package."""
    path = assets.path(version, name)
    if path is None:
        raise NotFound(what=name)
    return FileResponse(path, headers=_IMMUTABLE)
