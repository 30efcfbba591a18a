"""What somebody with the file in hand could do to it."""

from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2 as sqlite3


def raw(database: Path) -> Any:
    """A connection without any of our guards; it commits by itself."""
    return sqlite3.connect(str(database), isolation_level=None, timeout=10)


def tamper(database: Path, *commands: str, **params: object) -> None:
    """Take the guards off and change the file."""
    connection = raw(database)
    for name in ("event_no_update", "event_no_delete", "event_in_order"):
        connection.execute(f"DROP TRIGGER IF EXISTS {name}")
    for command in commands:
        connection.execute(command, params)
    connection.close()


def commits(database: Path) -> int:
    """How many transactions the write-ahead log holds: frames that carry a database size."""
    log = Path(f"{database}-wal").read_bytes()
    page = int.from_bytes(log[8:12], "big")
    salts = log[16:24]
    frames = (log[at : at + 24] for at in range(32, len(log), 24 + page))
    return sum(f[8:16] == salts and int.from_bytes(f[4:8], "big") > 0 for f in frames)
