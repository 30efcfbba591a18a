"""The pages one works in, each named once: what the bar and the menu of every page offer."""

from dataclasses import dataclass

from georeview.core.access import Action


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the tool.

    Attributes:
        path: Its address.
        name: Key of its name, ``place.<name>``.
        icon: Its picture in ``templates/sprite.html``.
        needs: The right without which it is not offered; the route itself asks for it as well.
    """

    path: str
    name: str
    icon: str
    needs: Action


PLACES = (
    Place("/", "map", "i-fit", Action.SEE),
    Place("/board", "board", "i-list", Action.SEE),
    Place("/league", "league", "i-league", Action.FIGURES),
    Place("/rivers", "rivers", "i-drop", Action.SEE),
    Place("/escalation", "escalation", "i-bell", Action.FIGURES),
    Place("/layers", "layers", "i-layers", Action.LAYER),
    Place("/import", "import", "i-import", Action.IMPORT),
    Place("/results", "results", "i-export", Action.MARK),
    Place("/permits", "permits", "i-file", Action.PERMITS),
    Place("/people", "people", "i-menu", Action.ACCESS_LOG),
)
