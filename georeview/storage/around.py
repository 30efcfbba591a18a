"""What stands beside every plot: scenes, and the names of counties and townships.

Both change a few times a year and are asked for with every mark. Neither a scene nor a version of
a layer ever changes, so one statement that tells which ones there are tells whether what is
remembered still holds, whichever process added one.
"""

from georeview.storage.engine import Connection, statement
from georeview.storage.ports.layers import Around
from georeview.storage.scenes import SCENES, scene_of

_CURRENT = "FROM layer l WHERE l.is_current = 1 AND l.kind IN ('county', 'town')"
PRESENT = statement(
    "SELECT 'scene' AS kind, scene_id AS id FROM scene",
    "UNION ALL SELECT 'places', l.layer_id",
    _CURRENT,
    "ORDER BY kind, id",
)
PLACES = statement(
    "SELECT f.code, f.name FROM layer_feature f WHERE f.code IS NOT NULL AND f.layer_id IN",
    "(SELECT l.layer_id",
    _CURRENT,
    ") ORDER BY f.number",
)


class AroundReader:
    """Reads it over one database, anew only when there is something new."""

    def __init__(self) -> None:
        self._read: tuple[list[object], Around] = ([], Around((), {}))

    def read(self, connection: Connection) -> Around:
        """What there is, as the connection sees it."""
        present: list[object] = list(connection.execute(PRESENT).fetchall())
        known, around = self._read
        if present == known:
            return around
        scenes = [scene_of(row) for row in connection.execute(SCENES)]
        places = {code: name or code for code, name in connection.execute(PLACES)}
        around = Around(scenes, places)
        self._read = (present, around)
        return around
