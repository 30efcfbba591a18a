"""Files of several layers that GDAL opens: which layers there are, and the rows of one of them."""

from collections.abc import Mapping
from pathlib import Path

from georeview.ingest import arrow, choice
from georeview.ingest.archive import Source
from georeview.ingest.raw import Raw

_NOT_DATA = frozenset({"layer_styles", "data_licenses", "KNN", "knn2", "ElementaryGeometries"})
"""Tables that other software puts beside the data."""


def ranks(path: Path, file: str) -> Mapping[str, int]:
    """Layer → how likely it holds plots: with shapes, without, without rows (``choice.one_of``).

    Raises:
        FileBroken: GDAL cannot read it.
    """
    import pyogrio

    with arrow.reading(file):
        listed = {str(name): kind for name, kind in pyogrio.list_layers(str(path))}
        return {
            name: (1 if kind is None else 2) if _has_rows(path, name) else 0
            for name, kind in listed.items()
            if name not in _NOT_DATA
        }


def _has_rows(path: Path, layer: str) -> bool:
    from pyogrio.raw import read

    wanted = {"columns": [], "read_geometry": False, "return_fids": True, "max_features": 1}
    _, fids, _, _ = read(str(path), layer=layer, **wanted)
    return len(fids) > 0


def layers(path: Path, file: str) -> list[str]:
    """Layers that hold rows."""
    return [name for name, rank in ranks(path, file).items() if rank]


def read(source: Source, path: Path, layer: str | None, *, format: str) -> Raw:  # noqa: A002
    """The layer that is meant.

    Args:
        source: Where it came from.
        path: What GDAL opens.
        layer: What the user says.
        format: Name of the format.

    Raises:
        LayerUnclear: Several may be meant, or there is none of that name.
        NoRows: None holds a row.
        FileBroken: GDAL cannot read it.
    """
    chosen, notes = choice.one_of(ranks(path, source.name), layer, source.name)
    found = arrow.layer(path, chosen, source.name)
    return Raw(
        source=source,
        format=format,
        layer=chosen,
        headers=found.headers,
        count=found.count,
        chunks=found.chunks,
        crs=found.crs,
        encoding="utf-8",
        encoding_by="format",
        notes=notes,
    )
