"""Signed heads that the store itself keeps; they are added and never changed."""

from dataclasses import astuple, fields

from georeview.core.heads import SignedHead
from georeview.errors.store import StoreBroken
from georeview.storage.engine import Connection, Engine, insert, listed, run, statement

SIGNED = tuple(field.name for field in fields(SignedHead))
ADD = insert("signed_head", SIGNED)
ALL = statement("SELECT", listed(SIGNED), "FROM signed_head ORDER BY number")
IDENTITY = "SELECT store_id FROM identity WHERE one = 1"


class HeadRecords:
    """The signed heads over one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, head: SignedHead) -> None:
        """Keep a signed head."""
        run(self._engine, ADD, dict(zip(SIGNED, astuple(head), strict=True)))

    def all(self) -> list[SignedHead]:
        """Every signed head, oldest first."""
        with self._engine.view() as connection:
            return signed_heads(connection)


def signed_heads(connection: Connection) -> list[SignedHead]:
    """Every signed head, oldest first."""
    return [SignedHead(*row) for row in connection.execute(ALL)]


def identity_of(connection: Connection) -> str:
    """Which store this is: random, made once, never changed."""
    row = connection.execute(IDENTITY).fetchone()
    if row is None:
        raise StoreBroken(why="identity")
    return str(row[0])
