"""The register of permits, and what rests on it."""

from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import quote, unquote

import orjson
from fastapi import Depends, Query, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from api.deps import Doors, JsonBody, Needs, Who, signed_in
from api.sent import AsSent
from api.shapes import Json, answer, camera_time, geometry_of, items, refusals, saved_as, shanghai
from api.uploads import form_of, multipart
from georeview.clock import SHANGHAI
from georeview.core.access import Action
from georeview.core.permits import Permit, Standing
from georeview.core.query import box_of
from georeview.errors import BadValue
from georeview.services import Services
from georeview.services.permit_intake import KIND, Offer, Offered
from georeview.services.permit_plots import Candidate, Nearby
from georeview.services.permits import FILE_KINDS, Entry
from georeview.storage.ports.permits import PermitChange, PermitFile

router = signed_in("permits")

_READ = [Depends(Needs(Action.PERMITS))]
_KEEP = [Depends(Needs(Action.KEEP_PERMITS))]


class PermitChangeIn(BaseModel):
    """What is to be otherwise; what is not named stays, what is empty is taken away."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"valid_to": "2028-12-31"}]}
    )
    number: str | None = Field(None, max_length=200)
    name: str | None = Field(None, max_length=200)
    kind: str | None = Field(None, max_length=100)
    holder: str | None = Field(None, max_length=200)
    authority: str | None = Field(None, max_length=200)
    granted_on: date | Literal[""] | None = None
    valid_to: date | Literal[""] | None = None
    plan_consent_no: str | None = Field(None, max_length=200)
    flood_assessment: str | None = Field(None, max_length=200)
    note: str | None = Field(None, max_length=4000)
    geometry: Json | None = Field(None, description="GeoJSON, EPSG:4490, lon lat")

    def said(self) -> dict[str, object]:
        """Its texts and dates, as the register takes them."""
        given = self.model_dump(exclude_unset=True, exclude={"geometry", "same_number", "why"})
        return {n: v.isoformat() if isinstance(v, date) else v for n, v in given.items()}


class PermitIn(PermitChangeIn):
    """A new entry."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "number": "示例许涉河〔2023〕0007号",
                    "name": "示例巴河大桥",
                    "kind": "桥梁",
                    "authority": "示例水利局",
                    "granted_on": "2023-03-01",
                    "geometry": {"type": "Point", "coordinates": [107.1, 31.56]},
                }
            ]
        },
    )
    same_number: bool = Field(False, description="another permit, though the number is there")


class WithdrawIn(BaseModel):
    """Why an entry is taken out of use."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"why": "登记重复"}]})
    why: str = Field(min_length=1, max_length=500)


class TakeIn(BaseModel):
    """What of a table is taken beside what is new."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"update": True, "chosen": {"川水许〔2020〕17号": 4}}]},
    )
    update: bool = Field(False, description="entries that differ become what the table says")
    chosen: dict[str, int] = Field(
        default_factory=dict, description="number → the row that holds, where several differ"
    )


_NEW, _CHANGE = JsonBody(PermitIn), JsonBody(PermitChangeIn)
_WITHDRAW, _TAKE = JsonBody(WithdrawIn), JsonBody(TakeIn)


# Shapes ------------------------------------------------------------------------------------------


def shape(permit: Permit, today: date, *, whole: bool, plots: int | None = None) -> Json:
    """One entry; who holds it only for who may know."""
    box = permit.bbox
    point = None if box is None else [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]
    return {
        "permit_id": permit.permit_id,
        "number": permit.number,
        "name": permit.name,
        "kind": permit.kind,
        "holder": permit.holder if whole else None,
        "authority": permit.authority,
        "granted_on": permit.granted_on,
        "valid_to": permit.valid_to,
        "plan_consent_no": permit.plan_consent_no,
        "flood_assessment": permit.flood_assessment,
        "note": permit.note,
        "area": permit.area,
        "point": point,
        "source": permit.source,
        "standing": permit.standing(today).value,
        "withdrawn_on": permit.withdrawn_on,
        "plots": plots,
        "revision": permit.revision,
        "updated_at": shanghai(permit.updated_at),
    }


def _entry(entry: Entry, today: date) -> Json:
    permit = entry.permit
    return shape(permit, today, whole=entry.whole, plots=entry.plots) | {
        "geometry": None if permit.wkb is None else geometry_of(permit.wkb),
        "files": [_file(file) for file in entry.files],
        "changes": [_change(change, whole=entry.whole) for change in entry.changes],
        "may_change": entry.may_change,
    }


def _file(file: PermitFile) -> Json:
    placed = file.lon is not None and file.lat is not None
    return {
        "id": file.file_id,
        "kind": file.kind,
        "name": file.name,
        "media_type": file.media_type,
        "size": file.size,
        "sha256": file.sha256,
        "taken_at": camera_time(file.taken_at),
        "position": [file.lon, file.lat] if placed else None,
        "note": file.note,
        "actor": file.actor,
        "created_at": shanghai(file.created_at),
    }


def _change(change: PermitChange, *, whole: bool) -> Json:
    detail = {n: v for n, v in change.detail.items() if whole or n != "holder"}
    return {
        "revision": change.revision,
        "at": shanghai(change.at),
        "actor": change.actor,
        "unit": change.unit,
        "action": change.action,
        "detail": detail,
    }


def _nearby(near: Nearby, today: date) -> Json:
    return shape(near.permit, today, whole=False) | {
        "distance_m": near.distance_m,
        "fits": near.fits,
    }


def _candidates(found: list[Candidate], doors: Services) -> list[Json]:
    shown = items([one.plot for one in found], doors.plots)
    return [
        plot
        | {"distance_m": one.distance_m, "fits": one.fits, "permit_no": one.plot.review.permit_no}
        for plot, one in zip(shown, found, strict=True)
    ]


def _offered(one: Offered) -> Json:
    return {
        "row": one.row,
        "number": one.permit.number,
        "name": one.permit.name,
        "kind": one.permit.kind,
        "valid_to": one.permit.valid_to,
        "permit_id": one.before.permit_id if one.before else None,
        "detail": dict(one.detail),
    }


def _offer(offer: Offer) -> Json:
    return {
        "new": [_offered(one) for one in offer.new],
        "changed": [_offered(one) for one in offer.changed],
        "same": offer.same,
        "twice": {number: [_offered(o) for o in rows] for number, rows in offer.twice.items()},
        "aside": [{"row": one.row, "why": one.why, "value": one.value} for one in offer.aside],
    }


def _today(doors: Services) -> date:
    return doors.clock().astimezone(SHANGHAI).date()


# The register ------------------------------------------------------------------------------------


@router.get("/permits", dependencies=_READ, summary="Permits of my area", responses=refusals(422))
def permits(
    who: Who,
    doors: Doors,
    q: Annotated[str | None, Query(max_length=200)] = None,
    kind: Annotated[str | None, Query(max_length=100)] = None,
    standing: Standing | None = None,
    bbox: Annotated[str | None, Query(max_length=120)] = None,
    in_use: Annotated[bool, Query(description="plots rest on it")] = False,
    sort: Literal["number", "valid_to"] = "number",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: Annotated[str | None, Query(max_length=600)] = None,
) -> Response:
    """A part of the register; ``next`` leads on, ``matched`` is the exact number."""
    wanted = doors.permits.wanted(
        who, q=q, kind=kind, standing=standing, bbox=box_of(bbox), in_use=in_use
    )
    after = None if cursor is None else _after(cursor, sort)
    page, plots = doors.permits.page(who, wanted, sort, limit=limit, after=after)
    shown = [
        shape(one, wanted.today, whole=wanted.with_holder, plots=plots.get(one.permit_id, 0))
        for one in page.items
    ]
    end = None if page.after is None else quote(orjson.dumps([sort, *page.after]).decode())
    return answer({"items": shown, "matched": page.matched, "next": end})


def _after(cursor: str, sort: str) -> tuple[str, str]:
    try:
        order, value, last = orjson.loads(unquote(cursor))
    except (ValueError, TypeError) as error:
        raise BadValue(field="cursor", value=cursor[:80]) from error
    if order != sort or not isinstance(value, str) or not isinstance(last, str):
        raise BadValue(field="cursor", value=cursor[:80])
    return value, last


@router.get("/permits/overview", dependencies=_READ, summary="How many are good for what")
def overview(who: Who, doors: Doors) -> Response:
    """Entries by what they are good for today, and the kinds there are."""
    counted = {one.value: n for one, n in doors.permits.standings(who).items()}
    return answer({"standings": counted, "kinds": doors.permits.kinds(who)})


@router.get("/permits/tables", dependencies=_KEEP, summary="Layers that offer permits")
def tables(doors: Doors) -> Response:
    """Every version of a layer of permits, current ones first."""
    found = [layer for layer in doors.layers.all() if layer.kind == KIND]
    shown = [
        {
            "layer_id": layer.layer_id,
            "name": layer.name,
            "version": layer.version,
            "features": layer.features,
            "current": layer.current,
        }
        for layer in found
    ]
    return answer({"items": shown})


@router.get(
    "/permits/tables/{layer_id}",
    dependencies=_KEEP,
    summary="What a version of a layer offers",
    responses=refusals(404),
)
def table(layer_id: str, who: Who, doors: Doors) -> Response:
    """Each of its rows is new, the same, otherwise, there twice, or set aside with why."""
    return answer(_offer(doors.permit_intake.of_layer(who, layer_id)))


@router.post(
    "/permits/tables/{layer_id}",
    dependencies=_KEEP,
    summary="Take it into the register",
    responses=refusals(404, 412, 413, 415, 422),
    openapi_extra=_TAKE.described(),
)
def take(
    layer_id: str, body: Annotated[TakeIn, Depends(_TAKE)], who: Who, doors: Doors
) -> Response:
    """What is new; what differs only with ``update``; of one number with several rows the chosen."""
    offer = doors.permit_intake.of_layer(who, layer_id)
    taken = doors.permit_intake.take(who, offer, update=body.update, chosen=body.chosen)
    return answer({name: getattr(taken, name) for name in taken.__slots__})


@router.post(
    "/permits",
    dependencies=_KEEP,
    status_code=201,
    summary="Write a permit into the register",
    responses=refusals(403, 409, 413, 415, 422),
    openapi_extra=_NEW.described(),
)
def add(body: Annotated[PermitIn, Depends(_NEW)], who: Who, doors: Doors) -> Response:
    """Its county is that of its place; a number that is there already must be meant."""
    entry = doors.permits.add(who, body.said(), body.geometry, again=body.same_number)
    return _answered(entry, doors, 201)


def _answered(entry: Entry, doors: Services, status: int = 200) -> Response:
    tag = f'"{entry.permit.revision}"'
    at = f"/api/v1/permits/{entry.permit.permit_id}"
    return answer(_entry(entry, _today(doors)), status, ETag=tag, Location=at)


@router.get(
    "/permits/{permit_id}", dependencies=_READ, summary="One permit", responses=refusals(404)
)
def permit(permit_id: str, who: Who, doors: Doors) -> Response:
    """With its files and what was changed of it; the ETag is what a change must name."""
    return _answered(doors.permits.entry(who, permit_id), doors)


@router.patch(
    "/permits/{permit_id}",
    dependencies=_KEEP,
    summary="Change a permit",
    responses=refusals(403, 404, 409, 412, 413, 415, 422, 428),
    openapi_extra=_CHANGE.described(),
)
def change(
    permit_id: str,
    body: Annotated[PermitChangeIn, Depends(_CHANGE)],
    sent: AsSent,
    who: Who,
    doors: Doors,
) -> Response:
    """What is not named stays; what it said before stays in its history."""
    entry = doors.permits.change(who, permit_id, sent.base, body.said(), body.geometry)
    return _answered(entry, doors)


@router.post(
    "/permits/{permit_id}/withdraw",
    dependencies=_KEEP,
    summary="Take a permit out of use",
    responses=refusals(403, 404, 409, 412, 413, 415, 422, 428),
    openapi_extra=_WITHDRAW.described(),
)
def withdraw(
    permit_id: str,
    body: Annotated[WithdrawIn, Depends(_WITHDRAW)],
    sent: AsSent,
    who: Who,
    doors: Doors,
) -> Response:
    """It stays in the register, and plots that rest on it say so."""
    return _answered(doors.permits.withdraw(who, permit_id, sent.base, body.why), doors)


@router.post(
    "/permits/{permit_id}/files",
    dependencies=_KEEP,
    status_code=201,
    summary="Attach a document or photo",
    responses=refusals(400, 403, 404, 409, 413, 415, 422),
    openapi_extra=multipart(
        {
            "kind": {"type": "string", "enum": list(FILE_KINDS)},
            "note": {"type": "string", "maxLength": 500},
        },
        ["file"],
    ),
)
async def attach(permit_id: str, request: Request, who: Who, doors: Doors) -> Response:
    """It goes beside every plot that rests on the permit; a photo where it was taken near enough."""
    async with form_of(request, doors.settings.max_evidence_mb * 2**20) as form:
        upload = form.file("file")
        file = await run_in_threadpool(
            doors.permits.attach,
            who,
            permit_id,
            upload.file,
            kind=form.text("kind") or "E_PERMIT",
            name=upload.filename or "",
            note=form.text("note"),
        )
    return answer(_file(file), 201)


@router.get(
    "/permits/{permit_id}/files/{file_id}",
    dependencies=[*_READ, Depends(Needs(Action.SEE_EVIDENCE))],
    summary="The original bytes of a file",
    responses=refusals(403, 404),
)
def read_file(permit_id: str, file_id: str, who: Who, doors: Doors) -> Response:
    """As a download."""
    file, path = doors.permits.file(who, permit_id, file_id)
    headers = saved_as(file.name or file.file_id)
    return FileResponse(path, media_type=file.media_type, headers=headers)


# Plots -------------------------------------------------------------------------------------------


@router.get(
    "/permits/{permit_id}/plots",
    dependencies=_READ,
    summary="Plots that rest on it",
    responses=refusals(404),
)
def resting(permit_id: str, who: Who, doors: Doors) -> Response:
    """Those I see, by their numbers, each with how far it lies away."""
    return answer({"items": _candidates(doors.permit_plots.resting(who, permit_id), doors)})


@router.get(
    "/permits/{permit_id}/candidates",
    dependencies=_READ,
    summary="Plots that might rest on it",
    responses=refusals(404, 422),
)
def candidates(
    permit_id: str,
    who: Who,
    doors: Doors,
    within_m: Annotated[float, Query(ge=0, le=2000)] = 50,
    number: Annotated[list[str] | None, Query(max_length=200)] = None,
) -> Response:
    """Near it, or by their numbers; link them by ``POST /plots/bulk`` with ``link_permit``."""
    found = doors.permit_plots.candidates(
        who, permit_id, within_m=within_m, numbers=tuple(number or ())
    )
    return answer({"items": _candidates(found, doors)})


@router.get(
    "/plots/{plot_id}/permits",
    dependencies=[Depends(Needs(Action.SEE))],
    summary="What the register says of a plot",
    responses=refusals(404, 422),
)
def of_plot(
    plot_id: str,
    who: Who,
    doors: Doors,
    q: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """The permit it rests on, those near it or found by words, and who else names its number."""
    found, today = doors.permit_plots.of_plot(who, plot_id, q), _today(doors)
    same = found.same_number
    others: list[Any] = items(same.items, doors.plots) if same else []
    return answer(
        {
            "linked": _nearby(found.linked, today) if found.linked else None,
            "near": [_nearby(one, today) for one in found.near],
            "same_number": {"n": same.matched if same else 0, "plots": others},
        }
    )
