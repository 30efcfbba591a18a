"""Blocks of a drawing: what they hold that may be a plot, put where they are inserted.

A block may hold blocks that hold blocks, and itself. What is inside one is worked out once, in the
block's own coordinates; one that would grow without end is not placed at all.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.geometry.assemble import assembled
from georeview.ingest.raw import Cell, Chunk, Geometries

MOST: Final = 20_000
"""Shapes and texts in one block with all blocks in it."""

MOST_PLACED: Final = 200_000
"""Shapes and texts of all blocks together, as often as they are inserted."""

OF_THE_INSERT: Final = "0"
"""Layer of a block's entities that means the layer of whatever inserts it."""

_ASKED_FOR = re.compile(r"AttributeDefinition", re.IGNORECASE)

Float64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Inside:
    """What is inside a block, n entities: closed shapes and texts.

    Attributes:
        geoms: Where they are (n,), in the block's coordinates or, once placed, the drawing's.
        handles: How each is called, with the blocks it lies in.
        layers: Layer of each.
        kinds: What each is in the drawing's own words.
        texts: Text of each, ``None`` of a shape.
    """

    geoms: Geometries
    handles: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    texts: tuple[str | None, ...] = ()

    def only(self, *, texts: bool) -> "Inside":
        """Its texts alone, or its shapes."""
        some = [i for i, text in enumerate(self.texts) if (text is not None) == texts]
        columns = (self.handles, self.layers, self.kinds, self.texts)
        return Inside(self.geoms[some], *(tuple(cells[i] for i in some) for cells in columns))  # type: ignore[arg-type]

    def placed(self, insert: "Insert") -> "Inside":
        """The same where a reference puts it."""
        moved = shapely.transform(self.geoms, lambda xy: xy @ insert.turn.T + insert.at)
        layers = (insert.layer if layer == OF_THE_INSERT else layer for layer in self.layers)
        handles = tuple(f"{insert.handle}/{handle}" for handle in self.handles)
        return Inside(moved, handles, tuple(layers), self.kinds, self.texts)


@dataclass(frozen=True, slots=True)
class Insert:
    """A reference to a block.

    Attributes:
        block: Which.
        handle: How the reference is called.
        layer: Its layer.
        at: Where the block's origin comes to lie (2,).
        turn: Scale, rotation and mirroring (2, 2).
    """

    block: str
    handle: str
    layer: str
    at: Float64
    turn: Float64


class Blocks:
    """The blocks of a drawing.

    Args:
        rows: All entities of all blocks, each with the block it belongs to in the column ``Block``.
    """

    def __init__(self, rows: Chunk | None) -> None:
        self._rows = rows
        self._of: dict[str, list[int]] = {}
        for place, name in enumerate(rows.columns["Block"] if rows else ()):
            self._of.setdefault(str(name), []).append(place)
        self._known: dict[str, Inside | None] = {}
        self._left = MOST_PLACED

    def placed(self, insert: Insert) -> Inside | None:
        """What a reference puts into the drawing; ``None`` where it is nothing, or too much."""
        inside = self._inside(insert.block)
        if inside is None or len(inside.geoms) > self._left:
            return None
        self._left -= len(inside.geoms)
        return inside.placed(insert)

    def _inside(self, name: str) -> Inside | None:
        if name not in self._known:
            self._known[name] = None  # what a block holds of itself is nothing
            self._known[name] = self._gathered(name)
        return self._known[name]

    def _gathered(self, name: str) -> Inside | None:
        rows, places = self._rows, self._of.get(name)
        if rows is None or not places:
            return None
        found = [_own(rows, np.asarray(places))]
        size = len(found[0].geoms)
        for place in places:
            insert = insert_of(rows, place) if is_insert(rows, place) else None
            inner = self._inside(insert.block) if insert else None
            if insert is None or inner is None:
                continue
            size += len(inner.geoms)
            if size > MOST:
                return None
            found.append(inner.placed(insert))
        return _together(found)


@dataclass(frozen=True, slots=True)
class Resolved:
    """The entities of a drawing with what its blocks put there.

    Attributes:
        rows: The entities; each reference is replaced by the closed shapes of its block, or stays
            where there are none.
        placed: Which rows came out of blocks (n,).
        inserts: How many references there are.
        texts: Texts that came out of blocks.
    """

    rows: Chunk
    placed: NDArray[np.bool_]
    inserts: int
    texts: Inside


def resolved(rows: Chunk, known: Blocks) -> Resolved:
    """All entities of a drawing with what its blocks put there."""
    inserts = [row for row in range(rows.n) if is_insert(rows, row)]
    shapes: dict[int, Inside] = {}
    texts: list[Inside] = []
    for row in inserts:
        insert = insert_of(rows, row)
        inside = known.placed(insert) if insert else None
        if inside is not None:
            texts.append(inside.only(texts=True))
            own = inside.only(texts=False)
            if len(own.geoms):
                shapes[row] = own
    sizes = [len(shapes[row].geoms) if row in shapes else 1 for row in range(rows.n)]
    order = np.repeat(np.arange(rows.n), sizes).tolist()
    columns = {header: [cells[row] for row in order] for header, cells in rows.columns.items()}
    columns |= _beside(rows, order, inserts)
    geoms = rows.geoms[order]
    placed = np.zeros(len(order), dtype=bool)
    starts = np.concatenate([[0], np.cumsum(sizes)]).tolist()
    for row, own in shapes.items():
        part = slice(starts[row], starts[row + 1])
        geoms[part], placed[part] = own.geoms, True
        said = {"EntityHandle": own.handles, "Layer": own.layers, "SubClasses": own.kinds}
        for header, cells in said.items():
            columns.setdefault(header, [None] * len(order))[part] = cells
    refused = {starts[row - 1] + 1: code for row, code in rows.refused.items()}
    whole = Chunk(1, columns, geoms, refused=refused)
    return Resolved(whole, placed, len(inserts), _together(texts))


def _beside(rows: Chunk, order: Sequence[int], inserts: Sequence[int]) -> dict[str, list[Cell]]:
    """What is written beside references, a column for each tag."""
    of = {row: attributes(rows, row) for row in inserts}
    tags = dict.fromkeys(tag for own in of.values() for tag in own)
    return {
        tag: [of.get(row, {}).get(tag) for row in order] for tag in tags if tag not in rows.columns
    }


def _own(rows: Chunk, places: NDArray[np.int64]) -> Inside:
    """The closed shapes and the texts among the entities of one block."""
    areas = np.isin(shapely.get_type_id(assembled(rows.geoms[places]).geoms), (3, 6))
    texts, kinds = ([_cell(rows, name, i) for i in places] for name in ("Text", "SubClasses"))
    some = [
        i
        for i, kind in enumerate(kinds)
        # What an attribute is to be before it is filled in says nothing.
        if areas[i] or (texts[i] and not _ASKED_FOR.search(kind or ""))
    ]
    own = places[some]
    return Inside(
        shapely.force_2d(rows.geoms[own]),
        tuple(_cell(rows, "EntityHandle", place) or f"#{place}" for place in own),
        tuple(_cell(rows, "Layer", place) or OF_THE_INSERT for place in own),
        tuple(kinds[i] or "" for i in some),
        tuple(None if areas[i] else texts[i] for i in some),
    )


def is_insert(rows: Chunk, place: int) -> bool:
    """Whether an entity refers to a block."""
    return _cell(rows, "BlockName", place) is not None


def insert_of(rows: Chunk, place: int) -> Insert | None:
    """A reference to a block; ``None`` for one that does not lie flat in the drawing."""
    scale, normal = (
        _numbers(_cell(rows, name, place)) for name in ("BlockScale", "BlockOCSNormal")
    )
    angle, at = (
        _number(rows.columns["BlockAngle"][place]),
        shapely.get_coordinates(rows.geoms[place]),
    )
    flat = len(normal) == 3 and normal[:2] == [0.0, 0.0] and abs(normal[2]) == 1.0
    if (
        not flat
        or len(scale) != 3
        or len(at) != 1
        or not np.isfinite([*scale, angle, *at[0]]).all()
    ):
        return None
    turn = np.radians(angle)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    mirror = np.diag([normal[2], 1.0])  # seen from below, east is west
    return Insert(
        block=_cell(rows, "BlockName", place) or "",
        handle=_cell(rows, "EntityHandle", place) or f"#{place + 1}",
        layer=_cell(rows, "Layer", place) or OF_THE_INSERT,
        at=at[0],
        turn=mirror @ rotation @ np.diag(scale[:2]),
    )


def _together(parts: Sequence[Inside]) -> Inside:
    return Inside(
        np.concatenate([np.empty(0, dtype=object), *(part.geoms for part in parts)]),
        tuple(handle for part in parts for handle in part.handles),
        tuple(layer for part in parts for layer in part.layers),
        tuple(kind for part in parts for kind in part.kinds),
        tuple(text for part in parts for text in part.texts),
    )


def attributes(rows: Chunk, place: int) -> dict[str, str]:
    """What is written beside a reference: tag → text."""
    found = _json(_cell(rows, "BlockAttributes", place))
    parts = (str(one).partition(" ") for one in found) if isinstance(found, list) else ()
    return {tag: text for tag, _, text in parts if tag and text.strip()}


def _numbers(written: str | None) -> list[float]:
    found = _json(written)
    return [float(n) for n in found] if isinstance(found, list) and all(isinstance(n, int | float) for n in found) else []  # fmt: skip


def _json(written: str | None) -> object:
    try:
        found: object = json.loads(written or "null")
    except ValueError:
        return None
    return found


def _number(cell: Cell) -> float:
    return float(cell) if isinstance(cell, int | float) else np.nan


def _cell(rows: Chunk, header: str, place: int) -> str | None:
    cells = rows.columns.get(header)
    found = None if cells is None else cells[place]
    return None if found is None else str(found)
