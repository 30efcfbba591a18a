"""Where the shapes of a file would land: drawn, and held against counties and rivers.

Coordinate systems that fit the numbers equally well put the same shapes in different places. What
tells them apart for a person is what lies there: plots of this city stand along its rivers.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

import orjson
import shapely

from georeview.ingest import Look, Placing
from georeview.services.overlay import OverlayService
from georeview.services.told import Lines, Wish
from georeview.storage.ports import Json
from georeview.storage.ports.plots import Facts, NewPlot

PROBED = 200
"""Shapes of a placing that are laid over the layers, taken evenly."""

NEAR_M = 500.0
"""A plot no further from a river than this lies along it."""

DIGITS = 6
"""Of degrees in what is drawn: a tenth of a metre."""

Place = tuple[int, int]
"""Number of the part, number of its placing."""


def shapes_name(part: int, placing: int) -> str:
    """File of what is drawn of a placing."""
    return f"shapes-{part}-{placing}.json"


class Placings:
    """Candidates of coordinate systems, as a person judges them."""

    def __init__(self, overlay: OverlayService) -> None:
        self._overlay = overlay

    def draw(
        self, looks: Sequence[Look | None], lines: Lines, folder: Path
    ) -> list[list[dict[str, Any]]]:
        """Write the shapes of every placing into a folder; tell where they lie.

        Args:
            looks: What was seen of each part; ``None`` of one that could not be looked at.
            lines: What would become of the rows, where that has been tried.
            folder: Where the feature collections go.

        Returns:
            For each part, its placings in their order without their shapes; counties and river are
            looked up where somebody has to choose.
        """
        placings = _all(looks)
        unclear = {n for n, look in enumerate(looks) if look is not None and _asks(look)}
        facts = self._probed({at: placing for at, placing in placings.items() if at[0] in unclear})
        told: list[list[dict[str, Any]]] = [[] for _ in looks]
        for (n, k), placing in placings.items():
            about = _about(lines, n, set(placing.rows)) if placing.chosen else {}
            known = facts.get((n, k), {})
            collection = _collection(placing, about, known)
            (folder / shapes_name(n, k)).write_bytes(orjson.dumps(collection))
            told[n].append(_told(placing, list(known.values())))
        return told

    def told(self, looks: Sequence[Look | None]) -> list[list[dict[str, Any]]]:
        """The same without drawing; counties and river are looked up of every placing."""
        placings = _all(looks)
        facts = self._probed(placings)
        found: list[list[dict[str, Any]]] = [[] for _ in looks]
        for at, placing in placings.items():
            found[at[0]].append(_told(placing, list(facts[at].values())))
        return found

    def _probed(self, placings: Mapping[Place, Placing]) -> dict[Place, dict[int, Facts]]:
        """Facts of some rows of every placing: all are laid over in one go."""
        plots: list[NewPlot] = []
        owners: list[tuple[Place, int]] = []
        for place, placing in placings.items():
            step = max(1, len(placing.rows) // PROBED)
            rows, shapes = placing.rows[::step], placing.shapes[::step]
            sound = shapely.is_valid(shapely.from_wkb(list(shapes)))
            for row, wkb, whole in zip(rows, shapes, sound.tolist(), strict=True):
                if whole:
                    plots.append(_probe(row, wkb))
                    owners.append((place, row))
        found: dict[Place, dict[int, Facts]] = {place: {} for place in placings}
        for (place, row), facts in zip(owners, self._overlay.facts(plots), strict=True):
            found[place][row] = facts
        return found


def _all(looks: Sequence[Look | None]) -> dict[Place, Placing]:
    """Every placing of every part."""
    return {
        (n, k): placing
        for n, look in enumerate(looks)
        if look is not None
        for k, placing in enumerate(look.placings)
    }


def _asks(look: Look) -> bool:
    """Whether a person has to tell its places apart."""
    return any(asked.about == "crs" for asked in look.questions)


def _probe(row: int, wkb: bytes) -> NewPlot:
    """A plot of which nothing is known but its shape."""
    return NewPlot(
        plot_id=str(row),
        batch="",
        source_id="",
        row=row,
        wkb=wkb,
        source_wkb=b"",
        source_crs="",
        fields={},
        extra={},
        flags=[],
        bbox=(0.0, 0.0, 0.0, 0.0),
    )


def _told(placing: Placing, facts: Sequence[Facts]) -> dict[str, Any]:
    """A placing without its shapes, with the counties and the river that they lie at."""
    away = [fact.river_m for fact in facts if fact.river_m is not None]
    counties = Counter(fact.county_name for fact in facts if fact.county_name)
    return {
        "crs": placing.crs,
        "name": placing.name,
        "stated": placing.stated,
        "chosen": placing.chosen,
        "share": round(placing.share, 4),
        "because": [asdict(reason) for reason in placing.because],
        "bbox": placing.bbox,
        "shapes": len(placing.shapes),
        "probed": len(facts),
        "counties": [{"name": name, "n": n} for name, n in counties.most_common()],
        "river_m": round(median(away), 1) if away else None,
        "near_share": round(sum(m <= NEAR_M for m in away) / len(facts), 4) if facts else None,
    }


def _about(lines: Lines, part: int, rows: set[int]) -> dict[int, Json]:
    """What would become of some rows of a part."""
    return {line["row"]: line for _, line in lines.read(Wish(file=part)) if line["row"] in rows}


def _collection(
    placing: Placing, about: Mapping[int, Mapping[str, Any]], facts: Mapping[int, Facts]
) -> dict[str, Any]:
    shapes = shapely.from_wkb(list(placing.shapes))
    texts = shapely.to_geojson(shapely.transform(shapes, lambda xy: xy.round(DIGITS)))
    features = []
    for row, text in zip(placing.rows, texts, strict=True):
        line, fact = about.get(row, {}), facts.get(row)
        features.append(
            {
                "type": "Feature",
                "id": row,
                "geometry": orjson.Fragment(text),
                "properties": {
                    "row": row,
                    "source_id": line.get("source_id"),
                    "outcome": line["kinds"][0] if line else None,
                    "kinds": line.get("kinds", []),
                    "flags": [flag["code"] for flag in line.get("flags", [])],
                    "county": line.get("county") or (fact and fact.county_name),
                },
            }
        )
    return {"type": "FeatureCollection", "features": features}
