"""``python -m benchmarks.export_peer FORMAT FOLDER``: what one writes first, in geopandas."""

import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas


def main(name: str, folder: Path) -> None:
    """One format from a GeoDataFrame that lies ready."""
    import pandas as pd

    frame = pd.read_pickle(folder / "frame.pickle")
    out = folder / "peer"
    if name == "shp":
        frame.columns = [*_short(frame.columns[:-1]), "geometry"]
        _zipped(frame, out)
    elif name == "geoparquet":
        frame.to_parquet(out.with_suffix(".parquet"))
    elif name == "xlsx":
        wkt = frame.geometry.to_wkt(rounding_precision=-1)
        pd.DataFrame(frame.drop(columns="geometry")).assign(wkt=wkt).to_excel(
            out.with_suffix(".xlsx"), index=False
        )
    else:
        path = out.with_suffix(f".{name}")
        path.unlink(missing_ok=True)
        frame.to_file(path)


def _short(names: list[str]) -> list[str]:
    """Ten characters each, all different, as a shapefile wants them."""
    return [f"{name[:7]}{n:03d}" for n, name in enumerate(names)]


def _zipped(frame: "geopandas.GeoDataFrame", out: Path) -> None:
    folder = out.with_name("peer_shp")
    folder.mkdir(exist_ok=True)
    frame.to_file(folder / "peer.shp", encoding="utf-8")
    with zipfile.ZipFile(out.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED, compresslevel=1) as z:
        for part in folder.iterdir():
            z.write(part, part.name)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
