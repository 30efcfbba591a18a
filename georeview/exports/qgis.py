"""How a layer of plots is drawn in QGIS: the colours, symbols and dashes of the marks.

QGIS reads the style of a layer of a GeoPackage from a table ``layer_styles``, as a QML document.
"""

from collections.abc import Iterator
from html import escape
from typing import Any, Final

from georeview import texts
from georeview.core.palette import MARKS, MarkStyle

TABLE: Final = "layer_styles"
_MM: Final = 25.4 / 96
"""Of a pixel."""
_LINE_MM: Final = 0.6
_SYMBOL_MM: Final = 3.2


def qml(column: str, *, points: bool) -> str:
    """The style of a layer: one symbol for each mark.

    Args:
        column: Which column holds the mark.
        points: Whether the layer holds points, not areas.
    """
    categories = "".join(
        f'<category render="true" symbol="{style.code}" value="{style.mark}" '
        f'label="{escape(texts.say(f"map.mark.{style.mark}"))}"/>'
        for style in MARKS.values()
    )
    symbols = "".join(_symbol(style, points=points) for style in MARKS.values())
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        '<qgis version="3.22.0" styleCategories="Symbology">'
        f'<renderer-v2 type="categorizedSymbol" attr="{escape(column)}" enableorderby="0" '
        f'forceraster="0" symbollevels="0"><categories>{categories}</categories>'
        f"<symbols>{symbols}</symbols></renderer-v2>"
        f"<layerGeometryType>{0 if points else 2}</layerGeometryType></qgis>"
    )


def _symbol(style: MarkStyle, *, points: bool) -> str:
    kind, layer = ("marker", "SimpleMarker") if points else ("fill", "SimpleFill")
    held = _marker(style) if points else _fill(style)
    options = "".join(
        f'<Option type="QString" name="{name}" value="{value}"/>' for name, value in held.items()
    )
    return (
        f'<symbol type="{kind}" name="{style.code}" alpha="1" clip_to_extent="1">'
        f'<layer class="{layer}" enabled="1" locked="0" pass="0"><Option type="Map">{options}'
        "</Option></layer></symbol>"
    )


def _marker(style: MarkStyle) -> dict[str, str]:
    return {
        "name": style.symbol,
        "color": _rgba(style.fill, 1),
        "outline_color": _rgba(style.outline, 1),
        "size": str(_SYMBOL_MM),
        "size_unit": "MM",
    }


def _fill(style: MarkStyle) -> dict[str, str]:
    return {
        "color": _rgba(style.fill, style.wash),
        "style": "solid",
        "outline_color": _rgba(style.fill, 1),
        "outline_width": str(_LINE_MM),
        "outline_width_unit": "MM",
        "outline_style": "dash" if style.dash else "solid",
    }


def _rgba(colour: str, opacity: float) -> str:
    """``#RRGGBB`` as QGIS has it."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * opacity)}"


def batches(layers: dict[str, bool], geometry: str, column: str) -> tuple[Any, Iterator[Any]]:
    """The table: schema and rows, one for each layer (name → whether it holds points)."""
    import pyarrow as pa

    text = pa.string()
    held = pa.schema(
        [
            *((name, text) for name in ("f_table_catalog", "f_table_schema", "f_table_name")),
            ("f_geometry_column", text),
            *((name, text) for name in ("styleName", "styleQML", "styleSLD")),
            ("useAsDefault", pa.bool_()),
            *((name, text) for name in ("description", "owner", "ui")),
        ]
    )
    rows = [
        {
            "f_table_catalog": "",
            "f_table_schema": "",
            "f_table_name": layer,
            "f_geometry_column": geometry,
            "styleName": layer,
            "styleQML": qml(column, points=points),
            "useAsDefault": True,
        }
        for layer, points in layers.items()
    ]
    return held, iter([pa.RecordBatch.from_pylist(rows, schema=held)])
