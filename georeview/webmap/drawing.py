"""The map as Folium draws it. Imported only in the child that ``page`` starts."""

from typing import cast

from branca.element import Figure
from folium import Map, TileLayer  # noqa: TID253 - nothing of the serving process imports this
from folium.template import Template, tojavascript  # noqa: TID253

from georeview.webmap.page import Extent, Parts

_EPOCHS = ("before", "after")
_MIN_ZOOM = 7
_MAX_ZOOM = 20


class PageMap(Map):
    """Folium's map without its foreign scripts, its inline styles and its zoom buttons.

    The class lists are replaced, never edited: Folium shares them among all maps of a process.
    There is no header: Folium's forbids zooming by touch and brings styles the CSP refuses.
    """

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - typed so by Folium
    default_css: list[tuple[str, str]] = []  # noqa: RUF012
    _template = Template(
        """
        {% macro html(this, kwargs) %}<div class="folium-map" id="{{ this.get_name() }}"></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        const {{ this.get_name() }} = L.map({{ this.get_name()|tojson }},
          {center: {{ this.location|tojson }}, crs: L.CRS.{{ this.crs }}, ...{{ this.written }} });
        {{ this.get_name() }}.attributionControl.setPrefix(false);
        {% endmacro %}"""
    )

    @property
    def written(self) -> str:
        """The options as a JavaScript object."""
        return str(tojavascript(self.options))


def draw(extent: Extent) -> Parts:
    """The map with both epochs of imagery, none shown yet, looking at an extent.

    Args:
        extent: West, south, east, north in degrees.
    """
    west, south, east, north = extent
    page_map = PageMap(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=None,
        zoom_start=9,
        zoom_control=False,
        fade_animation=False,
    )
    page_map.options.update(min_zoom=_MIN_ZOOM, max_zoom=_MAX_ZOOM)
    layers = {epoch: _imagery(epoch).add_to(page_map) for epoch in _EPOCHS}
    page_map.fit_bounds([[south, west], [north, east]])
    figure = cast("Figure", page_map.get_root())
    figure.render()
    tiles = ", ".join(f"{epoch}: {layer.get_name()}" for epoch, layer in layers.items())
    names = f"const folium = {{map: {page_map.get_name()}, tiles: {{{tiles}}}}};"
    return Parts(figure.html.render(), f"{figure.script.render()}\n{names}\n")


def _imagery(epoch: str) -> TileLayer:
    return TileLayer(
        f"/tiles/imagery/{epoch}/{{z}}/{{x}}/{{y}}.webp",
        name=epoch,
        attr=" ",  # Folium wants one; the page names the scene once it knows it
        max_zoom=_MAX_ZOOM,
        overlay=True,
        show=False,
    )
