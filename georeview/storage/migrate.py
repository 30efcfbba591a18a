"""Bring a database to the present schema: numbered files, each run once, whole or not at all."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from importlib import resources
from importlib.resources.abc import Traversable

from georeview.errors.store import MigrationChanged, SchemaUnknown
from georeview.storage.engine import Connection, Dialect, Engine, run

TABLE = "migration"
CREATE = (
    "CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY NOT NULL, sha256 TEXT NOT NULL)"
)
DONE = "SELECT name, sha256 FROM migration ORDER BY name"
RECORD = "INSERT INTO migration (name, sha256) VALUES (:name, :sha256)"


@dataclass(frozen=True, slots=True)
class Migration:
    """One number: the shared file and then the dialect's own, with the types filled in."""

    name: str
    sha256: str
    script: str


def migrations(dialect: Dialect, folder: Traversable | None = None) -> list[Migration]:
    """Every migration of a dialect, in order.

    Args:
        dialect: Names the files beside and fills the placeholders.
        folder: Where the files lie; the package's own by default.
    """
    place = folder or resources.files(__package__).joinpath("migrations")
    texts = {item.name: item.read_text(encoding="utf-8") for item in place.iterdir()}
    names = sorted(n.removesuffix(".sql") for n in texts if n.count(".") == 1)
    return [_migration(name, texts, dialect) for name in names]


def _migration(name: str, texts: dict[str, str], dialect: Dialect) -> Migration:
    own = texts.get(f"{name}.{dialect.name}.sql", "")
    source = texts[f"{name}.sql"] + "\n" + own
    sha256 = hashlib.sha256(source.encode("utf-8")).hexdigest()
    return Migration(name, sha256, filled(source, dialect))


def filled(source: str, dialect: Dialect) -> str:
    """A shared script in the words of one database."""
    for placeholder, column in dialect.types.items():
        source = source.replace("{" + placeholder + "}", column)
    return re.sub(r"\w+", lambda word: dialect.words.get(word[0], word[0]), source)


def migrate(engine: Engine, folder: Traversable | None = None) -> bool:
    """Run what has not been run; where all has, nothing is written and nobody is waited for.

    Several processes may do so at once: each number is run by whoever has the store's lock first.

    Returns:
        Whether there was anything to run.

    Raises:
        MigrationChanged: A file differs from what was run here.
        SchemaUnknown: The database knows a migration that this version does not.
        Unavailable: A file failed; nothing of it was kept.
    """
    known = migrations(engine.dialect, folder)
    with engine.view() as connection:
        ran = done(connection, engine.dialect, known)
    if len(ran) == len(known):
        return False
    run(engine, filled(CREATE, engine.dialect), {})
    for migration in known:
        engine.write(partial(_run, migration))
    with engine.view() as connection:
        check(connection, engine.dialect, known)
    return True


def done(connection: Connection, dialect: Dialect, known: list[Migration]) -> list[str]:
    """The migrations that have been run, in order.

    Raises:
        MigrationChanged: A file differs from what was run here.
        SchemaUnknown: The database knows a migration that this version does not.
    """
    if all(table != TABLE for table, _ in connection.execute(dialect.columns)):
        return []
    ran: dict[str, str] = dict(connection.execute(DONE))
    expected = {migration.name: migration.sha256 for migration in known}
    for name, sha256 in ran.items():
        if name not in expected:
            raise SchemaUnknown(why=name)
        if sha256 != expected[name]:
            raise MigrationChanged(why=name)
    return list(ran)


def check(connection: Connection, dialect: Dialect, known: list[Migration]) -> None:
    """Refuse a database whose schema is not exactly the present one."""
    missing = {migration.name for migration in known} - {*done(connection, dialect, known)}
    if missing:
        raise MigrationChanged(why=min(missing))


def _run(migration: Migration, connection: Connection) -> None:
    """Run one migration, unless another process was faster."""
    ran: dict[str, str] = dict(connection.execute(DONE))
    if migration.name in ran:
        return
    for command in statements(migration.script):
        connection.execute(command)
    connection.execute(RECORD, {"name": migration.name, "sha256": migration.sha256})


def statements(script: str) -> Iterator[str]:
    """The statements of a script; the body of a trigger stays together.

    A statement ends with a semicolon at the end of a line that is not indented, which holds for
    every file of ours and needs no parser of SQL.
    """
    part: list[str] = []
    for line in script.splitlines():
        if not line.strip() or line.startswith("--"):
            continue
        part.append(line)
        if line.endswith(";") and not line.startswith(" "):
            yield "\n".join(part)
            part = []
    if part:
        yield "\n".join(part)
