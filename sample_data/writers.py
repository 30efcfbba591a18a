"""Files of the sample on disk: zips and GeoPackages whose bytes depend on their content only."""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import shapely

from .boundaries import Feature
from .shapefile import LINE, POLYGON, Column, pack, shape_of

_ZIP_DATE = (2023, 4, 10, 8, 0, 0)
_ISO_DATE = "2023-04-10T00:00:00.000Z"


def write_zip(path: Path, members: Mapping[str, bytes]) -> None:
    """A zip whose dates are fixed, members in the order given."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in members.items():
            entry = zipfile.ZipInfo(name, _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data, compresslevel=9)


def write_layer_zip(path: Path, features: Sequence[Feature]) -> None:
    """A layer as a zipped UTF-8 shapefile in EPSG:4490; names cut to 10 bytes as dBASE does."""
    first = features[0]
    line = first.shape.geom_type.endswith("LineString")
    rows = [{name[:10]: value for name, value in one.fields.items()} for one in features]
    members = pack(
        [shape_of(one.shape) for one in features],
        LINE if line else POLYGON,
        [_column(name[:10], [row[name[:10]] for row in rows]) for name in first.fields],
        rows,
        encoding="utf-8",
        epsg=4490,
        cpg=True,
    )
    write_zip(path, {f"{path.stem}.{kind}": data for kind, data in members.items()})


def _column(name: str, values: Sequence[object]) -> Column:
    if isinstance(values[0], float):
        return Column(name, "N", 16, 2)
    return Column(name, "C", max(1, *(len(str(value).encode()) for value in values)))


def write_gpkg(path: Path, layer: str, features: Sequence[Feature]) -> None:
    """A layer as a GeoPackage in EPSG:4490, full field names."""
    import geopandas

    frame = geopandas.GeoDataFrame(
        [dict(one.fields) for one in features],
        geometry=[_multi(one.shape) for one in features],
        crs="EPSG:4490",
    )
    with _fixed_date():
        path.unlink(missing_ok=True)
        frame.to_file(path, layer=layer, driver="GPKG", engine="pyogrio")


def write_table(path: Path, table: str, rows: Sequence[Mapping[str, object]]) -> None:
    """A GeoPackage that holds one table without geometry."""
    import pandas
    import pyogrio

    with _fixed_date():
        path.unlink(missing_ok=True)
        pyogrio.write_dataframe(pandas.DataFrame(rows), path, layer=table, driver="GPKG")


def _multi(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.MultiPolygon([shape]) if shape.geom_type == "Polygon" else shape


@contextmanager
def _fixed_date() -> Iterator[None]:
    """GDAL stamps GeoPackages with this date instead of now."""
    import pyogrio

    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _ISO_DATE})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
