"""Accounts and sessions: passwords, slow-down, ends."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from georeview.core.access import Grant, Role
from georeview.errors import BadValue, NotFound, NotSignedIn, TooOften
from georeview.errors.people import BadCredentials
from georeview.services import Services
from georeview.services.pauses import FAILURES_BEFORE_PAUSE, PAUSE, Pauses
from georeview.services.people import KEEPER
from georeview.services.sessions import SessionService
from tests.builders import NOW
from tests.places import Place
from tests.services.doors import open_doors

PASSWORD = "correct horse battery"
COUNTY = (Grant(Role.COUNTY, "511923"),)


@pytest.fixture
def doors(tmp_path: Path, place: Place) -> Iterator[Services]:
    with open_doors(tmp_path, store=place.address) as services:
        yield services


def add(doors: Services, user: str = "wang", password: str | None = PASSWORD) -> None:
    doors.people.put(user, name="王", unit="专班", grants=COUNTY, password=password)


def at(doors: Services, delay: timedelta) -> SessionService:
    """The same sessions, later."""

    def later() -> datetime:
        return NOW + delay

    return SessionService(doors.store, Pauses(doors.store, later), later, doors.settings)


def test_a_password_is_kept_as_argon2id_and_a_session_as_a_hash(
    doors: Services, place: Place
) -> None:
    add(doors)
    signed_in = doors.sessions.sign_in("wang", PASSWORD, "::1")
    assert str(doors.people.person("wang").password_hash).startswith("$argon2id$")
    content = place.content()
    assert PASSWORD.encode() not in content
    assert signed_in.token.encode() not in content


def test_a_session_ends_at_its_hour(doors: Services) -> None:
    add(doors)
    token = doors.sessions.sign_in("wang", PASSWORD, "::1").token
    hours = doors.settings.session_hours
    assert at(doors, timedelta(hours=hours, seconds=-1)).actor(token).user == "wang"
    with pytest.raises(NotSignedIn):
        at(doors, timedelta(hours=hours)).actor(token)


@pytest.mark.parametrize("user", ["wang", "nobody", "silent"])
def test_after_some_failures_even_the_right_password_waits(doors: Services, user: str) -> None:
    add(doors)
    add(doors, "silent", None)
    for _ in range(FAILURES_BEFORE_PAUSE):
        with pytest.raises(BadCredentials):
            doors.sessions.sign_in(user, "wrong", "::1")
    with pytest.raises(TooOften) as refused:
        doors.sessions.sign_in(user, PASSWORD, "::2")
    assert 0 < int(str(refused.value.facts["seconds"])) <= PAUSE.total_seconds()


def test_the_pause_is_over_in_time(doors: Services) -> None:
    add(doors)
    for _ in range(FAILURES_BEFORE_PAUSE):
        with pytest.raises(BadCredentials):
            doors.sessions.sign_in("wang", "wrong", "::1")
    later = at(doors, PAUSE + timedelta(seconds=1))
    assert later.sign_in("wang", PASSWORD, "::1").actor.user == "wang"


def test_an_address_that_tries_many_names_is_slowed_down(doors: Services) -> None:
    for _ in range(10 * FAILURES_BEFORE_PAUSE):
        doors.store.people.failed("address:::1", NOW.isoformat(), "0")
    with pytest.raises(TooOften):
        doors.sessions.sign_in("anybody", "wrong", "::1")
    with pytest.raises(BadCredentials):
        doors.sessions.sign_in("anybody", "wrong", "::2")


def test_many_at_once_wait_for_each_other_and_get_in(doors: Services) -> None:
    add(doors)
    with ThreadPoolExecutor(6) as pool:
        found = list(
            pool.map(lambda n: doors.sessions.sign_in("wang", PASSWORD, f"::{n}"), range(6))
        )
    assert len({one.token for one in found}) == 6


@pytest.mark.parametrize(
    "wrong",
    [
        {"user": " "},
        {"user": "x" * 61},
        {"user": "wang\x1f"},
        {"unit": "专班\x1f市"},
        {"unit": ""},
        {"name": "a\nb"},
        {"password": "short"},
    ],
)
def test_impossible_accounts_are_refused(doors: Services, wrong: dict[str, str]) -> None:
    given = {"name": "王", "unit": "专班", "password": PASSWORD, **wrong}
    with pytest.raises(BadValue) as refused:
        doors.people.put(given.pop("user", "wang"), grants=COUNTY, **given)
    assert refused.value.facts["field"] in wrong
    assert doors.people.all(KEEPER) == []


def test_a_closed_account_and_a_new_password_end_sessions(doors: Services) -> None:
    add(doors)
    token = doors.sessions.sign_in("wang", PASSWORD, "::1").token
    doors.people.give_password(KEEPER, "wang", "another password")
    with pytest.raises(NotSignedIn):
        doors.sessions.actor(token)
    token = doors.sessions.sign_in("wang", "another password", "::1").token
    doors.people.set_disabled(KEEPER, "wang", disabled=True)
    with pytest.raises(NotSignedIn):
        doors.sessions.actor(token)
    with pytest.raises(BadCredentials):
        doors.sessions.sign_in("wang", "another password", "::1")


def test_sample_people_open_without_a_password_in_the_demo_only(
    tmp_path: Path, place: Place
) -> None:
    for demo in (False, True):
        with open_doors(tmp_path, store=place.address, demo=demo) as services:
            add(services, "demo-county", None)
            if demo:
                assert services.sessions.sign_in_sample("county").actor.user == "demo-county"
                assert [p.user for p in services.sessions.samples()] == ["demo-county"]
            else:
                with pytest.raises(NotFound):
                    services.sessions.sign_in_sample("county")
                assert services.sessions.samples() == []
            with pytest.raises(NotFound):
                services.sessions.sign_in_sample("admin")
