"""The pages themselves and the files they are made of.

The review page holds nothing of a user or a plot: it is Folium's map and our shell, rendered once
per version and language; only the nonce, the language and the theme are put in per request.
"""

import hashlib
import posixpath
import re
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup
from starlette.staticfiles import StaticFiles

from api import league_page, problems, rivers_page
from api.asgi import headers_of
from api.deps import Doors, Needs, Who
from api.openapi_page import operations
from api.places import PLACES
from api.routes.ui import codebook
from api.security import nonce_of
from georeview import __version__, texts
from georeview.core.access import ROLE_NAMES, Action
from georeview.core.conditions import FILTER_FIELDS
from georeview.core.figures import FIGURES
from georeview.core.palette import MARKS
from georeview.core.plot import Stage
from georeview.core.reasons import REASONS, VIOLATIONS
from georeview.errors import GeoreviewError, NotFound, NotSignedIn
from georeview.errors.people import PasswordToChange
from georeview.geometry.crs import EXPORT_CODES
from georeview.reports.document import Document
from georeview.services.mails import WISHES
from georeview.services.passwords import PASSWORD_MIN
from georeview.services.wording import readable
from georeview.settings import Settings
from georeview.webmap import assets, page, styles

router = APIRouter(include_in_schema=False)

_TEMPLATES = Path(__file__).parent / "templates"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_THEMES = {"light", "dark"}
_IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable"}

KEYS = (
    ("F", "false_positive"),
    ("C", "confirmed"),
    ("R", "rectified"),
    ("1 – 9", "digits"),
    ("↵", "submit"),
    ("U", "undo"),
    ("N", "next"),
    ("P", "previous"),
    ("S", "skip"),
    ("L", "later"),
    ("B", "swipe"),
    ("Space", "hold"),
    ("[ ]", "epochs"),
    ("Z", "fit"),
    ("/", "search"),
    ("Esc", "clear"),
    ("?", "help"),
)
"""Keys of the review page with the text that explains each; ``static/js/keys.js`` reads them."""


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
    _map(settings)


def _map(settings: Settings) -> page.Parts:
    return page.render_in_child(settings.home / "cache", settings.extent_degrees)


def install(app: FastAPI) -> None:
    """Add the pages and their files to the app; a page that is refused is refused by a page."""
    app.router.routes += router.routes
    app.add_exception_handler(GeoreviewError, _on_refusal)
    app.mount("/static", _Revalidated(directory=static_root()), name="static")


class _Revalidated(StaticFiles):
    """Modules import each other by plain names, so browsers ask each time and mostly get 304."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "no-cache"
        return response


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(default=True, default_for_string=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["as_json"] = lambda value: orjson.dumps(value).decode("utf-8")
    return environment


@cache
def _versioned(path: str) -> str:
    """The address of a static file with the start of its hash."""
    digest = hashlib.sha256((static_root() / path).read_bytes()).hexdigest()
    return f"/static/{path}?v={digest[:8]}"


_TABS = ("people", "keys", "webhooks", "log")
"""Parts of the page of people and rights; ``static/js/people/boot.js`` knows what each takes."""

_WITHOUT_SERVER = ("ui.offline.say", "ui.offline.hint", "ui.failed")
"""What a page must be able to say when nothing answers any more."""


_IMPORTED = re.compile(r"""^(?:import|export|\}) [^"']*?["'](\.{1,2}/[^"']+)["'];$""", re.MULTILINE)


@cache
def _modules(entry: str) -> list[str]:
    """Every module a page's script imports, so that the browser asks for all of them at once."""
    found, waiting = set[str](), [entry]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            text = (static_root() / "js" / name).read_text(encoding="utf-8")
            folder = posixpath.dirname(name)
            waiting += [
                posixpath.normpath(posixpath.join(folder, i)) for i in _IMPORTED.findall(text)
            ]
    return sorted(found)


@cache
def _said() -> str:
    """Changes whenever a text or the codebook does; part of their addresses."""
    said = [orjson.dumps(dict(texts.catalogue(lang))) for lang in texts.LANGS]
    return hashlib.sha256(b"".join((*said, bytes(codebook().body)))).hexdigest()[:8]


def _config(lang: texts.Lang) -> str:
    """What a page's own script is told, as JSON that can stand inside a script element."""
    told = {
        "version": __version__,
        "lang": lang,
        "texts": f"/ui/texts/{lang}.json?v={_said()}",
        "codebook": f"/ui/codebook.json?v={_said()}",
        "said": {key: texts.say(key, lang) for key in _WITHOUT_SERVER},
    }
    return _inside(told)


def _inside(told: object) -> str:
    """A value as JSON that can stand inside a script element."""
    return orjson.dumps(told).decode("utf-8").replace("<", "\\u003c")


def _svg(name: str) -> Markup:
    """A picture of the sprite."""
    return Markup('<svg class="icon" aria-hidden="true"><use href="#{}"/></svg>').format(name)


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
            other_lang=next(other for other in texts.LANGS if other != lang),
            config=_config(lang),
            svg=_svg,
            theme=theme if theme in _THEMES else "",
            nonce=nonce_of(request.scope),
            version=__version__,
            asset=_versioned,
            leaflet=assets.URL,
            t=say,
            places=PLACES,
            modules_of=_modules,
            here=request.url.path,
            **context,
        )
    )
    return HTMLResponse(html, headers={"Cache-Control": "no-cache", "Vary": "Cookie"})


def _with_map(request: Request, doors: Doors, template: str, **context: Any) -> HTMLResponse:
    """A page beside Folium's map."""
    parts = _map(doors.settings)
    return _render(
        request,
        template,
        map_html=parts.html,
        map_script=parts.script,
        **context,
    )


@router.get("/")
def workbench(request: Request, doors: Doors) -> HTMLResponse:
    """The review page."""
    return _with_map(
        request,
        doors,
        "page.html",
        formats=_formats(),
        systems=EXPORT_CODES,
        stages=[stage.value for stage in Stage],
        determinations=FILTER_FIELDS["determination"].possible,
        reasons=(
            ("false_positive", REASONS.values()),
            ("confirmed", VIOLATIONS.values()),
        ),
        symbols={style.mark: style.symbol for style in MARKS.values()},
        keys=KEYS,
    )


def _formats() -> list[dict[str, str]]:
    """What each format of an export can be asked for, as words for the dialog."""
    from georeview.exports import FORMATS

    return [
        {
            "name": form.name,
            "encodings": " ".join(form.limits.encodings),
            "systems": " ".join(f"EPSG:{n}" for n in form.limits.systems or EXPORT_CODES),
            "pictures": form.limits.pictures,
        }
        for form in FORMATS.values()
    ]


@router.get("/import", dependencies=[Depends(Needs(Action.IMPORT))])
def import_desk(request: Request, doors: Doors) -> HTMLResponse:
    """Where files of plots are brought in."""
    return _with_map(request, doors, "import.html")


@router.get("/league", dependencies=[Depends(Needs(Action.FIGURES))])
def league(
    request: Request,
    who: Who,
    doors: Doors,
    batch: Annotated[str | None, Query(max_length=200)] = None,
    as_of: date | None = None,
    plot_set: Annotated[str | None, Query(alias="set", max_length=40)] = None,
    unit: Annotated[str | None, Query(max_length=200)] = None,
    curve: Literal["submit_rate", "review_rate", "rectify_rate"] = "review_rate",
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    by: Annotated[str, Query(max_length=40)] = league_page.COUNTY,
) -> HTMLResponse:
    """The league table and other breakdowns, curves, and the plots behind a figure."""
    lang = _language(request)
    asked = league_page.Asked(batch, as_of, plot_set, unit, curve, after, by)
    names = {row.id: row.zh if lang == "zh-CN" else row.en for row in FIGURES.values()}
    told = league_page.shown(who, doors, asked, lang)
    return _render(request, "league.html", names=names, **told)


@router.get("/league.xlsx", dependencies=[Depends(Needs(Action.LEAGUE))])
def league_workbook(
    request: Request,
    who: Who,
    doors: Doors,
    batch: Annotated[str | None, Query(max_length=200)] = None,
    as_of: date | None = None,
) -> Response:
    """The same table as a workbook; pages are set on the command line, for that takes more memory."""
    return _workbook(doors, doors.reports.league(who, batch, as_of, _language(request)), as_of)


@router.get("/breakdown.xlsx", dependencies=[Depends(Needs(Action.FIGURES))])
def breakdown_workbook(
    request: Request,
    who: Who,
    doors: Doors,
    by: Annotated[str, Query(max_length=40)] = league_page.COUNTY,
    batch: Annotated[str | None, Query(max_length=200)] = None,
    as_of: date | None = None,
) -> Response:
    """A breakdown as a workbook."""
    document = doors.reports.breakdown(who, by, batch, as_of, _language(request))
    return _workbook(doors, document, as_of, by)


def _workbook(
    doors: Doors, document: Document, as_of: date | None, by: str | None = None
) -> Response:
    name = f"{by or 'league'}-{doors.figures.day(as_of).isoformat()}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(doors.reports.content(document, ".xlsx"), media_type=XLSX, headers=headers)


@router.get("/rivers", dependencies=[Depends(Needs(Action.SEE))])
def rivers(
    request: Request,
    who: Who,
    doors: Doors,
    batch: Annotated[str | None, Query(max_length=200)] = None,
    as_of: date | None = None,
    tab: Literal["rivers", "duties", "findings", "referrals"] = "rivers",
    river: Annotated[str | None, Query(max_length=60)] = None,
    reach: Annotated[str | None, Query(max_length=80)] = None,
    plot: Annotated[str | None, Query(max_length=80)] = None,
    overdue: bool = False,
) -> HTMLResponse:
    """Rivers: figures, who answers, findings and referrals."""
    lang = _language(request)
    asked = rivers_page.Asked(batch, as_of, tab, river, reach, plot, overdue)
    told = rivers_page.shown(who, doors, asked, lang)
    return _render(
        request,
        "rivers.html",
        names=rivers_page.names(lang),
        entries_of=told.pop("entries"),
        forms_json=_inside(told.pop("forms")),
        **told,
    )


@router.get("/escalation", dependencies=[Depends(Needs(Action.FIGURES))])
def escalation(request: Request) -> HTMLResponse:
    """Counties that do not act: what is suggested, what was issued, what they answered."""
    return _render(request, "escalation.html")


@router.get("/layers", dependencies=[Depends(Needs(Action.LAYER))])
def layers(request: Request, doors: Doors) -> HTMLResponse:
    """Boundary layers: their versions, what a version changes, and publishing another one."""
    return _with_map(request, doors, "layers.html")


@router.get("/results", dependencies=[Depends(Needs(Action.MARK))])
def results(request: Request) -> HTMLResponse:
    """Where lists of results come in, and where they are sent up to the issuer."""
    return _render(request, "results.html")


@router.get("/board", dependencies=[Depends(Needs(Action.SEE))])
def board(request: Request) -> HTMLResponse:
    """Where plots are led through the procedure, many at a time."""
    return _render(request, "board.html")


@router.get("/sign-in")
def sign_in(request: Request, doors: Doors) -> HTMLResponse:
    """Name and password; in the demo also one button per sample person."""
    zh = _language(request) == "zh-CN"
    samples = [
        {
            "role": person.grants[0].role.value,
            "role_name": ROLE_NAMES[person.grants[0].role][0 if zh else 1],
            "name": person.name,
            "unit": person.unit,
        }
        for person in doors.sessions.samples()
        if person.grants
    ]
    return _render(request, "sign_in.html", samples=samples)


@router.get("/people", dependencies=[Depends(Needs(Action.ACCESS_LOG))])
def people(request: Request) -> HTMLResponse:
    """Accounts, and what was changed about them."""
    return _render(request, "people.html", tabs=_TABS)


PERMIT_TABS = ("register", "over", "without", "tables")


@router.get("/permits", dependencies=[Depends(Needs(Action.PERMITS))])
def permits(request: Request) -> HTMLResponse:
    """The register of permits, and what rests on it."""
    return _render(request, "permits.html", tabs=PERMIT_TABS)


@router.get("/permits/works.xlsx", dependencies=[Depends(Needs(Action.PERMITS))])
def works_without_permit(
    request: Request,
    who: Who,
    doors: Doors,
    batch: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """Works that need a permit and rest on none that holds, to hand out."""
    document = doors.reports.works(who, batch, _language(request))
    headers = {"Content-Disposition": 'attachment; filename="works-without-permit.xlsx"'}
    return Response(doors.reports.content(document, ".xlsx"), media_type=XLSX, headers=headers)


@router.get("/password")
def password(request: Request) -> HTMLResponse:
    """Where one chooses a password of one's own."""
    return _render(request, "password.html", minimum=PASSWORD_MIN)


@router.get("/mail", dependencies=[Depends(Needs(Action.SEE))])
def mail(request: Request) -> HTMLResponse:
    """Where one chooses how to be told by mail."""
    return _render(request, "mail.html", wishes=WISHES)


@router.get("/licences")
def licences(request: Request) -> HTMLResponse:
    """What is used of others, with their licences."""
    return _render(request, "licences.html", packages=assets.licences())


@router.get("/docs")
def docs(request: Request) -> HTMLResponse:
    """The API, described by its own OpenAPI document; no foreign script."""
    document = request.app.openapi()
    return _render(request, "docs.html", document=document, operations=operations(document))


async def _on_refusal(request: Request, error: Exception) -> Response:
    """A person who opens a page is led to the sign-in, or told why not; a program reads JSON."""
    route, accepted = request.scope.get("route"), headers_of(request.scope).get("accept", "")
    if (
        not isinstance(error, GeoreviewError)
        or route not in router.routes
        or "html" not in accepted
    ):
        return await problems.on_refusal(request, error)
    if isinstance(error, PasswordToChange):
        return RedirectResponse(f"/password?next={request.url.path}", 303)
    if isinstance(error, NotSignedIn):
        return RedirectResponse(f"/sign-in?next={request.url.path}", 303)
    facts = readable(error.facts, _language(request))
    said = {
        part: texts.say(f"error.{error.code}.{say}", _language(request), **facts)
        for part, say in (("title", "say"), ("hint", "hint"))
    }
    page_of = _render(request, "refused.html", **said)
    page_of.status_code = problems.status_of(type(error))
    return page_of


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
