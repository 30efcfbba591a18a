"""Looking after accounts: who may give what to whom, and the log that tells of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from georeview.core.access import Actor, Grant, Role
from georeview.errors import BadValue, Forbidden, NotFound, NotSignedIn
from georeview.errors.people import BadCredentials, OwnAccount, PasswordToChange, PersonKnown
from georeview.services import Services
from georeview.services.pauses import FAILURES_BEFORE_PAUSE
from georeview.services.people import KEEPER, Account
from tests.places import Place
from tests.services.doors import open_doors

PASSWORD = "correct horse battery"
CITY = Actor("li", "李", "巴中市河长办", (Grant(Role.CITY, "5119"),))
COUNTY = Account("王芳", "平昌县专班", (Grant(Role.COUNTY, "511923"),))


@pytest.fixture
def doors(tmp_path: Path, place: Place) -> Iterator[Services]:
    with open_doors(tmp_path, store=place.address) as services:
        services.people.add(KEEPER, "li", Account(CITY.name, CITY.unit, CITY.grants), PASSWORD)
        yield services


def holding(*grants: Grant) -> Account:
    return Account("张", "单位", grants)


@pytest.mark.parametrize(
    "grant",
    [
        Grant(Role.ADMIN, "5119"),
        Grant(Role.COUNTY, "511724"),
        Grant(Role.CITY, "51"),
        Grant(Role.AUDITOR, "51"),
    ],
)
def test_nobody_gives_more_than_he_has(doors: Services, grant: Grant) -> None:
    with pytest.raises(Forbidden):
        doors.people.add(CITY, "zhang", holding(COUNTY.grants[0], grant))
    doors.people.add(CITY, "zhang", COUNTY)
    with pytest.raises(Forbidden):
        doors.people.change(CITY, "zhang", holding(grant))
    assert doors.people.person("zhang").grants == COUNTY.grants


@pytest.mark.parametrize("grants", [(), (Grant(Role.ADMIN, "5119"),), (Grant(Role.CITY, "51"),)])
def test_who_holds_more_than_one_could_give_is_not_there(
    doors: Services, grants: tuple[Grant, ...]
) -> None:
    doors.people.put("boss", name="上级", unit="省", grants=grants, password=PASSWORD)
    assert [p.user for p in doors.people.all(CITY)] == ["li"]
    for act in (doors.people.give_password, doors.people.unlock, doors.people.get):
        with pytest.raises(NotFound):
            act(CITY, "boss")
    with pytest.raises(NotFound):
        doors.people.set_disabled(CITY, "boss", disabled=True)
    with pytest.raises(NotFound):
        doors.people.change(CITY, "boss", COUNTY)


def test_one_is_not_ones_own_administrator(doors: Services) -> None:
    with pytest.raises(OwnAccount):
        doors.people.set_disabled(CITY, "li", disabled=True)
    with pytest.raises(OwnAccount):
        doors.people.give_password(CITY, "li")
    with pytest.raises(OwnAccount):
        doors.people.change(
            CITY, "li", Account("李", "市", (*CITY.grants, Grant(Role.GIS, "5119")))
        )
    assert doors.people.change(CITY, "li", Account("李四", "市", CITY.grants)).name == "李四"


def test_a_one_time_password_opens_only_the_way_to_a_password_of_ones_own(doors: Services) -> None:
    made = doors.people.add(CITY, "wang", COUNTY)
    assert made is not None
    first = doors.sessions.sign_in("wang", made, "::1")
    assert first.must_change
    with pytest.raises(PasswordToChange):
        doors.sessions.actor(first.token)
    for wrong in (made, "short", "wang"):
        with pytest.raises(BadValue):
            doors.sessions.choose_password(first.token, made, wrong, "::1")
    with pytest.raises(BadCredentials):
        doors.sessions.choose_password(first.token, "not it at all", PASSWORD, "::1")
    own = doors.sessions.choose_password(first.token, made, PASSWORD, "::1")
    assert doors.sessions.actor(own.token).user == "wang"
    with pytest.raises(NotSignedIn):
        doors.sessions.actor(first.token)
    with pytest.raises(BadCredentials):
        doors.sessions.sign_in("wang", made, "::1")


def test_a_closed_account_opens_again_with_all_it_had(doors: Services) -> None:
    doors.people.add(KEEPER, "wang", COUNTY, PASSWORD)
    token = doors.sessions.sign_in("wang", PASSWORD, "::1").token
    assert doors.people.set_disabled(CITY, "wang", disabled=True).disabled
    with pytest.raises(NotSignedIn):
        doors.sessions.actor(token)
    doors.people.set_disabled(CITY, "wang", disabled=False)
    with pytest.raises(NotSignedIn):
        doors.sessions.actor(token)
    assert doors.sessions.sign_in("wang", PASSWORD, "::1").actor.grants == COUNTY.grants


def test_a_pause_is_seen_and_lifted(doors: Services) -> None:
    doors.people.add(KEEPER, "wang", COUNTY, PASSWORD)
    for _ in range(FAILURES_BEFORE_PAUSE):
        with pytest.raises(BadCredentials):
            doors.sessions.sign_in("wang", "wrong wrong", "::1")
    assert set(doors.people.paused()) == {"wang"}
    doors.people.unlock(CITY, "wang")
    assert doors.people.paused() == {}
    assert doors.sessions.sign_in("wang", PASSWORD, "::1").actor.user == "wang"
    assert doors.people.person("wang").last_sign_in is not None


def test_the_log_tells_who_changed_what_and_nobody_else_reads_it(
    doors: Services, place: Place
) -> None:
    made = doors.people.add(CITY, "wang", COUNTY)
    doors.people.change(CITY, "wang", holding(Grant(Role.GIS, "5119")))
    doors.people.change(CITY, "wang", holding(Grant(Role.GIS, "5119")))
    doors.people.give_password(CITY, "wang")
    told = [(e.actor, e.action, e.subject) for e in doors.people.log(KEEPER)]
    assert told == [
        ("li", "give_password", "wang"),
        ("li", "change", "wang"),
        ("li", "add", "wang"),
        ("system", "add", "li"),
    ]
    change = doors.people.log(KEEPER)[1]
    assert '"grants":[["county@511923"],["gis@5119"]]' in change.detail
    auditor = Actor("a", "a", "审计局", (Grant(Role.AUDITOR, "511922"),))
    assert doors.people.log(auditor) == []
    with pytest.raises(Forbidden):
        doors.people.log(Actor("c", "c", "c", COUNTY.grants))
    assert str(made).encode() not in place.content()


def test_a_changed_or_shortened_log_is_found(doors: Services, place: Place) -> None:
    doors.people.add(CITY, "wang", COUNTY)
    doors.upkeep.sign_access()
    doors.upkeep.sign_access()
    assert [head.why for head in doors.upkeep.heads()] == ["access"]
    assert list(doors.upkeep.verify()) == []
    for command in ("UPDATE access_log SET actor = 'x'", "DELETE FROM access_log"):
        with place.raw() as connection, pytest.raises(Exception, match="access log"):
            connection.execute(command)
    _unguarded(place, "DELETE FROM access_log WHERE number = 2")
    assert [flaw.code for flaw in doors.upkeep.verify()] == ["access_cut"]
    _unguarded(place, "UPDATE access_log SET actor = 'x'")
    assert [flaw.code for flaw in doors.upkeep.verify()] == ["access", "access_cut"]


def _unguarded(place: Place, command: str) -> None:
    with place.raw() as connection:
        if place.address:
            connection.execute("ALTER TABLE access_log DISABLE TRIGGER ALL")
        else:
            for name in ("access_log_no_update", "access_log_no_delete"):
                connection.execute(f"DROP TRIGGER IF EXISTS {name}")
        connection.execute(command)


@pytest.mark.parametrize("user", ["a b", "key:x", "a/b", "", "x" * 61])
def test_a_name_that_cannot_stand_in_an_address_is_refused(doors: Services, user: str) -> None:
    with pytest.raises(BadValue):
        doors.people.add(CITY, user, COUNTY)


def test_a_taken_name_is_left_alone(doors: Services) -> None:
    with pytest.raises(PersonKnown):
        doors.people.add(CITY, "li", COUNTY)
    assert doors.people.person("li").grants == CITY.grants
