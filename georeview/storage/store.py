"""All of the store over one database, whichever that is."""

from collections.abc import Callable
from contextlib import closing

from georeview.core.jobs import Claim
from georeview.meter import UNHEARD, Meter
from georeview.settings import Settings
from georeview.storage import migrate
from georeview.storage.access_keys import AccessKeyRecords
from georeview.storage.access_log import AccessLogRecords
from georeview.storage.around import AroundReader
from georeview.storage.calendar import CalendarRecords
from georeview.storage.clocks import put_right
from georeview.storage.deliveries import DeliveryRecords
from georeview.storage.engine import Connection, Engine
from georeview.storage.escalations import EscalationRecords
from georeview.storage.evidence import EvidenceRecords
from georeview.storage.expiry import ExpiryRecords
from georeview.storage.facts import FactRecords
from georeview.storage.feed import FeedRecords
from georeview.storage.fence import FencedEngine
from georeview.storage.figures import FigureRecords
from georeview.storage.heads import HeadRecords, identity_of
from georeview.storage.jobs import JobRecords
from georeview.storage.layers import LayerRecords
from georeview.storage.ledger import LedgerRecords
from georeview.storage.locks import LockRecords
from georeview.storage.mails import MailRecords
from georeview.storage.notices import NoticeRecords
from georeview.storage.people import PeopleRecords
from georeview.storage.permits import PermitRecords
from georeview.storage.personal import PersonalRecords
from georeview.storage.plots import PlotRecords
from georeview.storage.ports.deliveries import Deliveries
from georeview.storage.ports.escalations import Escalations
from georeview.storage.ports.evidence import EvidenceIndex
from georeview.storage.ports.figures import Calendars, Figures, Samples
from georeview.storage.ports.jobs import Jobs, Lease
from georeview.storage.ports.layers import Around, Layers, Scenes
from georeview.storage.ports.leases import Locks, Presence
from georeview.storage.ports.ledger import Feed, Heads, Ledger
from georeview.storage.ports.notices import Mails, Notices, Webhooks
from georeview.storage.ports.people import AccessKeys, AccessLog, People, Personal
from georeview.storage.ports.permits import Permits
from georeview.storage.ports.plots import FactStore, Plots
from georeview.storage.ports.registers import Registers
from georeview.storage.ports.sender_profiles import SenderProfiles
from georeview.storage.ports.store import Expiry
from georeview.storage.presence import PresenceRecords
from georeview.storage.registers import RegisterRecords
from georeview.storage.samples import SampleRecords
from georeview.storage.scenes import SceneRecords
from georeview.storage.sender_profiles import SenderProfileRecords
from georeview.storage.webhooks import WebhookRecords

PROBE = "UPDATE head SET probe = probe + 1 WHERE one = 1"


class DatabaseStore:
    """Every kind of record, kept by one engine.

    Args:
        engine: The database; brought to the present schema first, closed if that fails.
        migrated: Whether it has the present schema already.

    Raises:
        Unavailable: The database cannot be migrated.
    """

    def __init__(self, engine: Engine, *, migrated: bool = False) -> None:
        self.engine = engine
        # Read once: a server that is short of file handles must still be able to say so.
        self._known = migrate.migrations(engine.dialect)
        self._around = AroundReader()
        if not migrated:
            _migrate(engine)
        self.ledger: Ledger = LedgerRecords(engine, engine.submit)
        self.feed: Feed = FeedRecords(engine)
        self.heads: Heads = HeadRecords(engine)
        self.plots: Plots = PlotRecords(engine)
        self.locks: Locks = LockRecords(engine)
        self.presence: Presence = PresenceRecords(engine)
        self.deliveries: Deliveries = DeliveryRecords(engine)
        self.facts: FactStore = FactRecords(engine)
        self.evidence: EvidenceIndex = EvidenceRecords(engine)
        self.layers: Layers = LayerRecords(engine)
        self.scenes: Scenes = SceneRecords(engine)
        self.people: People = PeopleRecords(engine)
        self.personal: Personal = PersonalRecords(engine)
        self.access: AccessLog = AccessLogRecords(engine)
        self.keys: AccessKeys = AccessKeyRecords(engine)
        self.webhooks: Webhooks = WebhookRecords(engine)
        self.notices: Notices = NoticeRecords(engine)
        self.jobs: Jobs = JobRecords(engine)
        self.expiry: Expiry = ExpiryRecords(engine)
        self.figures: Figures = FigureRecords(engine)
        self.calendar: Calendars = CalendarRecords(engine)
        self.samples: Samples = SampleRecords(engine)
        self.sender_profiles: SenderProfiles = SenderProfileRecords(engine)
        self.registers: Registers = RegisterRecords(engine)
        self.permits: Permits = PermitRecords(engine)
        self.mails: Mails = MailRecords(engine)
        self.escalations: Escalations = EscalationRecords(engine)

    def fenced(self, claim: Claim, lease: Callable[[], Lease]) -> "DatabaseStore":
        """The same store for the work of one job: every write renews its lease in the same commit.

        Args:
            claim: The holder's.
            lease: Gives a lease from the present instant on.
        """
        return DatabaseStore(FencedEngine(self.engine, claim, lease), migrated=True)

    def around(self) -> Around:
        """What stands beside every plot."""
        with self.engine.view() as connection:
            return self._around.read(connection)

    def store_id(self) -> str:
        """Which store this is: random, made once, never changed."""
        with self.engine.view() as connection:
            return identity_of(connection)

    def ready(self) -> None:
        """Check that the store can be read and written and is fully migrated."""

        def probe(connection: Connection) -> None:
            self.engine.check(connection)
            migrate.check(connection, self.engine.dialect, self._known)
            connection.execute(PROBE)

        self.engine.write(probe)

    def close(self) -> None:
        """Finish what was accepted and let go of every handle."""
        self.engine.close()


def _migrate(engine: Engine) -> None:
    try:
        if migrate.migrate(engine):
            engine.write(put_right)
    except BaseException:
        engine.close()
        raise


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


def schema(settings: Settings) -> tuple[list[str], list[str]]:
    """The migrations that have been run on a store and those that have not; runs none.

    Raises:
        MigrationChanged: A file differs from what was run there.
        SchemaUnknown: The store is of a later version.
        Unavailable: It cannot be read.
    """
    with closing(open_engine(settings)) as engine:
        known = migrate.migrations(engine.dialect)
        ran: list[str] = []
        if settings.store or settings.database.exists():
            with engine.view() as connection:
                ran = migrate.done(connection, engine.dialect, known)
    return ran, [migration.name for migration in known if migration.name not in ran]
