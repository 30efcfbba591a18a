from dataclasses import replace

import pytest

from georeview.core.access import Grant, Role
from georeview.errors.store import StoreConflict
from georeview.storage.ports.people import Person, Session, SignedInPerson
from georeview.storage.store import DatabaseStore

LI = Person(
    "li", "李", "南江县河长办", "argon2", False,
    (Grant(Role.COUNTY, "511922"), Grant(Role.AUDITOR, "5119")),
)  # fmt: skip
SESSION = Session("ab" * 32, "li", "2023-04-10T00:00:00+00:00", "2023-04-10T12:00:00+00:00")


def test_a_person_is_replaced_whole(store: DatabaseStore) -> None:
    assert store.people.get("li") is None
    store.people.put(LI)
    assert store.people.get("li") == LI
    changed = replace(LI, grants=(Grant(Role.GIS, "51"),), disabled=True, password_hash=None)
    store.people.put(changed)
    store.people.put(replace(LI, user="an"))
    assert store.people.all() == [replace(LI, user="an"), changed]


FIRST, SECOND, THIRD = "ab" * 32, "cd" * 32, "ef" * 32


def test_sessions_open_and_end(store: DatabaseStore) -> None:
    store.people.put(LI)
    for token in (FIRST, SECOND, THIRD):
        store.people.open_session(replace(SESSION, token_sha256=token))
    li = SignedInPerson(replace(LI, last_sign_in=SESSION.created_at), SESSION.expires_at)
    every = [FIRST, SECOND, THIRD]
    assert store.people.signed_in([*every, "", FIRST]) == dict.fromkeys(every, li)
    store.people.close_session(FIRST)
    assert store.people.signed_in(every) == dict.fromkeys(every[1:], li)
    store.people.close_sessions("li")
    assert store.people.signed_in(every) == {}


def test_a_session_is_of_the_person_as_now_known(store: DatabaseStore) -> None:
    bare = replace(LI, user="an", grants=(), disabled=True, password_hash=None)
    for person in (LI, bare):
        store.people.put(person)
    store.people.open_session(SESSION)
    store.people.open_session(replace(SESSION, token_sha256=SECOND, user="an"))
    changed = replace(LI, grants=(*LI.grants[::-1], Grant(Role.GIS, "5119")))
    store.people.put(changed)
    found = store.people.signed_in([FIRST, SECOND])
    came = [replace(p, last_sign_in=SESSION.created_at) for p in (changed, bare)]
    assert [found[token].person for token in (FIRST, SECOND)] == came


def test_nobody_has_no_session(store: DatabaseStore) -> None:
    with pytest.raises(StoreConflict):
        store.people.open_session(SESSION)


def test_failures_are_counted_by_whom_and_since_when(store: DatabaseStore) -> None:
    for who, at in (("user:li", "1"), ("user:li", "3"), ("address:::1", "2"), ("user:li", "2")):
        store.people.failed(who, at, "0")
    assert store.people.failures("user:li", "2") == ["2", "3"]
    assert store.people.failures("user:an", "0") == []
    store.people.failed("user:an", "4", "3")
    assert store.people.failures("user:li", "0") == ["3"]


def test_sessions_that_are_over_go_when_a_new_one_opens(store: DatabaseStore) -> None:
    store.people.put(LI)
    store.people.open_session(SESSION)
    later = replace(SESSION, token_sha256="cd" * 32, created_at=SESSION.expires_at)
    store.people.open_session(later)
    assert set(store.people.signed_in([FIRST, SECOND])) == {SECOND}
