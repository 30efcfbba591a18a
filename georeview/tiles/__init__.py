"""Plots and layers as vector tiles. Geometry and ids only: what a mark changes is in no tile."""
