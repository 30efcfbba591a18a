"""The facts of a batch as columns, and one plot's facts as the API and the store want them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from georeview.core.rowtext import cells, dump, objects
from georeview.overlay.areas import Members
from georeview.overlay.edge import BANDS, EdgeFacts
from georeview.overlay.index import Prepared
from georeview.overlay.lineage import Kin, group
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
        lineage: Earlier plots of the same place, or close to it, of each plot.
        hints: Suggestions for each plot, first hit first.
        computed_at: When.
    """

    plots: Plots
    layers: Mapping[str, Prepared]
    areas: Mapping[str, AreaFacts]
    counties: Members | None
    towns: Members | None
    river: RiverFacts | None
    lineage: tuple[tuple[Kin, ...], ...]
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

    def columns(self) -> dict[str, Sequence[Any]]:
        """What a store keeps of the plots (n), column by column, named as the store names them.

        ``layers`` is one text that names every layer version laid over
        (``mgmt_area=v1;river=v1``); ``detail`` is everything known of a plot, as JSON text in the
        shape of the API's facts.
        """
        n, plots = len(self), self.plots
        overlay = {kind: [self._area(kind, plot) for plot in range(n)] for kind in self.areas}
        river = [self._river(plot) for plot in range(n)] if self.river else None
        county, township = self._admin("county", self.counties), self._admin("town", self.towns)
        area, surface = _column(plots.area_m2, _M2_DIGITS), _columns(plots.surface, _DEGREE_DIGITS)
        several = self.multi_county()
        at = self.computed_at.isoformat()
        mgmt, water = overlay.get("mgmt_area"), overlay.get("water")
        detail = {
            "is_point": cells(plots.is_point.tolist()),
            "area_m2": cells(area),
            "perimeter_m": cells(_column(plots.perimeter_m, _M_DIGITS)),
            "parts": cells(plots.parts.tolist()),
            "point_on_surface": _lists(surface),
            "bbox": _lists(_columns(plots.bbox, _DEGREE_DIGITS)),
            "multi_county": cells(several.tolist()),
            "overlay": objects({kind: _texts(rows, n) for kind, rows in overlay.items()}, n),
            "river": _texts(river, n),
            "county": _texts(county, n),
            "township": _texts(township, n),
            "lineage": [dump([one.row() for one in kin]) if kin else "[]" for kin in self.lineage],
            "lineage_group": cells(list(map(group, self.lineage))),
            "hints": [_hints_text(hints) for hints in self.hints],
            "computed_at": [dump(at)] * n,
        }
        return {
            "plot_id": plots.ids,
            "computed_at": [at] * n,
            "layers": [self.versions()] * n,
            "area_m2": area,
            "in_m2": _said(mgmt, "in_m2", n),
            "in_share": _said(mgmt, "in_share", n),
            "water_share": _said(water, "in_share", n),
            "edge_m": _said(mgmt, "edge_m", n),
            "band": [band or "unknown" for band in _said(mgmt, "band", n)],
            "river": _said(river, "name", n),
            "river_code": _said(river, "code", n),
            "river_m": _said(river, "distance_m", n),
            "bank": _said(river, "bank", n),
            "chainage_m": _said(river, "chainage_m", n),
            "county": _said(county, "code", n),
            "county_name": _said(county, "name", n),
            "county_share": _said(county, "share", n),
            "multi_county": several.astype(int).tolist(),
            "township": _said(township, "code", n),
            "township_name": _said(township, "name", n),
            "lon": surface[0],
            "lat": surface[1],
            "suggestion": [
                next((hint.code for hint in hints if hint.code), None) for hints in self.hints
            ],
            "detail": objects(detail, n),
        }

    def _area(self, kind: str, n: int) -> dict[str, Any]:
        facts = self.areas[kind]
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

    def _admin(self, kind: str, members: Members | None) -> "_Rows | None":
        """Of each plot the unit that holds its largest share, and all of them."""
        if members is None:
            return None
        rows: _Rows = []
        for n in range(len(self)):
            shares = self._features(kind, members, n)
            first = {key: shares[0][key] for key in ("code", "name", "share")} if shares else {}
            rows.append({**first, "shares": shares, **self._source(kind)} if shares else None)
        return rows

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
    """Values (n, m) as m columns of rounded numbers."""
    return [_column(column, digits) for column in values.T]


_Rows = list[dict[str, Any] | None]
"""What is said of each plot; ``None`` where there is nothing."""


def _said(rows: Sequence[Mapping[str, Any] | None] | None, name: str, n: int) -> list[Any]:
    """One value of each row (n); without rows, nothing of any."""
    return [None] * n if rows is None else [row.get(name) if row else None for row in rows]


def _texts(rows: Sequence[object] | None, n: int) -> list[str]:
    """Rows (n) as JSON."""
    return ["null"] * n if rows is None else list(map(dump, rows))


def _lists(columns: Sequence[Sequence[object]]) -> list[str]:
    """Columns (m, n) as n lists, JSON."""
    template = f"[{','.join(['%s'] * len(columns))}]"
    return list(map(template.__mod__, zip(*map(cells, columns), strict=True)))


def _hints_text(hints: Sequence[Suggestion]) -> str:
    if not hints:
        return "[]"
    return dump([{"code": h.code, "key": h.key, "facts": dict(h.facts)} for h in hints])


_M_DIGITS, _M2_DIGITS, _SHARE_DIGITS, _DEGREE_DIGITS = 3, 3, 6, 9
_m, _m2, _share = _rounder(_M_DIGITS), _rounder(_M2_DIGITS), _rounder(_SHARE_DIGITS)
