"""What stands beside every plot: scenes, names of counties and townships, the office's own days.

All change a few times a year and are asked for with every mark. Neither a scene nor a version of
a layer ever changes, and of a day only one thing is said, so one statement that tells which ones there are tells whether what is
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
    "UNION ALL SELECT 'day', day || CAST(working AS TEXT) FROM calendar_override",
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
        self._read: tuple[list[tuple[str, str]], Around] = ([], Around((), {}))

    def read(self, connection: Connection) -> Around:
        """What there is, as the connection sees it."""
        rows = connection.execute(PRESENT).fetchall()
        present = [(str(kind), str(name)) for kind, name in rows]
        known, around = self._read
        if present == known:
            return around
        scenes = [scene_of(row) for row in connection.execute(SCENES)]
        places = {code: name or code for code, name in connection.execute(PLACES)}
        own_days = tuple((name[:10], name[10:] == "1") for kind, name in present if kind == "day")
        around = Around(scenes, places, own_days)
        self._read = (present, around)
        return around
