"""A file from outside becomes rows and a report; nothing here writes to the store.

The readers run inside the sandbox: callers name them as ``READ_PLOTS``, ``READ_LAYER``, ``LOOK``,
``LOOK_LAYER``, ``LOOK_SHAPES``, ``READ_RESULTS``, ``PHOTOS_IN`` and ``FILL``.
"""

from georeview.ingest.choice import EVERY_LAYER
from georeview.ingest.options import ReadOptions
from georeview.ingest.parts import beside, called, whole_files
from georeview.ingest.proposals import Profile, Proposal
from georeview.ingest.report import Flag, ReadReport, SetAside
from georeview.ingest.rows import (
    NO_PLOTS,
    LayerFeature,
    LayerRead,
    PlotRow,
    PlotRows,
    TextRow,
    TextRows,
    Walked,
)
from georeview.ingest.seen import Look, Placing, Question, question
from georeview.ingest.sheet import Filled, Piece, ResultSheet, Unfit, is_photo

READ_PLOTS = "georeview.ingest.plots:read_plots"
READ_LAYER = "georeview.ingest.layers:read_layer"
LAYERS_IN = "georeview.ingest.formats:layers"
LOOK = "georeview.ingest.look:look"
LOOK_LAYER = "georeview.ingest.layer_look:look_layer"
READ_RESULTS = "georeview.ingest.results:read_results"
PHOTOS_IN = "georeview.ingest.results:photos"
FILL = "georeview.ingest.returning:fill"
LOOK_SHAPES = "georeview.ingest.look:shapes"

__all__ = [
    "EVERY_LAYER",
    "FILL",
    "LAYERS_IN",
    "LOOK",
    "LOOK_LAYER",
    "LOOK_SHAPES",
    "NO_PLOTS",
    "PHOTOS_IN",
    "READ_LAYER",
    "READ_PLOTS",
    "READ_RESULTS",
    "Filled",
    "Flag",
    "LayerFeature",
    "LayerRead",
    "Look",
    "Piece",
    "Placing",
    "PlotRow",
    "PlotRows",
    "Profile",
    "Proposal",
    "Question",
    "ReadOptions",
    "ReadReport",
    "ResultSheet",
    "SetAside",
    "TextRow",
    "TextRows",
    "Unfit",
    "Walked",
    "beside",
    "called",
    "is_photo",
    "question",
    "whole_files",
]
