"""What a person has decided about each file of an upload, and what is to be read because of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from georeview.ingest import ReadOptions, whole_files


@dataclass(frozen=True, slots=True)
class LayerChoice:
    """About one of several layers: what is not decided is as for the whole file.

    Attributes:
        crs: Its coordinate system, ``EPSG:n``.
        encoding: Encoding of its texts.
        mapping: Field → header.
        area_unit: Unit of stated areas.
    """

    crs: str | None = None
    encoding: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    area_unit: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """About one file; what is not decided is left to the evidence.

    Attributes:
        crs: Its coordinate system, ``EPSG:n``.
        encoding: Encoding of its texts.
        layers: Which layers of several; each is read like a file of its own.
        mapping: Field → header.
        area_unit: Unit of stated areas.
        skip: Leave the file out.
        each: Layer → what is decided about it alone.
    """

    crs: str | None = None
    encoding: str | None = None
    layers: tuple[str, ...] = ()
    mapping: Mapping[str, str] = field(default_factory=dict)
    area_unit: str | None = None
    skip: bool = False
    each: Mapping[str, LayerChoice] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return {**asdict(self), "layers": list(self.layers)}


@dataclass(frozen=True, slots=True)
class Part:
    """A file, or a layer of one, that is read by itself.

    Attributes:
        file: Name of the file, of a shapefile that of its ``.shp``.
        options: How it is read.
        skip: Whether it is left out.
    """

    file: str
    options: ReadOptions
    skip: bool = False


def main_names(options: Mapping[str, Any]) -> list[str]:
    """Names of the files of an upload; parts of a shapefile go under that of its ``.shp``."""
    return [path.name for path in whole_files(Path(file["name"]) for file in options["files"])]


def parts_of(options: Mapping[str, Any]) -> list[Part]:
    """What is read of an upload, in the order in which it was sent.

    Args:
        options: Of the job that looks through it or takes it in.
    """
    known, choices = options["read"], options.get("choices", {})
    read = ReadOptions(**known | {"expected": tuple(known["expected"])})
    return [part for name in main_names(options) for part in _parts(name, read, choices)]


def _parts(name: str, read: ReadOptions, choices: Mapping[str, Any]) -> list[Part]:
    given = choices.get(name)
    if given is None:
        return [Part(name, read)]
    each = {layer: LayerChoice(**own) for layer, own in given.get("each", {}).items()}
    choice = Choice(**given | {"layers": tuple(given["layers"]), "each": each})
    own = _decided(read, choice)
    return [
        Part(name, replace(_decided(own, each.get(layer or "")), layer=layer), choice.skip)
        for layer in choice.layers or (read.layer,)
    ]


def _decided(read: ReadOptions, choice: Choice | LayerChoice | None) -> ReadOptions:
    """What is known, with what is decided laid over it."""
    if choice is None:
        return read
    return replace(
        read,
        crs=choice.crs or read.crs,
        encoding=choice.encoding or read.encoding,
        mapping={**(read.mapping or {}), **choice.mapping},
        area_unit=choice.area_unit or read.area_unit,
    )
