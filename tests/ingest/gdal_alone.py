"""GDAL asked to open a file as it is, as a reader without our sniffing would."""

from pathlib import Path


def read(path: Path, _secret: Path) -> str:
    """What it says; the second path is readable on purpose."""
    import pyogrio
    from pyogrio.errors import DataSourceError

    try:
        return str(pyogrio.raw.read(str(path))[3])
    except DataSourceError:
        return "refused"
