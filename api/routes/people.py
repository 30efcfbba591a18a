"""Accounts: who there is, what they may, and what was changed about it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Doors, JsonBody, Language, Needs, Who, signed_in
from api.shapes import Json, answer, refusals, shanghai
from georeview import texts
from georeview.core.access import ROLE_NAMES, Action, Actor, Grant, Role, may_give
from georeview.core.accesslog import Entry
from georeview.services.people import Account
from georeview.storage.ports.people import Person

router = signed_in("people")

_PEOPLE = [Depends(Needs(Action.PEOPLE))]
_LOG = [Depends(Needs(Action.ACCESS_LOG))]


class GrantIn(BaseModel):
    """One role in one area."""

    model_config = ConfigDict(extra="forbid")
    role: Role
    area: str = Field(max_length=20)
    batches: list[str] = Field([], max_length=100, description="empty for all")


class PersonChange(BaseModel):
    """What is to be otherwise; what is not named stays."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"grants": [{"role": "county", "area": "511923"}]}]},
    )
    name: str | None = Field(None, max_length=200)
    unit: str | None = Field(None, max_length=200)
    grants: list[GrantIn] | None = Field(None, min_length=1, max_length=20)
    email: str | None = Field(None, max_length=255, description="empty for none")
    lang: str | None = Field(None, max_length=10)
    disabled: bool | None = None


class PersonIn(BaseModel):
    """A new account."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "user": "wangfang",
                    "name": "王芳",
                    "unit": "平昌县专班",
                    "grants": [{"role": "county", "area": "511923"}],
                    "email": "wangfang@example.cn",
                }
            ]
        },
    )
    user: str = Field(max_length=60)
    name: str = Field(max_length=200)
    unit: str = Field(max_length=200)
    grants: list[GrantIn] = Field(min_length=1, max_length=20)
    email: str | None = Field(None, max_length=255)
    lang: str = Field("zh-CN", max_length=10)


_PERSON, _CHANGE = JsonBody(PersonIn), JsonBody(PersonChange)


def _grants(given: list[GrantIn]) -> tuple[Grant, ...]:
    return tuple(dict.fromkeys(Grant(one.role, one.area, tuple(one.batches)) for one in given))


def shape(person: Person, who: Actor, paused: Mapping[str, datetime], lang: texts.Lang) -> Json:
    """One account."""
    until = paused.get(person.user)
    state = "closed" if person.disabled else "paused" if until else "active"
    return {
        "user": person.user,
        "name": person.name,
        "unit": person.unit,
        "email": person.email,
        "lang": person.lang,
        "grants": [
            {
                "role": g.role.value,
                "role_name": role_name(g.role, lang),
                "area": g.area,
                "batches": list(g.batches),
            }
            for g in person.grants
        ],
        "state": state,
        "paused_until": shanghai(until.isoformat()) if until else None,
        "must_change": person.must_change,
        "last_sign_in": shanghai(person.last_sign_in) if person.last_sign_in else None,
        "own": person.user == who.user,
    }


def role_name(role: Role, lang: texts.Lang) -> str:
    """A role in words."""
    return ROLE_NAMES[role][0 if lang == "zh-CN" else 1]


def _one(doors: Doors, who: Actor, user: str, lang: texts.Lang) -> Json:
    return shape(doors.people.get(who, user), who, doors.people.paused(), lang)


@router.get("/people", dependencies=_PEOPLE, summary="Everybody I look after, and myself")
def people(who: Who, doors: Doors, lang: Language) -> Response:
    """``state`` is ``active``, ``paused`` after too many wrong passwords, or ``closed``.

    ``may_give`` lists the roles that I may give, each with the areas within which I may; a role
    may be limited to some of the ``batches``.
    """
    paused = doors.people.paused()
    items = [shape(person, who, paused, lang) for person in doors.people.all(who)]
    return answer(
        {"items": items, "may_give": givable(who, lang), "batches": doors.people.batches(who)}
    )


def givable(who: Actor, lang: texts.Lang) -> list[Json]:
    """The roles somebody may give, each with the areas it may be given in; empty for all."""
    return [
        {"role": role.value, "name": role_name(role, lang), "areas": areas}
        for role in Role
        if (areas := _areas(who, role))
    ]


def _areas(who: Actor, role: Role) -> list[str]:
    if may_give(who, Grant(role, "")):
        return [""]
    return sorted({g.area for g in who.grants if may_give(who, Grant(role, g.area))})


@router.post(
    "/people",
    dependencies=_PEOPLE,
    status_code=201,
    summary="Add somebody",
    responses=refusals(403, 409, 413, 415, 422),
    openapi_extra=_PERSON.described(),
)
def add(
    body: Annotated[PersonIn, Depends(_PERSON)], who: Who, doors: Doors, lang: Language
) -> Response:
    """The password is told this once; it opens nothing but the way to one of the person's own."""
    account = Account(body.name, body.unit, _grants(body.grants), body.email or None, body.lang)
    password = doors.people.add(who, body.user, account)
    made = _one(doors, who, body.user, lang) | {"password": password}
    return answer(made, 201, Location=f"/api/v1/people/{body.user}")


@router.get("/people/{user}", dependencies=_PEOPLE, summary="One of them", responses=refusals(404))
def person(user: str, who: Who, doors: Doors, lang: Language) -> Response:
    """The account of one person."""
    return answer(_one(doors, who, user, lang))


@router.patch(
    "/people/{user}",
    dependencies=_PEOPLE,
    summary="Change roles, name, unit, e-mail; close or open the account",
    responses=refusals(403, 404, 409, 413, 415, 422),
    openapi_extra=_CHANGE.described(),
)
def change(
    user: str,
    body: Annotated[PersonChange, Depends(_CHANGE)],
    who: Who,
    doors: Doors,
    lang: Language,
) -> Response:
    """What is not named stays. Closing ends all sessions at once; what the person did stays."""
    before = doors.people.get(who, user)
    given = body.model_fields_set
    account = Account(
        name=before.name if body.name is None else body.name,
        unit=before.unit if body.unit is None else body.unit,
        grants=before.grants if body.grants is None else _grants(body.grants),
        email=(body.email or None) if "email" in given else before.email,
        lang=body.lang or before.lang,
    )
    doors.people.change(who, user, account)
    if body.disabled is not None and body.disabled != before.disabled:
        doors.people.set_disabled(who, user, disabled=body.disabled)
    return answer(_one(doors, who, user, lang))


@router.post(
    "/people/{user}/password",
    dependencies=_PEOPLE,
    status_code=201,
    summary="Give a one-time password",
    responses=refusals(404, 409),
)
def give_password(user: str, who: Who, doors: Doors) -> Response:
    """Told this once; all sessions of the account end, and it must be changed at the next."""
    return answer({"user": user, "password": doors.people.give_password(who, user)}, 201)


@router.post(
    "/people/{user}/unlock",
    dependencies=_PEOPLE,
    summary="Let somebody sign in again at once after too many wrong passwords",
    responses=refusals(404),
)
def unlock(user: str, who: Who, doors: Doors, lang: Language) -> Response:
    """Forget the wrong passwords of the account."""
    doors.people.unlock(who, user)
    return answer(_one(doors, who, user, lang))


@router.get(
    "/access-log",
    dependencies=_LOG,
    summary="Who gave or took which right, newest first",
    responses=refusals(403, 422),
)
def log(
    who: Who,
    doors: Doors,
    lang: Language,
    before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> Response:
    """Entries are chained by their hashes and never changed; ``next`` goes on with ``before``."""
    found = doors.people.log(who, before=before, limit=limit + 1)
    shown = found[:limit]
    following = shown[-1].number if len(found) > limit else None
    return answer({"items": [_entry(one, lang) for one in shown], "next": following})


def _entry(entry: Entry, lang: texts.Lang) -> Json:
    detail: Any = orjson.loads(entry.detail)
    return {
        "number": entry.number,
        "at": shanghai(entry.at),
        "actor": entry.actor,
        "action": entry.action,
        "says": texts.say(f"access.action.{entry.action}", lang),
        "subject": entry.subject,
        "area": entry.area,
        "detail": detail,
        "prev_hash": entry.prev_hash,
        "hash": entry.hash,
    }
