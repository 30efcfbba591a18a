"""The facts of a batch as columns, and one plot's facts as the API and the store want them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from georeview.overlay.areas import Members
from georeview.overlay.edge import BANDS, EdgeFacts
from georeview.overlay.index import Prepared
from georeview.overlay.plots import Plots
from georeview.overlay.river import BANKS, RiverFacts

Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]

MULTI_SHARE = 0.01
MULTI_M2 = 10.0
"""A plot belongs to several counties when its second one has more than both of these."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One hint for one plot; it never sets anything.

    Attributes:
        code: FP or PR code it suggests, None where it has only words.
        key: Text key, ``hint.<key>``.
        facts: What the sentence needs.
    """

    code: str | None
    key: str
    facts: Mapping[str, str | float | None]


@dataclass(frozen=True, slots=True)
class AreaFacts:
    """Facts of one polygon layer, one entry a plot.

    Attributes:
        in_m2: Area inside the layer (n,), m²; nan for points.
        members: Features each plot lies in.
        touched: Plots that touch the layer (n,).
        edge: Facts against the boundary line; management areas only.
    """

    in_m2: Float64
    members: Members
    touched: Bool
    edge: EdgeFacts | None


def versions_text(versions: Mapping[str, str]) -> str:
    """Layer kind → version label, as one text: what a plot's facts rest on."""
    return ";".join(f"{kind}={version}" for kind, version in sorted(versions.items()))


@dataclass(frozen=True, slots=True)
class FactTable:
    """Facts of n plots, each traceable to the version of the layer it came from.

    Attributes:
        plots: The plots with their own measures.
        layers: Layers laid over, by kind.
        areas: Facts of polygon layers other than administrative ones, by kind.
        counties: Counties of each plot, None without such a layer.
        towns: Townships of each plot, None without such a layer.
        river: River facts, None without such a layer.
        hints: Suggestions for each plot, first hit first.
        computed_at: When.
    """

    plots: Plots
    layers: Mapping[str, Prepared]
    areas: Mapping[str, AreaFacts]
    counties: Members | None
    towns: Members | None
    river: RiverFacts | None
    hints: tuple[tuple[Suggestion, ...], ...]
    computed_at: datetime

    def __len__(self) -> int:
        return len(self.plots)

    def multi_county(self) -> Bool:
        """Plots (n,) of which more than one county has a real share."""
        if self.counties is None:
            return np.zeros(len(self), dtype=bool)
        share, m2 = self.counties.second()
        several: Bool = (share > MULTI_SHARE) & (m2 > MULTI_M2)
        return several

    def versions(self) -> str:
        """Every layer version laid over, as one text for comparing."""
        return versions_text({kind: layer.version for kind, layer in self.layers.items()})

    def scalars(self) -> list[dict[str, Any]]:
        """For each plot the values a store keeps as columns, named as the store names them.

        ``layers`` is one text that names every layer version laid over
        (``mgmt_area=v1;river=v1``); ``bbox`` stands beside for the store's box index.
        """
        return [scalars for scalars, _ in self.both()]

    def rows(self) -> list[dict[str, Any]]:
        """For each plot everything known, as JSON in the shape of the API's facts."""
        return [row for _, row in self.both()]

    def both(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """For each plot what ``scalars`` and ``rows`` say of it."""
        layers = self.versions()
        for n, own in enumerate(self._own()):
            row = self._row(n, own)
            yield self._scalars(n, row, layers), row

    def _own(self) -> Iterator[dict[str, Any]]:
        """For each plot what it is by itself, rounded for all of them together."""
        plots = self.plots
        columns = {
            "is_point": plots.is_point.tolist(),
            "area_m2": _column(plots.area_m2, _M2_DIGITS),
            "perimeter_m": _column(plots.perimeter_m, _M_DIGITS),
            "parts": plots.parts.tolist(),
            "point_on_surface": _columns(plots.surface, _DEGREE_DIGITS),
            "bbox": _columns(plots.bbox, _DEGREE_DIGITS),
            "multi_county": self.multi_county().tolist(),
        }
        return (
            dict(zip(columns, values, strict=True))
            for values in zip(*columns.values(), strict=True)
        )

    def _scalars(self, n: int, row: Mapping[str, Any], layers: str) -> dict[str, Any]:
        mgmt = row["overlay"].get("mgmt_area") or {}
        water = row["overlay"].get("water") or {}
        river, county, township = (row[name] or {} for name in ("river", "county", "township"))
        lon, lat = row["point_on_surface"]
        return {
            "plot_id": self.plots.ids[n],
            "computed_at": row["computed_at"],
            "layers": layers,
            "area_m2": row["area_m2"],
            "in_m2": mgmt.get("in_m2"),
            "in_share": mgmt.get("in_share"),
            "water_share": water.get("in_share"),
            "edge_m": mgmt.get("edge_m"),
            "band": mgmt.get("band", "unknown"),
            "river": river.get("name"),
            "river_code": river.get("code"),
            "river_m": river.get("distance_m"),
            "bank": river.get("bank"),
            "chainage_m": river.get("chainage_m"),
            "county": county.get("code"),
            "county_name": county.get("name"),
            "county_share": county.get("share"),
            "multi_county": row["multi_county"],
            "township": township.get("code"),
            "township_name": township.get("name"),
            "lon": lon,
            "lat": lat,
            "suggestion": next((hint.code for hint in self.hints[n] if hint.code), None),
            "bbox": row["bbox"],
        }

    def _row(self, n: int, own: Mapping[str, Any]) -> dict[str, Any]:
        return {
            **own,
            "overlay": {kind: self._area(kind, n) for kind in self.areas},
            "river": self._river(n),
            "county": self._admin("county", self.counties, n),
            "township": self._admin("town", self.towns, n),
            "hints": [
                {"code": hint.code, "key": hint.key, "facts": dict(hint.facts)}
                for hint in self.hints[n]
            ],
            "computed_at": self.computed_at.isoformat(),
        }

    def _area(self, kind: str, n: int) -> dict[str, Any] | None:
        facts = self.areas.get(kind)
        if facts is None:
            return None
        features = self._features(kind, facts.members, n)
        in_m2 = _m2(facts.in_m2[n])
        row: dict[str, Any] = {
            "in_m2": in_m2,
            "in_share": _share(facts.in_m2[n] / self.plots.area_m2[n]),
            "touches": bool(facts.touched[n]),
            "features": features,
            **self._source(kind),
        }
        if facts.edge is not None:
            row |= _edge(facts.edge, n)
            row |= self._basis(kind, facts.members, n)
        if kind == "shore_zone":
            row |= self._zones(features, facts, n)
        return row

    def _basis(self, kind: str, members: Members, n: int) -> dict[str, Any]:
        """What the boundary rests on; anything but an approved one is provisional."""
        own = members.feature[members.start[n] : members.start[n + 1]]
        stated = {str(self.layers[kind].props[f].get("basis") or "approved") for f in own}
        return {"basis": sorted(stated), "provisional": bool(stated - {"approved"})}

    def _zones(
        self, features: Sequence[Mapping[str, Any]], facts: AreaFacts, n: int
    ) -> dict[str, Any]:
        """Share of each shoreline zone, the main one, and what lies in none."""
        zones: dict[str, float] = {}
        for feature in features:
            zone = str(feature["zone"])
            zones[zone] = round(zones.get(zone, 0.0) + feature["share"], 6)
        main = max(zones, key=lambda zone: (zones[zone], zone), default=None)
        return {
            "zones": zones,
            "zone": main,
            "zone_share": zones[main] if main is not None else None,
            "outside_m2": _m2(self.plots.area_m2[n] - facts.in_m2[n]),
        }

    def _features(self, kind: str, members: Members, n: int) -> list[dict[str, Any]]:
        layer = self.layers[kind]
        found = []
        for place in range(members.start[n], members.start[n + 1]):
            feature = members.feature[place]
            row = {
                "code": layer.codes[feature],
                "name": layer.names[feature],
                "m2": _m2(members.m2[place]),
                "share": _share(members.share[place]),
            }
            if kind == "shore_zone":
                row["zone"] = layer.props[feature].get("zone")
            found.append(row)
        return found

    def _admin(self, kind: str, members: Members | None, n: int) -> dict[str, Any] | None:
        if members is None:
            return None
        shares = self._features(kind, members, n)
        if not shares:
            return None
        first = {key: shares[0][key] for key in ("code", "name", "share")}
        return {**first, "shares": shares, **self._source(kind)}

    def _river(self, n: int) -> dict[str, Any] | None:
        river = self.river
        if river is None or river.feature[n] < 0:
            return None
        layer = self.layers["river"]
        feature = river.feature[n]
        return {
            "name": layer.names[feature],
            "code": layer.codes[feature],
            "distance_m": _m(river.distance_m[n]),
            "bank": BANKS[river.bank[n]],
            "chainage_m": _m(river.chainage_m[n]),
            **self._source("river"),
        }

    def _source(self, kind: str) -> dict[str, str]:
        layer = self.layers[kind]
        return {
            "layer": layer.layer_id,
            "version": layer.version,
            "computed_at": self.computed_at.isoformat(),
        }


def _edge(edge: EdgeFacts, n: int) -> dict[str, Any]:
    return {
        "edge_m": _m(edge.edge_m[n]),
        "band": BANDS[edge.band[n]],
        "max_out_m": _m(edge.max_out_m[n]),
        "max_in_m": _m(edge.max_in_m[n]),
        "in_m2_min": _m2(edge.in_m2_min[n]),
        "in_m2_max": _m2(edge.in_m2_max[n]),
    }


def _rounder(digits: int) -> Callable[[float], float | None]:
    def rounded(value: float) -> float | None:
        return round(float(value), digits) + 0.0 if np.isfinite(value) else None

    return rounded


def _column(values: Float64, digits: int) -> list[float | None]:
    """Values (n,) as a column of rounded numbers, ``None`` where there is none."""
    rounded = (np.round(values, digits) + 0.0).astype(object)
    rounded[~np.isfinite(values)] = None
    column: list[float | None] = rounded.tolist()
    return column


def _columns(values: Float64, digits: int) -> list[list[float | None]]:
    """Values (n, m) as rows of rounded numbers."""
    return [list(row) for row in zip(*(_column(c, digits) for c in values.T), strict=True)]


_M_DIGITS, _M2_DIGITS, _SHARE_DIGITS, _DEGREE_DIGITS = 3, 3, 6, 9
_m, _m2, _share = _rounder(_M_DIGITS), _rounder(_M2_DIGITS), _rounder(_SHARE_DIGITS)
