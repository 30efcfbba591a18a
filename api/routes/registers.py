"""Registers beside the plots: who answers for which reach, findings, referrals to enforcement."""

from datetime import date
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool

from api.bodies import schema
from api.deps import Doors, Who, described, signed_in
from api.sent import AsSent
from api.shapes import Json, answer, refusals, saved_as, shanghai
from api.uploads import form_of, multipart
from georeview.core.access import Action
from georeview.core.commands import BodyField
from georeview.core.registers import REGISTERS, Entry, Register
from georeview.services.register_lists import Listed
from georeview.services.registers import Shown, Wanted

LIST_MB = 5
"""Largest list of people and departments that is loaded."""

_PLOT = BodyField("plot_id", "text", "图斑", "plot", limit=80)
_AREA = BodyField("area", "text", "行政区代码", "area code", limit=12)
_EXAMPLES: dict[str, Json] = {
    "duties": {
        "duty": "chief", "name": "示例", "title": "县级河长", "level": "county", "area": "511921",
        "river": "通江", "from_m": "0", "to_m": "32000", "since": "2023-01-01",
    },
    "findings": {
        "plot_id": "p0", "source": "spot_visit", "finder": "市河长办暗访组", "date": "2023-05-04",
        "deadline": "2023-05-19", "text": "岸边堆放弃渣约 300 立方米",
    },
    "referrals": {
        "plot_id": "p0", "authority": "县水行政综合执法大队", "date": "2023-05-04",
        "text": "涉嫌未经许可采砂",
    },
}  # fmt: skip


def entry_line(shown: Shown) -> Json:
    """An entry as it is answered."""
    entry, plot = shown.entry, shown.held.plot
    return {
        "id": entry.entry_id,
        "version": entry.version,
        "state": entry.state,
        "area": entry.area,
        "plot_id": entry.plot_id,
        "source_id": plot and plot.source_id,
        "batch": plot and plot.batch,
        **{name: value for name, value in entry.content.items() if name != "area"},
        **shown.personal,
        "overdue_days": shown.overdue_days,
        "documents": [
            {"sha256": d.sha256, "name": d.name, "size": d.size, "at": shanghai(d.at)}
            for d in shown.documents
        ],
        "actor": entry.actor,
        "unit": entry.unit,
        "at": shanghai(entry.at),
        "may": shown.may,
    }


def _version(entry: Entry) -> Json:
    return {
        "version": entry.version,
        "step": entry.step,
        "state": entry.state,
        "plot_id": entry.plot_id,
        **entry.content,
        "actor": entry.actor,
        "unit": entry.unit,
        "at": shanghai(entry.at),
    }


def _whole(shown: Shown, status: int = 200) -> Response:
    response = answer(entry_line(shown), status)
    response.headers["ETag"] = f'"{shown.entry.version}"'
    return response


def _routers(of: Register) -> tuple[APIRouter, ...]:
    """The addresses of one register: reading it, and whatever its rights allow."""
    reading = signed_in(of.id, of.reads)
    writing = signed_in(of.id, of.writes)
    name = of.id
    beside = () if of.on_plot == "no" else (_PLOT,)
    area = () if of.on_plot == "must" or of.public else (_AREA,)

    def listed(
        who: Who,
        doors: Doors,
        plot: Annotated[str | None, Query(max_length=80)] = None,
        river: Annotated[str | None, Query(max_length=60, description="name or code")] = None,
        state: Annotated[str | None, Query(max_length=20)] = None,
        area: Annotated[str | None, Query(max_length=12)] = None,
        overdue: bool = False,
        as_of: Annotated[date | None, Query(description="duties in force on a day")] = None,
    ) -> Response:
        wanted = Wanted(plot, river, state, area, overdue, as_of)
        found = [entry_line(one) for one in doors.registers.all(who, name, wanted)]
        return answer({"items": found, "matched": len(found)})

    def one(entry_id: str, who: Who, doors: Doors) -> Response:
        shown = doors.registers.get(who, name, entry_id)
        versions = doors.registers.history(who, name, entry_id)
        response = answer(entry_line(shown) | {"history": [_version(v) for v in versions]})
        response.headers["ETag"] = f'"{shown.entry.version}"'
        return response

    def added(sent: AsSent, who: Who, doors: Doors) -> Response:
        body = dict(sent.body)
        plot_id = body.pop("plot_id", None)
        asked = plot_id if isinstance(plot_id, str) and plot_id else None
        return _whole(doors.registers.add(who, name, body, asked), 201)

    def changed(entry_id: str, sent: AsSent, who: Who, doors: Doors) -> Response:
        return _whole(doors.registers.change(who, name, entry_id, sent.based(), sent.body))

    def step(entry_id: str, step: str, sent: AsSent, who: Who, doors: Doors) -> Response:
        return _whole(doors.registers.step(who, name, entry_id, sent.based(), step, sent.body), 201)

    async def attached(entry_id: str, request: Request, who: Who, doors: Doors) -> Response:
        async with form_of(request, doors.settings.max_evidence_mb * 2**20) as form:
            upload = form.file("file")
            attach = partial(doors.registers.attach, who, name, entry_id)
            shown = await run_in_threadpool(attach, upload.file, upload.filename or "")
        return _whole(shown, 201)

    def document(entry_id: str, sha256: str, who: Who, doors: Doors) -> Response:
        found, path = doors.registers.document(who, name, entry_id, sha256)
        headers = saved_as(found.name or found.sha256) | {"Cache-Control": "private, no-store"}
        return FileResponse(path, media_type="application/octet-stream", headers=headers)

    def told(method: str) -> dict[str, Any]:
        return {"operation_id": f"{name}_{method}", "summary": _SAID[name][method]}

    example = _EXAMPLES[name]
    read, wrote = refusals(404, 422), refusals(400, 403, 404, 409, 412, 413, 415, 422, 428)
    body = described(schema((*beside, *area, *of.fields)), example)
    patch = described(schema(of.fields), {k: v for k, v in example.items() if k != "plot_id"})
    steps = {"anyOf": [schema(step.fields) for step in of.steps]}
    at = f"/{name}/{{entry_id}}"
    reading.add_api_route(f"/{name}", listed, responses=read, **told("list"))
    reading.add_api_route(at, one, responses=read, **told("get"))
    writing.add_api_route(
        f"/{name}", added, methods=["POST"], status_code=201, responses=wrote,
        openapi_extra=body, **told("add"),
    )  # fmt: skip
    writing.add_api_route(
        at, changed, methods=["PATCH"], responses=wrote, openapi_extra=patch,
        **told("change"),
    )  # fmt: skip
    reading.add_api_route(
        f"{at}/steps/{{step}}", step, methods=["POST"], status_code=201, responses=wrote,
        openapi_extra=described(steps, {}), **told("step"),
    )  # fmt: skip
    reading.add_api_route(
        f"{at}/documents", attached, methods=["POST"], status_code=201, responses=wrote,
        openapi_extra=multipart({}, ["file"]), **told("attach"),
    )  # fmt: skip
    reading.add_api_route(
        f"{at}/documents/{{sha256}}", document, responses=read, **told("document")
    )
    return reading, writing


_SAID: dict[str, dict[str, str]] = {
    name: {
        "list": f"{title}: those of my area, newest first",
        "get": f"One of the {what}, with all its versions",
        "add": f"Add one of the {what}",
        "change": f"Put one of the {what} right",
        "step": f"Take a step with one of the {what}",
        "attach": f"Add a file to one of the {what}",
        "document": f"A file of one of the {what}",
    }
    for name, title, what in (
        ("duties", "River chiefs and member departments", "duties"),
        ("findings", "Findings of visits and inspections", "findings"),
        ("referrals", "Referrals to water-law enforcement", "referrals"),
    )
}

keeping = signed_in("duties", Action.KEEP_DUTIES)
linking = signed_in("findings", Action.RECORD_FINDING)
erasing = signed_in("referrals", Action.REFER)
seeing = signed_in("plots", Action.SEE)


@keeping.post(
    "/duties/list",
    status_code=201,
    summary="Load people and departments from a list",
    responses=refusals(400, 403, 413, 415, 422),
    openapi_extra=multipart({"dry_run": {"type": "string", "enum": ["true", "false"]}}, ["file"]),
)
async def load(request: Request, who: Who, doors: Doors) -> Response:
    """CSV or a workbook; each row is told what became of it. ``dry_run`` keeps nothing."""
    async with form_of(request, LIST_MB * 2**20) as form:
        upload, dry_run = form.file("file"), form.text("dry_run") == "true"
        load = partial(doors.register_lists.load, who, upload.file, upload.filename or "")
        listed: Listed = await run_in_threadpool(load, dry_run=dry_run)
    return answer(listed.as_json(), 201)


@linking.put(
    "/findings/{entry_id}/plot",
    summary="Say which plot a finding concerns",
    responses=refusals(400, 403, 404, 412, 415, 422, 428),
    openapi_extra=described(schema((_PLOT,)), {"plot_id": "p0"}),
)
def link(entry_id: str, sent: AsSent, who: Who, doors: Doors) -> Response:
    """A finding that was kept without a plot; the plot's history tells of it from now on."""
    plot_id = str(sent.body.get("plot_id") or "")
    return _whole(doors.registers.link(who, "findings", entry_id, sent.based(), plot_id))


@erasing.delete(
    "/referrals/{entry_id}/party",
    summary="Forget who is named in a referral",
    responses=refusals(403, 404),
)
def erase(entry_id: str, who: Who, doors: Doors) -> Response:
    """For good; everything else of the referral stays."""
    return _whole(doors.registers.erase_personal(who, "referrals", entry_id))


@seeing.get(
    "/plots/{plot_id}/answers",
    summary="Who answers for a plot, and what was found and referred there",
    responses=refusals(404),
)
def of_plot(plot_id: str, who: Who, doors: Doors) -> Response:
    """By river, chainage, bank and area as of today."""
    told = doors.registers.of_plot(who, plot_id)
    return answer({name: [entry_line(one) for one in found] for name, found in told.items()})


ROUTERS: tuple[APIRouter, ...] = (
    keeping,
    linking,
    erasing,
    seeing,
    *(router for of in REGISTERS.values() for router in _routers(of)),
)
