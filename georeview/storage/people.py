"""Who may sign in, and who is signed in."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

from georeview.core.access import Grant, Role
from georeview.core.accesslog import NewEntry
from georeview.core.rowtext import dump
from georeview.storage.access_log import note
from georeview.storage.engine import (
    Connection,
    Engine,
    Row,
    insert,
    listed,
    parse,
    run,
    statement,
)
from georeview.storage.ports.people import Person, Session, SignedInPerson
from georeview.storage.where import among

KEPT = (
    "user_name", "name", "unit", "password_hash", "disabled", "email", "lang", "must_change",
)  # fmt: skip
KNOWN = (*KEPT, "last_sign_in")
PUT = statement(
    insert("person", KEPT), "ON CONFLICT (user_name) DO UPDATE SET",
    ", ".join(f"{name} = excluded.{name}" for name in KEPT[1:]),
)  # fmt: skip
DROP_GRANTS = "DELETE FROM person_grant WHERE user_name = :user_name"
ADD_GRANT = insert("person_grant", ("user_name", "place", "role", "area", "batches"))
ONE = statement("SELECT", listed(KNOWN), "FROM person WHERE user_name = :user_name")
ALL = statement("SELECT", listed(KNOWN), "FROM person ORDER BY user_name")
GRANTS = """SELECT role, area, batches FROM person_grant
WHERE user_name = :user_name ORDER BY place"""
OPEN = insert("session", ("token_sha256", "user_name", "created_at", "expires_at"))
SIGNED_IN = statement(
    "SELECT t.token_sha256, t.expires_at, g.role, g.area, g.batches,", listed(KNOWN, "p."),
    "FROM session t JOIN person p ON p.user_name = t.user_name",
    "LEFT JOIN person_grant g ON g.user_name = p.user_name WHERE",
)  # fmt: skip
CAME = "UPDATE person SET last_sign_in = :created_at WHERE user_name = :user_name"
LET_GO = """DELETE FROM plot_lock WHERE user_name IN
    (SELECT user_name FROM session WHERE token_sha256 = :token_sha256)"""
CLOSE = "DELETE FROM session WHERE token_sha256 = :token_sha256"
CLOSE_ALL = "DELETE FROM session WHERE user_name = :user_name"
DROP_EXPIRED = "DELETE FROM session WHERE expires_at <= :created_at"
FAILED = insert("failure", ("who", "at"))
DROP_FAILURES = "DELETE FROM failure WHERE at < :since"
FORGIVE = "DELETE FROM failure WHERE who = :who"
EVERY_FAILURE = "SELECT who, at FROM failure WHERE at >= :since ORDER BY who, at"
FAILURES = "SELECT at FROM failure WHERE who = :who AND at >= :since ORDER BY at"


class PeopleRecords:
    """The people over one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, person: Person, noted: NewEntry | None = None) -> None:
        """Add a person or replace what is known of one, and note it in the same commit."""

        def work(connection: Connection) -> None:
            _put(connection, person)
            note(connection, noted)

        self._engine.write(work)

    def get(self, user: str) -> Person | None:
        """One person, or ``None``."""
        with self._engine.view() as connection:
            row = connection.execute(ONE, {"user_name": user}).fetchone()
            return None if row is None else _person_of(connection, row)

    def all(self) -> list[Person]:
        """Everybody, by sign-in name."""
        with self._engine.view() as connection:
            return [_person_of(connection, row) for row in connection.execute(ALL).fetchall()]

    def open_session(self, session: Session) -> None:
        """Keep a session, and when its person signed in last; those that are over go."""
        row = {
            "token_sha256": session.token_sha256,
            "user_name": session.user,
            "created_at": session.created_at,
            "expires_at": session.expires_at,
        }

        def work(connection: Connection) -> None:
            connection.execute(DROP_EXPIRED, {"created_at": session.created_at})
            connection.execute(OPEN, row)
            connection.execute(CAME, row)

        self._engine.write(work)

    def signed_in(self, tokens_sha256: Sequence[str]) -> Mapping[str, SignedInPerson]:
        """Sessions by the hashes of their secrets, each with its person; expired ones too."""
        where = among("t.token_sha256", tokens_sha256)
        sql = statement(SIGNED_IN, where.sql, "ORDER BY t.token_sha256, g.place")
        with self._engine.view() as connection:
            rows = connection.execute(sql, where.params).fetchall()
        return {token: _signed_in(list(own)) for token, own in groupby(rows, key=itemgetter(0))}

    def close_session(self, token_sha256: str) -> None:
        """End a session; whoever goes lets go of the plots held."""

        def work(connection: Connection) -> None:
            connection.execute(LET_GO, {"token_sha256": token_sha256})
            connection.execute(CLOSE, {"token_sha256": token_sha256})

        self._engine.write(work)

    def close_sessions(self, user: str) -> None:
        """End all sessions of a person."""
        run(self._engine, CLOSE_ALL, {"user_name": user})

    def failed(self, who: str, at: str, since: str) -> None:
        """Note a failed sign-in for an account or an address; those before ``since`` go."""

        def work(connection: Connection) -> None:
            connection.execute(DROP_FAILURES, {"since": since})
            connection.execute(FAILED, {"who": who, "at": at})

        self._engine.write(work)

    def failures(self, who: str, since: str) -> list[str]:
        """When sign-ins of an account or address failed since an instant."""
        with self._engine.view() as connection:
            return [at for (at,) in connection.execute(FAILURES, {"who": who, "since": since})]

    def every_failure(self, since: str) -> Mapping[str, list[str]]:
        """The same for everybody whose sign-ins failed."""
        with self._engine.view() as connection:
            rows = connection.execute(EVERY_FAILURE, {"since": since}).fetchall()
        return {who: [at for _, at in own] for who, own in groupby(rows, key=itemgetter(0))}

    def forgive(self, who: str, noted: NewEntry) -> None:
        """Forget the failed sign-ins of an account or address."""

        def work(connection: Connection) -> None:
            connection.execute(FORGIVE, {"who": who})
            note(connection, noted)

        self._engine.write(work)


def _put(connection: Connection, person: Person) -> None:
    row = {
        "user_name": person.user,
        "name": person.name,
        "unit": person.unit,
        "password_hash": person.password_hash,
        "disabled": int(person.disabled),
        "email": person.email,
        "lang": person.lang,
        "must_change": int(person.must_change),
    }
    connection.execute(PUT, row)
    connection.execute(DROP_GRANTS, row)
    connection.executemany(
        ADD_GRANT,
        [
            {
                "user_name": person.user,
                "place": n,
                "role": grant.role.value,
                "area": grant.area,
                "batches": dump(grant.batches),
            }
            for n, grant in enumerate(person.grants)
        ],
    )


def _signed_in(rows: list[Row]) -> SignedInPerson:
    """A session from its rows, one for each grant of its person."""
    held = tuple(row[2:5] for row in rows if row[2] is not None)
    return SignedInPerson(_as_read(rows[0][5:], held), rows[0][1])


@lru_cache(maxsize=1024)
def _as_read(known: Row, held: tuple[Row, ...]) -> Person:
    """A person from all that the store says now: what it says again need not be put together."""
    return _person(known, tuple(_grant(*grant) for grant in held))


def _grant(role: str, area: str, batches: str) -> Grant:
    return Grant(Role(role), area, tuple(parse(batches)))


def _person_of(connection: Connection, row: Row) -> Person:
    grants = connection.execute(GRANTS, {"user_name": row[0]})
    return _person(row, tuple(_grant(*grant) for grant in grants))


def _person(row: Row, held: tuple[Grant, ...]) -> Person:
    """A person from the columns ``KNOWN``."""
    user, name, unit, password_hash, disabled, email, lang, must_change, last_sign_in = row
    return Person(
        user, name, unit, password_hash, bool(disabled), held,
        email, lang, bool(must_change), last_sign_in,
    )  # fmt: skip
