"""Kinds of boundary layers: what each is made of and how well it is usually known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Shape = Literal["polygon", "line", "any"]


@dataclass(frozen=True, slots=True)
class LayerKind:
    """One kind of layer.

    Attributes:
        name: Identifier, as in the command line and the API.
        shape: Geometry its features must have.
        zh: Chinese name.
        en: English name.
        accuracy_m: Typical accuracy of its lines in metres, stated where nothing better is known.
        style: Line style on the map (a key of ``palette.LINES``).
        drawn: Whether the map offers it.
        shown: Whether the map draws it before anybody asked for it.
        from_zoom: Map zoom from which it is drawn; further out it would be a tangle.
        ground: Drawn under the imagery, as what the map is made of where there is none.
        labelled: Whether the map writes its names.
        dissolved: Drawn as one area: where its features meet there is no line of any meaning.
        words: Parts of names, in lower case, by which a file of this kind is known.
    """

    name: str
    shape: Shape
    zh: str
    en: str
    accuracy_m: float
    style: str
    drawn: bool = True
    shown: bool = False
    from_zoom: int = 7
    ground: bool = False
    labelled: bool = False
    dissolved: bool = False
    words: tuple[str, ...] = ()


# In the order they are drawn: what comes later lies above.
_KINDS = (
    LayerKind(
        "water",
        "polygon",
        "水域",
        "water surface",
        5,
        "water",
        shown=True,
        ground=True,
        words=("水域", "水面", "water"),
    ),
    LayerKind(
        "river",
        "line",
        "河道中心线",
        "river centreline",
        20,
        "river",
        shown=True,
        ground=True,
        labelled=True,
        words=("中心线", "中泓", "河流", "river", "centreline", "centerline"),
    ),
    LayerKind(
        "town",
        "polygon",
        "乡镇界",
        "townships",
        50,
        "admin_thin",
        shown=True,
        from_zoom=10,
        labelled=True,
        words=("乡镇", "街道", "town"),
    ),
    LayerKind(
        "county",
        "polygon",
        "县(区)界",
        "counties",
        50,
        "admin",
        shown=True,
        labelled=True,
        words=("县界", "区县", "县区", "县(区)", "county"),
    ),
    LayerKind(
        "shore_zone",
        "polygon",
        "岸线功能区",
        "shoreline zones",
        10,
        "boundary_thin",
        from_zoom=11,
        words=("岸线", "功能区", "shore"),
    ),
    LayerKind(
        "protect_area",
        "polygon",
        "保护范围",
        "protection area",
        10,
        "boundary_thin",
        from_zoom=13,
        dissolved=True,
        words=("保护范围", "protect"),
    ),
    LayerKind(
        "mgmt_area",
        "polygon",
        "河湖管理范围",
        "management area",
        10,
        "boundary",
        shown=True,
        from_zoom=13,
        dissolved=True,
        words=("管理范围", "划界", "mgmt"),
    ),
    LayerKind(
        "dike",
        "line",
        "堤防",
        "dike",
        5,
        "works",
        shown=True,
        from_zoom=12,
        words=("堤防", "护岸", "dike", "levee"),
    ),
    LayerKind(
        "permit",
        "any",
        "涉河项目许可",
        "river works permits",
        50,
        "works",
        from_zoom=13,
        words=("许可", "涉河", "permit"),
    ),
    LayerKind(
        "known_problem",
        "any",
        "四乱台账",
        "known problems",
        50,
        "works",
        from_zoom=13,
        words=("四乱", "台账", "problem"),
    ),
)

KINDS: Mapping[str, LayerKind] = MappingProxyType({kind.name: kind for kind in _KINDS})

ADMINISTRATIVE = frozenset({"county", "town"})
"""Kinds that divide the land: their features are weighed one against another, never summed. All
others belong to rivers."""


def guess(names: Iterable[str], shape: Shape | None) -> str | None:
    """The one kind that a file's names speak of; ``None`` where they speak of none or of several.

    Args:
        names: What the file and its layer are called, the surest first.
        shape: What its features are; ``None`` where they are not all of one sort.
    """
    for name in names:
        found = {
            kind.name
            for kind in _KINDS
            if any(word in name.lower() for word in kind.words) and kind.shape in (shape, "any")
        }
        if len(found) == 1:
            return found.pop()
    return None
