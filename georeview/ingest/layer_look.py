"""What a file holds that is to become a version of a boundary layer, before anything is decided."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from georeview.core.layers import ADMINISTRATIVE, guess
from georeview.errors.files import LayerKindUnclear
from georeview.geometry.crs import CrsHints
from georeview.geometry.land import Land
from georeview.ingest import placing
from georeview.ingest.layers import CODES, NAMES, NOWHERE, column_of, layer_offset, shape_of
from georeview.ingest.look import first_rows, looked, seen_places, seen_rows
from georeview.ingest.options import ReadOptions
from georeview.ingest.raw import Raw
from georeview.ingest.sample import evenly, sampled
from georeview.ingest.seen import Look, asked


def look_layer(files: tuple[Path, ...], kind: str | None, options: ReadOptions, land: Land) -> Look:
    """Look at a file of a boundary layer; runs inside the sandbox.

    Args:
        files: The file and, for a shapefile, the parts beside it.
        kind: Kind of layer; ``None`` where that is to be told from its names.
        options: What a person has decided about it so far.
        land: Rivers and counties as other layers have them.

    Returns:
        What was seen. Where no kind is given or told, that is asked.

    Raises:
        GeoreviewError: The file cannot be taken, whatever would be decided.
    """
    return looked(files, options, partial(_described, files[0].stem, kind, options, land))


def _described(
    stem: str, given: str | None, options: ReadOptions, land: Land, raw: Raw, so_far: Look
) -> Look:
    sample, first = sampled(raw, evenly(raw.count), first_rows(raw))
    kind = given or guess((raw.layer or "", stem), shape_of(sample.geoms))
    unclear = () if kind else asked(LayerKindUnclear(field="kind", value=""))
    code, name = (column_of(raw.headers, meaning) for meaning in (CODES, NAMES))
    names = [None] * len(sample.rows) if name is None else sample.columns[name]
    beside = NOWHERE if kind in ADMINISTRATIVE or kind is None else land
    places = placing.placed(
        raw,
        sample,
        CrsHints(options.expected, land=beside),
        options,
        partial(layer_offset, sample.geoms, names, kind, land),
    )
    seen = seen_rows(raw, sample, first, so_far)
    meant = {code: "code", name: "name"}
    columns = tuple(replace(column, field=meant.get(column.header)) for column in seen.columns)
    return seen_places(replace(seen, kind=kind, columns=columns), places, unclear)
