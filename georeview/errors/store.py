"""The store and the machine under it."""

from georeview.errors import Unavailable


class StoreUnsafe(Unavailable):
    """The database would not keep what it promises: ``why``."""

    code = "store_unsafe"


class StoreAddressUnread(Unavailable):
    """``GEOREVIEW_STORE`` is no address of a store; it is not repeated, for it holds a password."""

    code = "store_address_unread"


class PostgisMissing(Unavailable):
    """The database has no PostGIS and we may not add it: ``why``."""

    code = "postgis_missing"


class StoreBusy(Unavailable):
    """Somebody else held the store for too long: ``why``."""

    code = "store_busy"


class TooMuchAtOnce(Unavailable):
    """More is waiting to be written than is taken at a time; this was not."""

    code = "too_much_at_once"


class StoreConflict(Unavailable):
    """Another write came first and forbids this one; a new try sees it: ``why``."""

    code = "store_conflict"


class StoreReadOnly(Unavailable):
    """The store cannot be written: ``why``."""

    code = "store_read_only"


class StoreGone(Unavailable):
    """The store cannot be opened, or was closed: ``why``."""

    code = "store_gone"


class MachineShort(Unavailable):
    """The machine has no file handles, memory or disk left for this request: ``why``."""

    code = "machine_short"


class StoreBroken(Unavailable):
    """The store is damaged: ``why``."""

    code = "store_broken"


class DiskFull(Unavailable):
    """There is no room left: ``why``."""

    code = "disk_full"


class HomeOfAnother(Unavailable):
    """The home's files belong to another store: ``store`` and ``home`` begin their numbers."""

    code = "home_of_another"


class HomeEmpty(Unavailable):
    """The store has kept something and the home holds nothing: perhaps it is not mounted."""

    code = "home_empty"


class ClockBehind(Unavailable):
    """The server's clock stands before the ledger's last event: ``last`` is when that was."""

    code = "clock_behind"


class LiveFull(Unavailable):
    """As many pages listen to this process as may."""

    code = "live_full"


class Draining(Unavailable):
    """The process is about to stop; another one answers."""

    code = "draining"


class MigrationChanged(Unavailable):
    """A migration file is not what was run here: ``why`` names it."""

    code = "migration_changed"


class SchemaUnknown(Unavailable):
    """The store was written by a later version: ``why`` names its migration."""

    code = "schema_unknown"
