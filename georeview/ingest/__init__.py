"""A file from outside becomes rows and a report; nothing here writes to the store.

``read_plots`` and ``read_layer`` run inside the sandbox: callers name them as
``READ_PLOTS`` and ``READ_LAYER``.
"""

from georeview.ingest.archive import beside, whole_files
from georeview.ingest.layers import LayerFeature, LayerRead
from georeview.ingest.plots import PlotRow, PlotsRead, ReadOptions, TextRow
from georeview.ingest.report import Flag, ReadReport, SetAside

READ_PLOTS = "georeview.ingest.plots:read_plots"
READ_LAYER = "georeview.ingest.layers:read_layer"

__all__ = [
    "READ_LAYER",
    "READ_PLOTS",
    "Flag",
    "LayerFeature",
    "LayerRead",
    "PlotRow",
    "PlotsRead",
    "ReadOptions",
    "ReadReport",
    "SetAside",
    "TextRow",
    "beside",
    "whole_files",
]
