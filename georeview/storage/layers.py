"""Boundary layers: every version is kept, none is ever changed."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from georeview.core.rowtext import dump
from georeview.errors import NotFound
from georeview.errors.files import LayerVersionTaken
from georeview.storage.engine import Connection, Engine, Row, insert, listed, parse, statement
from georeview.storage.ports.layers import LayerFeature, LayerVersion

_PLAIN = tuple(f.name for f in fields(LayerVersion) if f.name not in {"bbox", "current"})
LAYER = (*_PLAIN, "west", "south", "east", "north", "is_current")
FEATURE = ("layer_id", "wkb", "code", "name", "props")
SAME = """SELECT layer_id, sha256, name FROM layer
WHERE layer_id = :layer_id OR (kind = :kind AND version = :version)"""
RETIRE = "UPDATE layer SET is_current = 0 WHERE kind = :kind AND name = :name"
ADD = insert("layer", LAYER)
ADD_FEATURE = insert("layer_feature", FEATURE)
ALL = statement("SELECT", listed(LAYER), "FROM layer ORDER BY is_current DESC, number")
ONE = statement("SELECT", listed(LAYER), "FROM layer WHERE layer_id = :layer_id")
FEATURES = """SELECT wkb, code, name, props FROM layer_feature
WHERE layer_id = :layer_id ORDER BY number"""


class LayerRecords:
    """The layers over one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, layer: LayerVersion, features: Sequence[LayerFeature]) -> None:
        """Keep a new version, which becomes the current one of its kind and name.

        The same version with the same content again changes nothing.

        Raises:
            LayerVersionTaken: Another one of its kind has the version.
        """
        self._engine.write(lambda connection: _add(connection, layer, features))

    def all(self) -> list[LayerVersion]:
        """Every version of every layer, current ones first."""
        with self._engine.view() as connection:
            return [_layer_of(row) for row in connection.execute(ALL)]

    def get(self, layer_id: str) -> LayerVersion:
        """One version."""
        with self._engine.view() as connection:
            row = connection.execute(ONE, {"layer_id": layer_id}).fetchone()
        if row is None:
            raise NotFound(what=layer_id)
        return _layer_of(row)

    def features(self, layer_id: str) -> list[LayerFeature]:
        """All features of a version."""
        with self._engine.view() as connection:
            rows = connection.execute(FEATURES, {"layer_id": layer_id})
            return [LayerFeature(w, code, name, parse(props)) for w, code, name, props in rows]


def _add(connection: Connection, layer: LayerVersion, features: Sequence[LayerFeature]) -> None:
    row = _row(layer)
    same = connection.execute(SAME, row).fetchall()
    if any(known[:2] == (layer.layer_id, layer.sha256) for known in same):
        return
    for *_, name in same:
        raise LayerVersionTaken(field="version", value=layer.version, name=name)
    connection.execute(RETIRE, row)
    connection.execute(ADD, row)
    connection.executemany(
        ADD_FEATURE,
        (
            {
                "layer_id": layer.layer_id,
                "wkb": feature.wkb,
                "code": feature.code,
                "name": feature.name,
                "props": dump(feature.props),
            }
            for feature in features
        ),
    )


def _row(layer: LayerVersion) -> dict[str, Any]:
    row = {name: getattr(layer, name) for name in _PLAIN}
    sides = dict(zip(("west", "south", "east", "north"), layer.bbox, strict=True))
    return row | sides | {"is_current": 1}


def _layer_of(row: Row) -> LayerVersion:
    values = dict(zip(_PLAIN, row, strict=False))
    west, south, east, north, current = row[len(_PLAIN) :]
    return LayerVersion(**values, bbox=(west, south, east, north), current=bool(current))
