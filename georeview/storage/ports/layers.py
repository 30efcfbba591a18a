"""Layers and images, and what stands beside every plot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from georeview.core.deadlines import OwnDays
from georeview.storage.ports import Json


@dataclass(frozen=True, slots=True)
class LayerVersion:
    """One immutable version of a layer.

    ``current`` is the newest of its kind and name, ``scale`` the 10,000 of 1:10,000, ``source`` who
    made it and ``file`` what it came in.
    """

    layer_id: str
    kind: str
    name: str
    version: str
    valid_from: str | None
    source: str
    sha256: str
    crs_original: str
    accuracy_m: float
    features: int
    bbox: tuple[float, float, float, float]
    created_at: str
    actor: str
    current: bool = True
    approval_no: str | None = None
    scale: int | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class LayerFeature:
    """One feature of a layer: geometry in EPSG:4490 and its fields."""

    wkb: bytes
    code: str | None
    name: str | None
    props: Json


@dataclass(frozen=True, slots=True)
class Scene:
    """One image: what it shows is in ``info``; its files lie in ``imagery/<scene_id>/``."""

    scene_id: str
    name: str
    role: str
    date: str
    sensor: str | None
    sha256: str
    info: Json
    created_at: str
    actor: str


@dataclass(frozen=True, slots=True)
class Around:
    """What stands beside every plot.

    Attributes:
        scenes: Scenes by date.
        places: Code → name of every county and township.
        own_days: Days on which people work other than the packaged calendar says, in order.
    """

    scenes: Sequence[Scene]
    places: Mapping[str, str]
    own_days: OwnDays = ()


class Layers(Protocol):
    """Boundary layers and their versions."""

    def add(self, layer: LayerVersion, features: Sequence[LayerFeature]) -> None:
        """Keep a new version, which becomes the current one of its kind and name.

        Raises:
            LayerVersionTaken: Another one of its kind has the version.
        """

    def all(self) -> list[LayerVersion]:
        """Every version of every layer, current ones first."""

    def get(self, layer_id: str) -> LayerVersion:
        """One version.

        Raises:
            NotFound: No such layer.
        """

    def features(self, layer_id: str) -> list[LayerFeature]:
        """All features of a version."""


class Scenes(Protocol):
    """Images."""

    def add(self, scene: Scene) -> None:
        """Keep a scene's record."""

    def all(self) -> list[Scene]:
        """Every scene by date, oldest first."""

    def get(self, scene_id: str) -> Scene:
        """One scene.

        Raises:
            NotFound: No such scene.
        """
