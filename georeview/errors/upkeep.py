"""Keys, backups, moves and migrations."""

from georeview.errors import GeoreviewError, Malformed, RuleBroken, Unavailable


class HeadMalformed(Malformed):
    """This is no signed head: ``file``."""

    code = "head_malformed"


class KeyInside(RuleBroken):
    """The signing key lies in the home, beside what it swears to: ``file``."""

    code = "key_inside"


class KeyUnusable(Unavailable):
    """The signing key cannot be read or made: ``file why``."""

    code = "key_unusable"


class StoreNotEmpty(RuleBroken):
    """A store is only ever restored or carried into an empty one: ``what`` holds something."""

    code = "store_not_empty"


class HomeNotEmpty(RuleBroken):
    """A backup is only ever restored into an empty home: ``what`` lies there."""

    code = "home_not_empty"


class SameStore(RuleBroken):
    """Source and target are one and the same."""

    code = "same_store"


class TransferDiffers(GeoreviewError):
    """Something other arrived than what was sent: ``what sent arrived``."""

    code = "transfer_differs"


class StoreFlawed(GeoreviewError):
    """What was carried over does not hold against itself: ``flaw`` (a code), ``seq plot``."""

    code = "store_flawed"


class OutExists(RuleBroken):
    """There is a file of that name already: ``out``."""

    code = "out_exists"


class BackupBroken(Malformed):
    """A file is no backup of ours, or not whole: ``file what``."""

    code = "backup_broken"


class MigrationsPending(RuleBroken):
    """The store has not been brought to this version's schema: ``names``."""

    code = "migrations_pending"
