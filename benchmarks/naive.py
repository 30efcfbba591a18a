"""The overlay as one writes it first: geopandas on whole features, no preparation of geometry."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.overlay.index import SNAP_DEGREES, LayerFeature

Columns = Mapping[str, NDArray[Any]]


class Naive:
    """Plain ``geopandas.overlay`` and ``sjoin_nearest`` in EPSG:4545.

    It answers fewer facts than the product (no reach of vertices, no interval of the inside area,
    no bank, no chainage) and measures in the plane, so its areas are compared as shares.
    """

    def __init__(self, layers: Mapping[str, Sequence[LayerFeature]], wkb: list[bytes]) -> None:
        import geopandas

        degrees = {
            kind: geopandas.GeoDataFrame(
                {"code": [row.code for row in rows]},
                geometry=shapely.from_wkb([row.wkb for row in rows]),
                crs=4490,
            )
            for kind, rows in layers.items()
        }
        self._layers = {kind: frame.to_crs(4545) for kind, frame in degrees.items()}
        boundary = degrees["mgmt_area"].union_all(grid_size=SNAP_DEGREES).boundary
        self._line = geopandas.GeoDataFrame(geometry=[boundary], crs=4490).to_crs(4545).explode()
        self._wkb = wkb

    def answer(self) -> Columns:
        """Facts of every plot, in order."""
        import geopandas

        plots = geopandas.GeoDataFrame(
            {"plot": np.arange(len(self._wkb))}, geometry=shapely.from_wkb(self._wkb), crs=4490
        ).to_crs(4545)
        own = plots.area.to_numpy()
        scale = 1 + (plots.centroid.x.to_numpy() - 500_000) ** 2 / (2 * 6_368_700.0**2)
        area_m2 = own / scale**2
        common = geopandas.overlay(plots, self._layers["mgmt_area"], how="intersection")
        inside = common.area.groupby(common["plot"]).sum().reindex(range(len(own)), fill_value=0)
        to_line = geopandas.sjoin_nearest(plots, self._line, distance_col="d")
        to_line = to_line.groupby("plot")["d"].min().to_numpy()
        river = geopandas.sjoin_nearest(plots, self._layers["river"], distance_col="d")
        river = river.sort_values(["plot", "d", "code"]).drop_duplicates("plot")
        return {
            "area_m2": area_m2,
            "in_m2": inside.to_numpy() / scale**2,
            "edge_m": np.where(inside.to_numpy() > 0, -to_line, to_line) / scale,
            "river": river["code"].to_numpy(dtype=object),
            "river_m": river["d"].to_numpy() / scale,
            "county": self._largest(plots, "county"),
            "town": self._largest(plots, "town"),
        }

    def _largest(self, plots: Any, kind: str) -> NDArray[Any]:
        import geopandas

        common = geopandas.overlay(plots, self._layers[kind], how="intersection")
        common["m2"] = common.area
        common = common.sort_values(["plot", "m2", "code"], ascending=[True, False, True])
        first = common.drop_duplicates("plot").set_index("plot")["code"]
        return np.asarray(first.reindex(range(len(plots))).to_numpy(dtype=object))
