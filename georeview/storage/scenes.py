"""Records of images; their files lie in ``imagery/<scene_id>/``."""

from dataclasses import fields

from georeview.core.rowtext import dump
from georeview.errors import NotFound
from georeview.storage.engine import Engine, Row, insert, listed, parse, run, statement
from georeview.storage.ports.layers import Scene

SCENE = tuple(field.name for field in fields(Scene))
ADD = insert("scene", SCENE)
SCENES = statement("SELECT", listed(SCENE), "FROM scene ORDER BY date, created_at, scene_id")
ONE = statement("SELECT", listed(SCENE), "FROM scene WHERE scene_id = :scene_id")


class SceneRecords:
    """The scenes over one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, scene: Scene) -> None:
        """Keep a scene's record."""
        row = {name: getattr(scene, name) for name in SCENE} | {"info": dump(scene.info)}
        run(self._engine, ADD, row)

    def all(self) -> list[Scene]:
        """Every scene by date, oldest first."""
        with self._engine.view() as connection:
            return [scene_of(row) for row in connection.execute(SCENES)]

    def get(self, scene_id: str) -> Scene:
        """One scene."""
        with self._engine.view() as connection:
            row = connection.execute(ONE, {"scene_id": scene_id}).fetchone()
        if row is None:
            raise NotFound(what=scene_id)
        return scene_of(row)


def scene_of(row: Row) -> Scene:
    """A scene from the columns of ``SCENE``."""
    values = dict(zip(SCENE, row, strict=True))
    return Scene(**values | {"info": parse(values["info"])})
