"""All of the store over one database, whichever that is."""

from georeview.errors import StoreBroken
from georeview.meter import UNHEARD, Meter
from georeview.settings import Settings
from georeview.storage import migrate, ports
from georeview.storage.engine import Connection, Engine
from georeview.storage.evidence import EvidenceRecords
from georeview.storage.exports import ExportRecords
from georeview.storage.facts import FactRecords
from georeview.storage.layers import LayerRecords
from georeview.storage.ledger import LedgerRecords
from georeview.storage.people import PeopleRecords
from georeview.storage.plots import PlotRecords
from georeview.storage.scenes import SceneRecords

PROBE = "UPDATE head SET probe = probe + 1 WHERE one = 1"
STORE_ID = "SELECT store_id FROM identity WHERE one = 1"


class DatabaseStore:
    """Every kind of record, kept by one engine.

    Args:
        engine: The database; brought to the present schema first, closed if that fails.

    Raises:
        Unavailable: The database cannot be migrated.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        try:
            migrate.migrate(engine)
        except BaseException:
            engine.close()
            raise
        self.ledger: ports.Ledger = LedgerRecords(engine, engine.submit)
        self.plots: ports.Plots = PlotRecords(engine)
        self.facts: ports.FactStore = FactRecords(engine)
        self.evidence: ports.EvidenceIndex = EvidenceRecords(engine)
        self.layers: ports.Layers = LayerRecords(engine)
        self.scenes: ports.Scenes = SceneRecords(engine)
        self.people: ports.People = PeopleRecords(engine)
        self.exports: ports.Exports = ExportRecords(engine)

    def store_id(self) -> str:
        """Which store this is: random, made once, never changed."""
        with self.engine.view() as connection:
            row = connection.execute(STORE_ID).fetchone()
        if row is None:
            raise StoreBroken(why="identity")
        return str(row[0])

    def ready(self) -> None:
        """Check that the store can be read and written and is fully migrated."""
        known = migrate.migrations(self.engine.dialect)

        def probe(connection: Connection) -> None:
            self.engine.check(connection)
            migrate.check(connection, known)
            connection.execute(PROBE)

        self.engine.write(probe)

    def close(self) -> None:
        """Finish what was accepted and let go of every handle."""
        self.engine.close()


def open_engine(settings: Settings, meter: Meter = UNHEARD) -> Engine:
    """The database that the settings name, as it is; nothing is migrated.

    Each driver is imported only where it is used: a server on one file never loads the other.

    Raises:
        StoreAddressUnread: The address is none of ours.
        Unavailable: It cannot be opened or is not safe to use.
    """
    if settings.store:
        from georeview.storage.postgis import PostgisEngine

        return PostgisEngine(settings.store, meter)
    from georeview.storage.sqlite import SqliteEngine

    return SqliteEngine(settings.database, meter)


def open_store(settings: Settings, meter: Meter = UNHEARD) -> DatabaseStore:
    """The store that the settings name, brought to the present schema.

    Raises:
        Unavailable: It cannot be opened or migrated, or is not safe to use.
    """
    return DatabaseStore(open_engine(settings, meter))
